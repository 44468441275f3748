import { SampleBatch, type SeriesKey } from '../domain/series.ts';
import type { SeriesStore } from '../ports/series-store.ts';
import { extentOf, type Gap, type Spool } from '../ports/spool.ts';

const BATCH_SAMPLES = 50_000;
// Of attempts a quarter second apart: what waits is in memory only for a second.
const SPILL_EVERY_FAILURES = 4;
const GAPS_KEPT = 100;

/**
 * Samples on their way to the store. While the store is away they wait, up to a bound, in the spool where there is one, else in
 * memory; beyond the bound the oldest are dropped, counted and told as gaps. They are stored in the order they came.
 */
export class SampleBuffer {
  readonly #store: Pick<SeriesStore, 'append'>;
  readonly #maxSamples: number;
  readonly #spool: Spool | undefined;
  readonly #waiting: SampleBatch[] = [];
  readonly #gaps: Gap[] = [];
  #filling = new SampleBatch();
  #flushing: Promise<void> | undefined;
  #waitingSamples = 0;
  #failures = 0;
  #dropped = 0;
  #taken = 0;
  #stored = 0;
  #problem: string | null = null;

  constructor(store: Pick<SeriesStore, 'append'>, maxSamples: number, spool?: Spool) {
    this.#store = store;
    this.#maxSamples = maxSamples;
    this.#spool = spool;
  }

  /** Samples that were taken and are not stored yet. */
  get pending(): number {
    return this.#waitingSamples + this.#filling.length + this.spooled;
  }

  /** Those of them that wait on disk. */
  get spooled(): number {
    return this.#spool?.samples ?? 0;
  }

  /** Samples that were given to it, ever. */
  get taken(): number {
    return this.#taken;
  }

  /** Samples that a kill of the process would lose now. */
  get inMemory(): number {
    return this.#waitingSamples + this.#filling.length;
  }

  /** Samples lost, ever: for want of room, or with an earlier process. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The newest gaps that this left. */
  get gaps(): readonly Gap[] {
    return this.#gaps;
  }

  get stored(): number {
    return this.#stored;
  }

  /** Why the last attempt to store failed; null when it did not. */
  get problem(): string | null {
    return this.#problem;
  }

  push(series: SeriesKey, timeMs: number, value: number): void {
    this.#taken += 1;
    this.#filling.push(series, timeMs, value);
    if (this.#filling.length >= BATCH_SAMPLES) this.#rotate();
  }

  /** Stores what waits, oldest first; ends at the first failure, which the next flush tries again. Never rejects. */
  flush(): Promise<void> {
    this.#flushing ??= this.#drain().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  /** The same for all that was taken by now: a flush that is under way may have begun before the last of it came. */
  async flushAll(): Promise<void> {
    await this.#flushing;
    await this.flush();
  }

  /** Puts what waits in memory into the spool, where there is one: before the process ends. */
  spill(): void {
    this.#rotate();
    const [first] = this.#waiting;
    if (this.#spool === undefined || first === undefined) return;
    const merged = this.#waiting.length === 1 ? first : join(this.#waiting);
    try {
      this.#spool.push(merged, (gap) => this.lost(gap));
    } catch {
      // A full disk: memory has to do, within its bound, and batch by batch, as the oldest goes first.
      return;
    }
    this.#waiting.length = 0;
    this.#waitingSamples = 0;
  }

  async #drain(): Promise<void> {
    this.#rotate();
    if ((await this.#drainSpool()) && (await this.#drainMemory())) {
      this.#failures = 0;
      return;
    }
    this.#failures += 1;
    const spills = this.#failures % SPILL_EVERY_FAILURES === 0 || this.#isMuch;
    if (this.#spool !== undefined && spills) this.spill();
  }

  get #isMuch(): boolean {
    return this.#waitingSamples >= BATCH_SAMPLES;
  }

  async #drainSpool(): Promise<boolean> {
    const spool = this.#spool;
    if (spool === undefined) return true;
    for (let next = spool.oldest(); next !== undefined; next = spool.oldest()) {
      if (!(next instanceof SampleBatch)) this.lost(next);
      else if (!(await this.#append(next))) return false;
      spool.dropOldest();
    }
    return true;
  }

  async #drainMemory(): Promise<boolean> {
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      if (!(await this.#append(batch))) return false;
      // The bound may have dropped it while it was on its way.
      if (this.#waiting[0] === batch) {
        this.#waiting.shift();
        this.#waitingSamples -= batch.length;
      } else this.#dropped -= batch.length;
    }
    return true;
  }

  async #append(batch: SampleBatch): Promise<boolean> {
    try {
      await this.#store.append(batch);
    } catch (error) {
      this.#problem = error instanceof Error ? error.message : String(error);
      return false;
    }
    this.#problem = null;
    this.#stored += batch.length;
    return true;
  }

  #rotate(): void {
    if (this.#filling.length === 0) return;
    this.#waiting.push(this.#filling);
    this.#waitingSamples += this.#filling.length;
    this.#filling = new SampleBatch();
    while (this.#waitingSamples > this.#maxSamples) {
      const oldest = this.#waiting.shift();
      if (oldest === undefined) break;
      this.#waitingSamples -= oldest.length;
      this.lost(extentOf(oldest));
    }
  }

  /** Counts a loss and tells it as a gap. */
  lost(gap: Gap): void {
    this.#dropped += gap.samples;
    this.#gaps.push(gap);
    if (this.#gaps.length > GAPS_KEPT) this.#gaps.shift();
  }
}

function join(batches: readonly SampleBatch[]): SampleBatch {
  const joined = new SampleBatch(batches.reduce((sum, { length }) => sum + length, 1));
  for (const batch of batches) {
    for (const [at, series] of batch.series.entries()) {
      joined.push(series, batch.timeMs(at), batch.value(at));
    }
  }
  return joined;
}
