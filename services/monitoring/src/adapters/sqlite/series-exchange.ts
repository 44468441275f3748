import { type SeriesKey, seriesText } from '../../domain/series.ts';

/** Series that one thread has numbered, told to the other before any message that names them by number. */
export interface NumberedSeries {
  /** Number of the first; the others follow it. */
  readonly first: number;
  readonly keys: readonly SeriesKey[];
}

/**
 * One end of two threads' talk of series: each is told once, with a number, so that samples travel as columns of numbers. Numbers
 * from 0 on are those that the sender gave; what it has learnt from the other end it names as the other did, by -1 - number.
 */
export class SeriesExchange {
  readonly #tell: (news: NumberedSeries) => void;
  readonly #told: SeriesKey[] = [];
  readonly #learnt: SeriesKey[] = [];
  /** Numbers of the objects that somebody keeps, by the place that they name: the quickest to find by. */
  readonly #byPlace: number[] = [];
  /** All others: no two of them need be the same object. */
  readonly #byText = new Map<string, number>();

  constructor(tell: (news: NumberedSeries) => void) {
    this.#tell = tell;
  }

  /** The number of each; those that are new have been told when it returns. */
  numbersOf(keys: readonly SeriesKey[]): Int32Array<ArrayBuffer> {
    const first = this.#told.length;
    const numbers = new Int32Array(keys.length);
    for (const [at, key] of keys.entries()) numbers[at] = this.#numberOf(key);
    if (this.#told.length > first)
      this.#tell({ first, keys: this.#told.slice(first).map(identity) });
    return numbers;
  }

  /** Takes what the other end has told. */
  learn({ first, keys }: NumberedSeries): void {
    for (const [at, key] of keys.entries())
      this.#learnt[first + at] = { ...key, place: first + at };
  }

  /** The series of a number that the other end sent; throws on one that neither has told. */
  keyOf(number: number): SeriesKey {
    const key = number < 0 ? this.#told[-1 - number] : this.#learnt[number];
    if (key === undefined) throw new Error(`Series ${number} was never told`);
    return key;
  }

  #numberOf(key: SeriesKey): number {
    const { place } = key;
    if (place === undefined) return this.#numberOfText(key);
    if (this.#learnt[place] === key) return -1 - place;
    const known = this.#byPlace[place];
    if (known !== undefined && this.#told[known] === key) return known;
    const number = this.#told.push(key) - 1;
    this.#byPlace[place] = number;
    return number;
  }

  #numberOfText(key: SeriesKey): number {
    const text = seriesText(key);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const number = this.#told.push(key) - 1;
    this.#byText.set(text, number);
    return number;
  }
}

const identity = ({ resource, metric, labels }: SeriesKey): SeriesKey => ({
  resource,
  metric,
  labels,
});
