/** What a canonical metric may be worth; beyond it the sender means another unit or is broken. */
export interface MetricBounds {
  readonly minimum: number;
  readonly maximum: number;
  /** A change between neighbouring samples beyond this is implausible; Infinity: any change may be true. */
  readonly maxJump: number;
  /** A long run of one and the same value is implausible: real readings of it always vary. */
  readonly varies: boolean;
  /** A share of so little, all the time, is a 0–1 ratio sent as a percentage. */
  readonly neverBelow: number;
}

const free: MetricBounds = {
  minimum: Number.NEGATIVE_INFINITY,
  maximum: Number.POSITIVE_INFINITY,
  maxJump: Number.POSITIVE_INFINITY,
  varies: false,
  neverBelow: Number.NEGATIVE_INFINITY,
};
// collectd's own bound of a percentage (types.db: 100.1).
const percent: MetricBounds = { ...free, minimum: 0, maximum: 100.1 };
// No host's links or disks carry a terabyte a second.
const bytesPerSecond: MetricBounds = { ...free, minimum: 0, maximum: 1e12 };

const exact: Readonly<Record<string, MetricBounds>> = {
  cpuPercent: { ...percent, varies: true },
  // A running system holds more than a hundredth of its memory, and does not lose or gain half of it in one interval.
  memPercent: { ...percent, maxJump: 50, neverBelow: 1 },
  loadShort: { ...free, minimum: 0, maximum: 5000 },
  failureRisk: { ...free, minimum: 0, maximum: 1 },
  diskTemperatureCelsius: { ...free, minimum: -60, maximum: 150, maxJump: 40 },
  fanRpm: { ...free, minimum: 0, maximum: 1e6 },
  powerWatts: { ...free, minimum: 0, maximum: 1e6 },
  cgroupCpuCores: { ...free, minimum: 0, maximum: 1e4 },
  pingMs: { ...free, minimum: 0, maximum: 600_000 },
  pingLossRatio: { ...free, minimum: 0, maximum: 1 },
  temperatureCelsius: { ...free, minimum: -60, maximum: 150, maxJump: 40 },
  responseTimeMs: { ...free, minimum: 0, maximum: 3_600_000 },
  logMessagesPerSecond: { ...free, minimum: 0, maximum: 1e7 },
  logErrorsPerSecond: { ...free, minimum: 0, maximum: 1e7 },
  logNewTemplatesPerSecond: { ...free, minimum: 0, maximum: 1e7 },
  requestsPerSecond: { ...free, minimum: 0, maximum: 1e9 },
};

/** The bounds of a canonical metric, by its last name: `host.cpuPercent` and `server.cpuPercent` have the same. */
export function boundsOf(metric: string): MetricBounds {
  const name = metric.slice(metric.lastIndexOf('.') + 1);
  const known = exact[name];
  if (known !== undefined) return known;
  if (name.endsWith('BytesPerSecond')) return bytesPerSecond;
  if (name.endsWith('Percent')) return percent;
  return free;
}
