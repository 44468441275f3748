import { type Aggregate, aggregateSlice } from './aggregates.ts';

/** An aggregate of a series' samples over the last `windowMs`, or `unknown` while less than half of them came. */
export class SlidingWindow {
  readonly #aggregate: Aggregate;
  readonly #windowMs: number;
  #timesMs: number[] = [];
  #values: number[] = [];
  #start = 0;

  constructor(windowMs: number, aggregate: Aggregate = { kind: 'mean' }) {
    this.#windowMs = windowMs;
    this.#aggregate = aggregate;
  }

  /** Takes a sample newer than those before and gives the aggregate at its time. */
  add(timeMs: number, value: number, intervalMs: number): number | 'unknown' {
    this.#timesMs.push(timeMs);
    this.#values.push(value);
    const oldestMs = timeMs - this.#windowMs;
    while (this.#start < this.#timesMs.length && (this.#timesMs[this.#start] ?? 0) <= oldestMs) {
      this.#start += 1;
    }
    if (this.#start > 64 && this.#start * 2 > this.#timesMs.length) {
      this.#timesMs = this.#timesMs.slice(this.#start);
      this.#values = this.#values.slice(this.#start);
      this.#start = 0;
    }
    const present = this.#values.length - this.#start;
    const expected = Math.max(1, Math.floor(this.#windowMs / intervalMs));
    if (present * 2 < expected) return 'unknown';
    // Made anew each time: a running sum would carry its rounding errors for ever.
    const columns = { timesMs: this.#timesMs, values: this.#values };
    return aggregateSlice(columns, this.#start, this.#values.length, this.#aggregate) ?? 'unknown';
  }
}
