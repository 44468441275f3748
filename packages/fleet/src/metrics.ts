/** Canonical metrics that policies and alarm rules may name; a metric's unit is part of its name. */
export const canonicalMetrics = [
  'host.cpuPercent',
  'host.memPercent',
  'host.loadShort',
  'host.diskReadBytesPerSecond',
  'host.diskWriteBytesPerSecond',
  'host.netRxBytesPerSecond',
  'host.netTxBytesPerSecond',
  'server.cpuPercent',
  'server.memPercent',
  'chain.requestsPerSecond',
  'chain.responseTimeMs',
  'forecast.failureRisk',
] as const;

export type CanonicalMetric = (typeof canonicalMetrics)[number];
