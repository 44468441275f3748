import type { Records } from '@sidestep/service-kit';
import { rollUp, type SeriesRollups } from '../domain/rollup.ts';
import { isRawMetric } from '../domain/series.ts';
import type { SeriesStore } from '../ports/series-store.ts';
import type { SeriesCatalogue } from './series-catalogue.ts';

/** Step of the rollups that Monitoring makes itself: Prediction's tick. */
export const ROLLUP_STEP_MS = 10_000;

/** Step of the rollups that are kept longest. */
export const MINUTE_MS = 60_000;

const KIND = 'rollup';
const ID = String(ROLLUP_STEP_MS);
// Samples may arrive so much later than they were taken and still get into their rollup at once.
const GRACE_MS = 10_000;
// So much history is rolled up in one go at most; the next go takes the next stretch.
const MAX_STRETCH_MS = 3_600_000;

interface Progress {
  readonly rolledUpToMs: number;
}

/** Rolls canonical samples up, from where the last process got; samples written late move the start back. */
export class RollupMaker {
  readonly #store: SeriesStore;
  readonly #records: Records;
  readonly #catalogue: SeriesCatalogue;
  #rolledUpToMs: number | undefined;
  #version: number | 'absent' = 'absent';

  constructor(store: SeriesStore, records: Records, catalogue: SeriesCatalogue) {
    this.#store = store;
    this.#records = records;
    this.#catalogue = catalogue;
  }

  async load(nowMs: number): Promise<void> {
    const kept = await this.#records.get<Progress>(KIND, ID);
    this.#rolledUpToMs = kept?.value.rolledUpToMs ?? align(nowMs);
    this.#version = kept?.version ?? 'absent';
    if (kept === undefined) await this.#keep();
  }

  /** Until when the rollups are whole. */
  get rolledUpToMs(): number {
    return this.#rolledUpToMs ?? 0;
  }

  /** Samples as old as this were written: what was rolled up from there on is rolled up again. */
  writtenFrom(timeMs: number): void {
    if (this.#rolledUpToMs !== undefined && timeMs < this.#rolledUpToMs) {
      this.#rolledUpToMs = align(timeMs);
    }
  }

  /** Rolls up every step that has ended. */
  async run(nowMs: number): Promise<void> {
    const endMs = align(nowMs - GRACE_MS);
    for (;;) {
      const fromMs = this.#rolledUpToMs ?? endMs;
      const toMs = Math.min(endMs, fromMs + MAX_STRETCH_MS);
      if (toMs <= fromMs) return;
      await this.#stretch(ROLLUP_STEP_MS, fromMs, toMs);
      // Every minute that ended within the stretch, from its beginning on.
      await this.#stretch(MINUTE_MS, wholeMinute(fromMs), wholeMinute(toMs));
      // Somebody may have written older samples meanwhile.
      if (this.#rolledUpToMs === fromMs) this.#rolledUpToMs = toMs;
      await this.#keep();
    }
  }

  async #stretch(stepMs: number, fromMs: number, toMs: number): Promise<void> {
    if (toMs <= fromMs) return;
    const metrics = this.#catalogue.metrics().filter((metric) => !isRawMetric(metric));
    let rows: SeriesRollups[] = [];
    for await (const { series, columns } of this.#store.samples({ metrics }, fromMs, toMs)) {
      rows.push({ series, rollups: rollUp(columns, fromMs, toMs, stepMs) });
      if (rows.length >= 200) {
        await this.#store.appendRollups(stepMs, rows);
        rows = [];
      }
    }
    if (rows.length > 0) await this.#store.appendRollups(stepMs, rows);
  }

  async #keep(): Promise<void> {
    if (this.#rolledUpToMs === undefined) return;
    const value: Progress = { rolledUpToMs: this.#rolledUpToMs };
    await this.#records.commit([{ kind: KIND, id: ID, expected: this.#version, value }]);
    this.#version = this.#version === 'absent' ? 1 : this.#version + 1;
  }
}

const align = (timeMs: number): number => Math.floor(timeMs / ROLLUP_STEP_MS) * ROLLUP_STEP_MS;

const wholeMinute = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
