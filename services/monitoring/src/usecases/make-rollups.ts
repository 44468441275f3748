import { setTimeout as delay } from 'node:timers/promises';
import type { Records } from '@sidestep/service-kit';
import { rollUp, type SeriesRollups } from '../domain/rollup.ts';
import { isRawMetric, type SampleBatch, seriesText } from '../domain/series.ts';
import type { SeriesFilter, SeriesStore } from '../ports/series-store.ts';
import { LateSamples, type LateStretch } from './late-samples.ts';
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
const MAX_LATE_STRETCH_MS = 86_400_000;
// Samples that are late by less, as an agent's that sends every few seconds, move the start of the next go back for all series.
const LATE_TOGETHER_MS = 60_000;
// What was on its way when a process ended may lie so far before what it had rolled up.
const AGAIN_AT_START_MS = 120_000;
/** Series of a slice; between slices others have their turn. */
const SLICE_SERIES = 200;
/** Rollups that a slice is written at, so that a long stretch is held in memory a few series at a time. */
export const SLICE_ROLLUPS = 20_000;

/**
 * How often rollups are made. What is newer is read from the samples themselves; in one go a series' rollups of a minute
 * lie together, and a large fleet's cost a sixth of what they do step by step.
 */
export const ROLLUPS_EVERY_MS = 60_000;

interface Progress {
  readonly rolledUpToMs: number;
  /** Samples of before, as early as this, are stored and not rolled up yet. */
  readonly lateFromMs?: number;
}

/** The process ends: what is not rolled up yet is the next one's. */
class LeftToTheNext extends Error {
  override readonly name = 'LeftToTheNext';
}

/**
 * Rolls canonical samples up, from where the last process got; what is stored after its time was rolled up, is rolled up again:
 * history that is written, a sender whose clock is behind, what waited while the store was away.
 */
