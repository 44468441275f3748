import type { Aggregate, Steps } from '../../domain/aggregates.ts';
import type { Retention, SeriesFilter } from '../../ports/series-store.ts';
import type { PackedBatch, PackedRollups, PackedSamples } from './packed-series.ts';

/** What the store's thread is started with. */
export interface StoreThreadData {
  readonly path: string;
}

interface Range {
  readonly filter: SeriesFilter;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Windows of series, each with a value or null a step. */
export interface PackedWindows {
  readonly series: Int32Array<ArrayBuffer>;
  readonly values: readonly (readonly (number | null)[])[];
}

/** What the store's thread is asked, and what it answers. */
export interface StoreCalls {
  append: { ask: PackedBatch; told: null };
  /** Begins to read samples; answers the reading's number. */
  read: { ask: Range; told: number };
  /** The next samples of a reading; null when it is over. */
  readOn: { ask: number; told: PackedSamples | null };
  /** Ends a reading that is not over. */
  leave: { ask: number; told: null };
  windows: {
    ask: { filter: SeriesFilter; steps: Steps; aggregate: Aggregate };
    told: PackedWindows;
  };
  series: { ask: null; told: PackedBatch };
  appendRollups: { ask: PackedRollups & { stepMs: number }; told: null };
  rollups: { ask: Range & { stepMs: number }; told: PackedRollups };
  maintain: { ask: { nowMs: number; retention: Retention }; told: null };
  ping: { ask: null; told: { ok: boolean; detail: string | null } };
  close: { ask: null; told: null };
}
