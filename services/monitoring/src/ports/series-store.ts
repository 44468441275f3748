import type { Aggregate, Columns, Steps } from '../domain/aggregates.ts';
import type { SeriesRollups } from '../domain/rollup.ts';
import type { SampleBatch, SeriesKey } from '../domain/series.ts';

/** Which series are meant; an absent list means all. */
export interface SeriesFilter {
  readonly metrics: readonly string[];
  readonly resources?: readonly string[] | undefined;
}

/** A series with its newest sample. */
export interface StoredSeries {
  readonly series: SeriesKey;
  readonly newest: { readonly timeMs: number; readonly value: number } | undefined;
}

export interface SeriesSamples {
  readonly series: SeriesKey;
  /** Oldest first; of two samples with one time the later written counts. */
  readonly columns: Columns;
}

export interface SeriesWindow {
  readonly series: SeriesKey;
  /** One a step, null where the step has no sample. */
  readonly values: readonly (number | null)[];
}

/** How long what is kept, in ms back from now. */
export interface Retention {
  readonly samplesMs: number;
  readonly rollupsMs: number;
  /** Of rollups of a minute or more; default as the other rollups. */
  readonly minutesMs?: number;
}

/** How long rollups of a step are kept. */
export const rollupsKeptMs = ({ rollupsMs, minutesMs = rollupsMs }: Retention, stepMs: number) =>
  stepMs >= 60_000 ? minutesMs : rollupsMs;

/** What a store cannot do. */
export interface StoreLimits {
  /** A question about a longer time is refused; undefined: any time may be asked for. */
  readonly querySpanMs: number | undefined;
  /** The other limits, a sentence each. */
  readonly notes: readonly string[];
}

/** Keeps samples and gives windows of them. Times are whole milliseconds since the epoch; ranges are half open. */
export interface SeriesStore {
  /** Absent: none that is worth telling. */
  readonly limits?: StoreLimits;
  /** Kept once the promise resolves: a kill of the process loses nothing of it. Not a number is never stored. */
  append(batch: SampleBatch): Promise<void>;
  /** Samples of one metric or several, series by series, in the order of seriesText. */
  samples(filter: SeriesFilter, fromMs: number, toMs: number): AsyncIterable<SeriesSamples>;
  /** Series without a sample in the range are left out. */
  windows(filter: SeriesFilter, steps: Steps, aggregate: Aggregate): Promise<SeriesWindow[]>;
  /** Every series that there is. */
  series(): Promise<StoredSeries[]>;
  /** Replaces rollups of the same series, step and start. */
  appendRollups(stepMs: number, rows: readonly SeriesRollups[]): Promise<void>;
  rollups(
    filter: SeriesFilter,
    stepMs: number,
    fromMs: number,
    toMs: number,
  ): Promise<SeriesRollups[]>;
  /** Packs, seals and forgets what is past its retention. Called every few seconds. */
  maintain(nowMs: number, retention: Retention): Promise<void>;
  ping(): Promise<{ ok: boolean; detail: string | null }>;
  /** What is being packed meanwhile is left as it is: nothing is lost of it. */
  close(): Promise<void>;
}
