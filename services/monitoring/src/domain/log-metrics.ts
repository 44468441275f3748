/** What is measured of a host's logs, after `host.` or `server.`. */
export const logMetrics = [
  'logMessagesPerSecond',
  'logErrorsPerSecond',
  'logNewTemplatesPerSecond',
] as const;

export type LogMetric = (typeof logMetrics)[number];

/** Whether a metric is one of them: syslog bears no signature, anybody can send it for anybody. */
export const isLogMetric = (metric: string): boolean =>
  logMetrics.some((name) => metric === `host.${name}` || metric === `server.${name}`);
