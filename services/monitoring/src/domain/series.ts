/** What is measured of whom: the identity of a series. */
export interface SeriesKey {
  /** Compute host's name, server's UUID or port chain's id. */
  readonly resource: string;
  /** Canonical metric with its unit (`host.cpuPercent`), or `collectd.<name>` for a raw reading. */
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where whoever keeps this very object has it in a list: a hint to find by, no part of the identity. */
  readonly place?: number;
}

/** One measurement of a series. */
export interface Sample extends SeriesKey {
  readonly timeMs: number;
  readonly value: number;
}

/** Prefix of the metrics that hold collectd's raw readings; they are neither rolled up nor inputs of models. */
export const RAW_PREFIX = 'collectd.';

export const isRawMetric = (metric: string): boolean => metric.startsWith(RAW_PREFIX);

/** Whether a value that came from outside is labels. */
export const areLabels = (value: unknown): value is Readonly<Record<string, string>> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((label) => typeof label === 'string');

/** Metrics that Sidestep writes itself: they say nothing about what a resource sends. */
export const isOwnMetric = (metric: string): boolean =>
  /^(forecast|prediction|telemetry|expression)\./.test(metric);

/** Metrics that tell of what a resource sends, in canonical names: what its telemetry is judged by. */
export const isSentMetric = (metric: string): boolean =>
  !isRawMetric(metric) && !isOwnMetric(metric);

/** Labels in one spelling, whatever the order they were given in. */
export function labelsText(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels);
  if (names.length === 0) return '{}';
  return JSON.stringify(Object.fromEntries(names.sort().map((name) => [name, labels[name]])));
}

/** A text that is equal for equal series and for no others. */
export const seriesText = (key: SeriesKey): string =>
  `${key.metric}\0${key.resource}\0${labelsText(key.labels)}`;

/** Samples in columns, in the order they came: what travels to a store. */
export class SampleBatch {
  readonly series: SeriesKey[] = [];
  #timesMs: Float64Array;
  #values: Float64Array;

  constructor(capacity = 1024) {
    this.#timesMs = new Float64Array(capacity);
    this.#values = new Float64Array(capacity);
  }

  get length(): number {
    return this.series.length;
  }

  push(series: SeriesKey, timeMs: number, value: number): void {
    const at = this.series.push(series) - 1;
    if (at >= this.#values.length) this.#grow();
    this.#timesMs[at] = timeMs;
    this.#values[at] = value;
  }

  timeMs(at: number): number {
    return this.#timesMs[at] ?? 0;
  }

  value(at: number): number {
    return this.#values[at] ?? Number.NaN;
  }

  static of(samples: Iterable<Sample>): SampleBatch {
    const batch = new SampleBatch();
    for (const { timeMs, value, ...series } of samples) batch.push(series, timeMs, value);
    return batch;
  }

  #grow(): void {
    const timesMs = new Float64Array(this.#timesMs.length * 2);
    const values = new Float64Array(this.#values.length * 2);
    timesMs.set(this.#timesMs);
    values.set(this.#values);
    this.#timesMs = timesMs;
    this.#values = values;
  }
}
