import { type FleetSeries, sampleAt } from '../series.ts';

/** One metric of one host, missing samples carried forward, with running sums for windows of any length. */
export type MetricView = {
  readonly values: Float64Array;
  /** First tick with a sample; the number of ticks when there is none. */
  readonly start: number;
  /** `sums[t]` = sum of the values before tick t. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
};

/** The foreseen metric of one host, with its crossings of the threshold. */
export type TargetView = MetricView & {
  readonly thresholdPercent: number;
  /** Ticks since the newest real sample. */
  readonly age: Int32Array;
  /** `overCounts[t]` = ticks before t at or over the threshold. */
  readonly overCounts: Int32Array;
  /** Newest tick ≤ t at or over the threshold, −1 when none. */
  readonly lastOver: Int32Array;
  /** Ticks at which the threshold was crossed upwards, ascending. */
  readonly rises: Int32Array;
  /** `riseCounts[t]` = rises at or before tick t. */
  readonly riseCounts: Int32Array;
};

/** The foreseen metric over the whole fleet, per tick. */
export type FleetView = {
  readonly sums: Float64Array;
  readonly over: Float64Array;
  readonly max: Float64Array;
  readonly present: Int32Array;
};

/** A metric that is a percentage keeps its scale; a rate spans decades, so its logarithm is used. */
const scaleOf = (metric: string): ((value: number) => number) =>
  /percent$/i.test(metric) ? (value) => value : (value) => Math.log1p(Math.max(0, value));

/** Carries the newest known sample forward; only samples at or before a tick reach it. */
export const carriedForward = (
  read: (tick: number) => number,
  ticks: number,
): { values: Float64Array; age: Int32Array; start: number } => {
  const values = new Float64Array(ticks);
  const age = new Int32Array(ticks);
  let start = ticks;
  let last = 0;
  let since = 0;
  for (let tick = 0; tick < ticks; tick++) {
    const value = read(tick);
    since++;
    if (!Number.isNaN(value)) {
      if (start === ticks) start = tick;
      last = value;
      since = 0;
    }
    values[tick] = last;
    age[tick] = since;
  }
  return { values, age, start };
};

const runningSums = (values: Float64Array, start: number) => {
  const sums = new Float64Array(values.length + 1);
  const squares = new Float64Array(values.length + 1);
  let sum = 0;
  let square = 0;
  for (let tick = 0; tick < values.length; tick++) {
    const value = tick < start ? 0 : (values[tick] ?? 0);
    sum += value;
    square += value * value;
    sums[tick + 1] = sum;
    squares[tick + 1] = square;
  }
  return { sums, squares };
};

/** The view of one metric that is not the foreseen one. */
export const metricView = (series: FleetSeries, host: number, metric: number): MetricView => {
  const scale = scaleOf(series.metrics[metric] ?? '');
  const { values, start } = carriedForward(
    (tick) => scale(sampleAt(series, tick, host, metric)),
    series.ticks,
  );
  return { values, start, ...runningSums(values, start) };
};

/** The view of the foreseen metric from values that are already carried forward. */
export const targetView = (
  carried: { values: Float64Array; age: Int32Array; start: number },
  thresholdPercent: number,
): TargetView => {
  const { values, age, start } = carried;
  const ticks = values.length;
  const overCounts = new Int32Array(ticks + 1);
  const lastOver = new Int32Array(ticks);
  const riseCounts = new Int32Array(ticks);
  const rises: number[] = [];
  let newest = -1;
  for (let tick = 0; tick < ticks; tick++) {
    const over = tick >= start && (values[tick] ?? 0) >= thresholdPercent;
    const before = tick > start && (values[tick - 1] ?? 0) >= thresholdPercent;
    if (over) newest = tick;
    if (over && !before && tick > start) rises.push(tick);
    overCounts[tick + 1] = (overCounts[tick] ?? 0) + (over ? 1 : 0);
    lastOver[tick] = newest;
    riseCounts[tick] = rises.length;
  }
  return {
    values,
    age,
    start,
    thresholdPercent,
    ...runningSums(values, start),
    overCounts,
    lastOver,
    rises: Int32Array.from(rises),
    riseCounts,
  };
};

/** Per tick: how the foreseen metric stands over the fleet's hosts that have ever reported. */
export const fleetView = (targets: readonly TargetView[], ticks: number): FleetView => {
  const view = {
    sums: new Float64Array(ticks),
    over: new Float64Array(ticks),
    max: new Float64Array(ticks),
    present: new Int32Array(ticks),
  };
  for (const target of targets)
    for (let tick = target.start; tick < ticks; tick++) {
      const value = target.values[tick] ?? 0;
      view.sums[tick] = (view.sums[tick] ?? 0) + value;
      view.present[tick] = (view.present[tick] ?? 0) + 1;
      if (value >= target.thresholdPercent) view.over[tick] = (view.over[tick] ?? 0) + 1;
      if (value > (view.max[tick] ?? 0)) view.max[tick] = value;
    }
  return view;
};

/** Mean of the last `width` values up to and with `tick`, over what exists of them. */
export const meanOver = (view: MetricView, tick: number, width: number): number => {
  const from = Math.max(view.start, tick - width + 1);
  return from > tick
    ? NaN
    : ((view.sums[tick + 1] ?? 0) - (view.sums[from] ?? 0)) / (tick + 1 - from);
};

/** Standard deviation of the last `width` values up to and with `tick`. */
export const deviationOver = (view: MetricView, tick: number, width: number): number => {
  const from = Math.max(view.start, tick - width + 1);
  if (from > tick) return NaN;
  const count = tick + 1 - from;
  const mean = ((view.sums[tick + 1] ?? 0) - (view.sums[from] ?? 0)) / count;
  const square = ((view.squares[tick + 1] ?? 0) - (view.squares[from] ?? 0)) / count;
  return Math.sqrt(Math.max(0, square - mean * mean));
};

/** Largest value of the ticks `[from, to]`, NaN when the view has none of them. */
export const maxBetween = (view: MetricView, from: number, to: number): number => {
  const first = Math.max(view.start, from);
  let max = -Infinity;
  for (let tick = first; tick <= to; tick++) {
    const value = view.values[tick] ?? 0;
    if (value > max) max = value;
  }
  return max === -Infinity ? NaN : max;
};
