/** A fleet's samples on one time grid: `values[(tick × hosts + host) × metrics + metric]`, NaN = missing. */
export type FleetSeries = {
  readonly hosts: readonly string[];
  /** Canonical metric names, e.g. `host.cpuPercent`. */
  readonly metrics: readonly string[];
  /** Distance of two ticks in milliseconds. */
  readonly tickMs: number;
  /** Unix time of tick 0 in milliseconds. */
  readonly firstTickAtMs: number;
  readonly ticks: number;
  readonly values: Float32Array | Float64Array;
};

/** A `FleetSeries` that holds only the newest ticks, enough for one scoring. */
export type FleetWindow = FleetSeries;

/** The canonical name of a whole host's CPU use, 0–100. */
export const hostCpuPercent = 'host.cpuPercent';

/** A series of the given shape in which every sample is missing. */
export const emptySeries = (shape: {
  hosts: readonly string[];
  metrics: readonly string[];
  tickMs: number;
  firstTickAtMs: number;
  ticks: number;
}): FleetSeries & { values: Float32Array } => ({
  ...shape,
  values: new Float32Array(shape.ticks * shape.hosts.length * shape.metrics.length).fill(NaN),
});

/** Where a sample lies in `values`. */
export const sampleIndex = (
  series: FleetSeries,
  tick: number,
  host: number,
  metric: number,
): number => (tick * series.hosts.length + host) * series.metrics.length + metric;

/** The sample at a tick, NaN when missing. */
export const sampleAt = (series: FleetSeries, tick: number, host: number, metric: number): number =>
  series.values[sampleIndex(series, tick, host, metric)] ?? NaN;

/** The ticks `[from, to)` of a series as a series of its own (the samples are shared, not copied). */
export const sliceTicks = (series: FleetSeries, from: number, to: number): FleetSeries => {
  const first = Math.max(0, Math.min(from, series.ticks));
  const last = Math.max(first, Math.min(to, series.ticks));
  const perTick = series.hosts.length * series.metrics.length;
  return {
    ...series,
    firstTickAtMs: series.firstTickAtMs + first * series.tickMs,
    ticks: last - first,
    values: series.values.subarray(first * perTick, last * perTick),
  };
};

/** The stretch of time and the hosts that a series is of. */
export const dataRangeOf = ({ firstTickAtMs, tickMs, ticks, hosts }: FleetSeries) => ({
  fromMs: firstTickAtMs,
  toMs: firstTickAtMs + (ticks - 1) * tickMs,
  ticks,
  hosts: hosts.length,
});

/** What is wrong with a series' shape, or `ok`. */
export const checkSeries = (
  series: FleetSeries,
): { kind: 'ok' } | { kind: 'malformed'; reason: string } => {
  const expected = series.ticks * series.hosts.length * series.metrics.length;
  if (!Number.isInteger(series.ticks) || series.ticks < 0)
    return { kind: 'malformed', reason: `ticks is ${series.ticks}` };
  if (!(series.tickMs > 0)) return { kind: 'malformed', reason: `tickMs is ${series.tickMs}` };
  if (series.values.length !== expected)
    return {
      kind: 'malformed',
      reason: `${series.values.length} values where ticks × hosts × metrics is ${expected}`,
    };
  return { kind: 'ok' };
};

/** A host's incidents as a series: 100 while one lasts, 0 while none does. What is foreseen of it is that one begins. */
export const incidentMetric = 'incident.active';

/** Whether only the begin of a state is foreseen of a metric: while it lasts there is nothing to foresee. */
export const onlyBeginsOf = (metric: string): boolean => metric === incidentMetric;

/** How often a metric rose over a threshold, over all hosts. */
export const countRises = (series: FleetSeries, metric: number, threshold: number): number => {
  let rises = 0;
  for (let tick = 1; tick < series.ticks; tick++)
    for (let host = 0; host < series.hosts.length; host++)
      if (
        sampleAt(series, tick, host, metric) >= threshold &&
        sampleAt(series, tick - 1, host, metric) < threshold
      )
        rises++;
  return rises;
};
