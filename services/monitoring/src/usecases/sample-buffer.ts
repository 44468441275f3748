import { SampleBatch, type SeriesKey } from '../domain/series.ts';
import type { SeriesStore } from '../ports/series-store.ts';

const BATCH_SAMPLES = 50_000;

/**
 * Samples on their way to the store. While the store is away they wait, up to a bound; beyond it the oldest are dropped
 * and counted.
 */
export class SampleBuffer {
  readonly #store: Pick<SeriesStore, 'append'>;
  readonly #maxSamples: number;
  readonly #waiting: SampleBatch[] = [];
  #filling = new SampleBatch();
  #flushing: Promise<void> | undefined;
  #waitingSamples = 0;
  #dropped = 0;
  #stored = 0;
  #problem: string | null = null;

  constructor(store: Pick<SeriesStore, 'append'>, maxSamples: number) {
    this.#store = store;
    this.#maxSamples = maxSamples;
  }

  /** Samples that were taken and are not stored yet. */
  get pending(): number {
    return this.#waitingSamples + this.#filling.length;
  }

  /** Samples lost for want of room, ever. */
  get dropped(): number {
    return this.#dropped;
  }

  get stored(): number {
    return this.#stored;
  }

  /** Why the last attempt to store failed; null when it did not. */
  get problem(): string | null {
    return this.#problem;
  }

  push(series: SeriesKey, timeMs: number, value: number): void {
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

  async #drain(): Promise<void> {
    this.#rotate();
    for (let batch = this.#waiting[0]; batch !== undefined; batch = this.#waiting[0]) {
      try {
        await this.#store.append(batch);
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : String(error);
        return;
      }
      this.#problem = null;
      this.#stored += batch.length;
      // The bound may have dropped it while it was on its way.
      if (this.#waiting[0] === batch) {
        this.#waiting.shift();
        this.#waitingSamples -= batch.length;
      } else this.#dropped -= batch.length;
    }
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
      this.#dropped += oldest.length;
    }
  }
}