export class RollupMaker {
  readonly #store: SeriesStore;
  readonly #records: Records;
  readonly #catalogue: SeriesCatalogue;
  /** What is older is forgotten before anybody reads it. */
  readonly #keptMs: number;
  readonly #late = new LateSamples();
  /** Late stretches that are being rolled up: not whole before they are done. */
  #underWay: LateStretch[] = [];
  #rolledUpToMs: number | undefined;
  /** Up to here an earlier process had rolled up already. */
  #knownToMs = 0;
  /** The oldest sample that was written since the stretch under way began. */
  #writtenFromMs = Number.POSITIVE_INFINITY;
  #version: number | 'absent' = 'absent';
  #kept: Progress | undefined;
  #keeping: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor(
    store: SeriesStore,
    records: Records,
    catalogue: SeriesCatalogue,
    keptMs = Number.POSITIVE_INFINITY,
  ) {
    this.#store = store;
    this.#records = records;
    this.#catalogue = catalogue;
    this.#keptMs = keptMs;
  }

  async load(nowMs: number): Promise<void> {
    const kept = await this.#records.get<Progress>(KIND, ID);
    this.#version = kept?.version ?? 'absent';
    this.#kept = kept?.value;
    if (kept === undefined) {
      this.#rolledUpToMs = align(nowMs);
      await this.save();
      return;
    }
    const { rolledUpToMs, lateFromMs = rolledUpToMs } = kept.value;
    this.#knownToMs = rolledUpToMs;
    const againMs = againFrom(rolledUpToMs, lateFromMs);
    this.#rolledUpToMs = align(Math.max(againMs, nowMs - this.#keptMs));
  }

  /** Until when the rollups are whole. */
  get rolledUpToMs(): number {
    return Math.min(this.#rolledUpToMs ?? 0, this.#lateFromMs);
  }

  get #lateFromMs(): number {
    return this.#underWay.reduce(
      (earliestMs, { fromMs }) => Math.min(earliestMs, fromMs),
      this.#late.earliestMs,
    );
  }

  /** Told of each batch that is stored: what of it lies before the rolled up is rolled up again. */
  stored(batch: SampleBatch): void {
    const headMs = this.#rolledUpToMs;
    if (headMs === undefined) return;
    const togetherMs = headMs - LATE_TOGETHER_MS;
    let earliestMs = Number.POSITIVE_INFINITY;
    for (let at = 0; at < batch.length; at += 1) {
      const timeMs = batch.timeMs(at);
      if (timeMs < earliestMs && timeMs >= togetherMs) earliestMs = timeMs;
    }
    if (earliestMs < headMs) this.#rolledUpToMs = align(earliestMs);
    this.#writtenFromMs = Math.min(this.#writtenFromMs, earliestMs);
    this.#late.note(batch, headMs - this.#keptMs, togetherMs);
  }

  /** Rolls up every step that has ended, then what came late; no further than the slice at which `end` is called. */
  async run(nowMs: number): Promise<void> {
    try {
      await this.#run(nowMs);
    } catch (error) {
      if (!(error instanceof LeftToTheNext)) throw error;
    }
  }

  /** Leaves what is not rolled up yet to the next process: a large fleet's takes longer than an end may. */
  end(): void {
    this.#hasEnded = true;
  }

  async #run(nowMs: number): Promise<void> {
    const endMs = align(nowMs - GRACE_MS);
    for (;;) {
      const fromMs = this.#rolledUpToMs ?? endMs;
      const toMs = Math.min(endMs, fromMs + MAX_STRETCH_MS);
      if (toMs <= fromMs) break;
      this.#writtenFromMs = Number.POSITIVE_INFINITY;
      const filter = { metrics: this.#catalogue.metrics().filter((name) => !isRawMetric(name)) };
      const turn = wholeMinute(fromMs) < this.#knownToMs ? 'again' : 'first';
      await this.#stretch(ROLLUP_STEP_MS, filter, fromMs, toMs, turn);
      // Every minute that ended within the stretch, from its beginning on.
      await this.#stretch(MINUTE_MS, filter, wholeMinute(fromMs), wholeMinute(toMs), turn);
      // Somebody may have written older samples meanwhile, perhaps of a series that had been read already.
      const wholeToMs = Math.min(toMs, align(this.#writtenFromMs));
      this.#rolledUpToMs = wholeToMs;
      await this.save();
      // That is the next go's: who sends late all the time would keep this one busy.
      if (wholeToMs < toMs) break;
    }
    if (this.#late.isEmpty) return;
    await this.#rollUpLate();
    await this.save();
  }

  async #rollUpLate(): Promise<void> {
    const stretches = this.#late.take();
    this.#underWay = stretches;
    try {
      for (let next = stretches[0]; next !== undefined; next = stretches[0]) {
        await this.#lateStretch(next);
        stretches.shift();
      }
    } catch (error) {
      for (const rest of stretches) this.#late.putBack(rest);
      throw error;
    } finally {
      this.#underWay = [];
    }
  }

  async #lateStretch({ filter, fromMs, toMs }: LateStretch): Promise<void> {
    // A minute that has not ended yet, or was not reached, is the next go's.
    const reachedMs = wholeMinute(this.#rolledUpToMs ?? 0);
    const endMs = align(toMs) + ROLLUP_STEP_MS;
    for (let at = wholeMinute(fromMs); at < endMs; at += MAX_LATE_STRETCH_MS) {
      const until = Math.min(endMs, at + MAX_LATE_STRETCH_MS);
      const minutesEndMs = Math.min(wholeMinute(until + MINUTE_MS - 1), reachedMs);
      await this.#stretch(ROLLUP_STEP_MS, filter, at, until, 'again');
      await this.#stretch(MINUTE_MS, filter, at, minutesEndMs, 'again');
    }
  }

  async #stretch(
    stepMs: number,
    filter: SeriesFilter,
    fromMs: number,
    toMs: number,
    turn: 'first' | 'again',
  ): Promise<void> {
    if (toMs <= fromMs) return;
    let rows: SeriesRollups[] = [];
    let held = 0;
    let beganMs = performance.now();
    const write = async () => {
      if (this.#hasEnded) throw new LeftToTheNext();
      const kept = turn === 'first' ? rows : await this.#fuller(stepMs, rows, fromMs, toMs);
      await this.#store.appendRollups(stepMs, kept);
      rows = [];
      held = 0;
    };
    for await (const { series, columns } of this.#store.samples(filter, fromMs, toMs)) {
      const rollups = rollUp(columns, fromMs, toMs, stepMs);
      rows.push({ series, rollups });
      held += rollups.length;
      if (rows.length < SLICE_SERIES && held < SLICE_ROLLUPS) continue;
      await write();
      // As long a rest as the slice took: a fleet's rollups are no hurry, and the cores have work that cannot wait.
      await delay(performance.now() - beganMs);
      beganMs = performance.now();
    }
    if (rows.length > 0) await write();
  }

  /** Where samples are past their retention, the rollup that was made of more of them stays. */
  async #fuller(
    stepMs: number,
    rows: readonly SeriesRollups[],
    fromMs: number,
    toMs: number,
  ): Promise<SeriesRollups[]> {
    const kept: SeriesRollups[] = [];
    for (const [metric, made] of Map.groupBy(rows, ({ series }) => series.metric)) {
      const resources = [...new Set(made.map(({ series }) => series.resource))];
      const filter = { metrics: [metric], resources };
      const known = await this.#store.rollups(filter, stepMs, fromMs, toMs);
      const bySeries = new Map(known.map(({ series, rollups }) => [seriesText(series), rollups]));
      for (const { series, rollups } of made) {
        const counts = new Map(
          bySeries.get(seriesText(series))?.map(({ startMs, count }) => [startMs, count]),
        );
        const fuller = rollups.filter(({ startMs, count }) => count >= (counts.get(startMs) ?? 0));
        kept.push({ series, rollups: fuller });
      }
    }
    return kept;
  }

  /** The same where the next process would not look as far back as something late was stored. */
  async saveLate(): Promise<void> {
    const { rolledUpToMs = 0, lateFromMs = rolledUpToMs } = this.#kept ?? {};
    if (this.#lateFromMs < againFrom(rolledUpToMs, lateFromMs)) await this.save();
  }

  /** Commits how far it is, and what is late: a process that is killed forgets neither. */
  save(): Promise<void> {
    const saved = this.#keeping.then(() => this.#keep());
    this.#keeping = saved.catch(() => undefined);
    return saved;
  }

  async #keep(): Promise<void> {
    if (this.#rolledUpToMs === undefined) return;
    const earliestMs = this.#lateFromMs;
    const value: Progress = {
      rolledUpToMs: this.#rolledUpToMs,
      ...(Number.isFinite(earliestMs) ? { lateFromMs: earliestMs } : {}),
    };
    const isKept =
      this.#kept?.rolledUpToMs === value.rolledUpToMs && this.#kept.lateFromMs === value.lateFromMs;
    if (isKept) return;
    await this.#records.commit([{ kind: KIND, id: ID, expected: this.#version, value }]);
    this.#version = this.#version === 'absent' ? 1 : this.#version + 1;
    this.#kept = value;
  }
}

/** From when on a process rolls up again what the one before it may not have. */
const againFrom = (rolledUpToMs: number, lateFromMs: number): number =>
  Math.min(rolledUpToMs - AGAIN_AT_START_MS, lateFromMs);

const align = (timeMs: number): number => Math.floor(timeMs / ROLLUP_STEP_MS) * ROLLUP_STEP_MS;

const wholeMinute = (timeMs: number): number => Math.floor(timeMs / MINUTE_MS) * MINUTE_MS;
