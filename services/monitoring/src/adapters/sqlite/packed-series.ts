import type { Rollup, SeriesRollups } from '../../domain/rollup.ts';
import { SampleBatch } from '../../domain/series.ts';
import type { SeriesSamples, StoredSeries } from '../../ports/series-store.ts';
import type { SeriesExchange } from './series-exchange.ts';

type Numbers = Int32Array<ArrayBuffer>;
type Lengths = Uint32Array<ArrayBuffer>;
type Doubles = Float64Array<ArrayBuffer>;

/** Samples in columns; `series` holds the number of each one's series, as a SeriesExchange gives it. */
export interface PackedBatch {
  readonly series: Numbers;
  readonly timesMs: Doubles;
  readonly values: Doubles;
}

/** Series one after another, each with so many of the samples. */
export interface PackedSamples extends PackedBatch {
  readonly lengths: Lengths;
}

/** Series one after another, each with so many rollups, of six numbers each. */
export interface PackedRollups {
  readonly series: Numbers;
  readonly lengths: Lengths;
  readonly rollups: Doubles;
}

const ROLLUP_NUMBERS = 6;

/** A batch on its way to the other thread. */
export function packBatch(batch: SampleBatch, exchange: SeriesExchange): PackedBatch {
  const { length } = batch;
  const timesMs = new Float64Array(length);
  const values = new Float64Array(length);
  for (let at = 0; at < length; at += 1) {
    timesMs[at] = batch.timeMs(at);
    values[at] = batch.value(at);
  }
  return { series: exchange.numbersOf(batch.series), timesMs, values };
}

/** The batch again; throws where it names a series that was never told. */
export function unpackBatch({ series, timesMs, values }: PackedBatch, exchange: SeriesExchange) {
  const batch = new SampleBatch(Math.max(1, series.length));
  for (const [at, number] of series.entries()) {
    batch.push(exchange.keyOf(number), timesMs[at] ?? 0, values[at] ?? Number.NaN);
  }
  return batch;
}

/** What was read of some series, on its way back. */
export function packSamples(
  read: readonly SeriesSamples[],
  exchange: SeriesExchange,
): PackedSamples {
  const lengths = Uint32Array.from(read, ({ columns }) => columns.values.length);
  const length = lengths.reduce((sum, each) => sum + each, 0);
  const timesMs = new Float64Array(length);
  const values = new Float64Array(length);
  let to = 0;
  for (const { columns } of read) {
    timesMs.set(columns.timesMs, to);
    values.set(columns.values, to);
    to += columns.values.length;
  }
  return { series: exchange.numbersOf(read.map(({ series }) => series)), lengths, timesMs, values };
}

/** The same series by series; their columns share one memory. */
export function* unpackSamples(
  { series, lengths, timesMs, values }: PackedSamples,
  exchange: SeriesExchange,
): Iterable<SeriesSamples> {
  let from = 0;
  for (const [at, number] of series.entries()) {
    const to = from + (lengths[at] ?? 0);
    const columns = { timesMs: timesMs.subarray(from, to), values: values.subarray(from, to) };
    yield { series: exchange.keyOf(number), columns };
    from = to;
  }
}

/** Rollups on their way to or from the other thread. */
export function packRollups(
  rows: readonly SeriesRollups[],
  exchange: SeriesExchange,
): PackedRollups {
  const lengths = Uint32Array.from(rows, ({ rollups }) => rollups.length);
  const length = lengths.reduce((sum, each) => sum + each, 0);
  const packed = new Float64Array(length * ROLLUP_NUMBERS);
  let to = 0;
  for (const { rollups } of rows) {
    for (const { startMs, count, mean, min, max, last } of rollups) {
      packed.set([startMs, count, mean, min, max, last], to);
      to += ROLLUP_NUMBERS;
    }
  }
  return { series: exchange.numbersOf(rows.map(({ series }) => series)), lengths, rollups: packed };
}

/** The rollups again. */
export function unpackRollups(
  { series, lengths, rollups }: PackedRollups,
  exchange: SeriesExchange,
): SeriesRollups[] {
  let from = 0;
  const next = (): Rollup => {
    const [startMs = 0, count = 0, mean = 0, min = 0, max = 0, last = 0] = rollups.subarray(
      from,
      from + ROLLUP_NUMBERS,
    );
    from += ROLLUP_NUMBERS;
    return { startMs, count, mean, min, max, last };
  };
  return Array.from(series, (number, at) => ({
    series: exchange.keyOf(number),
    rollups: Array.from({ length: lengths[at] ?? 0 }, next),
  }));
}

/** Series with their newest samples; not a number stands for none. */
export function packStored(stored: readonly StoredSeries[], exchange: SeriesExchange): PackedBatch {
  return {
    series: exchange.numbersOf(stored.map(({ series }) => series)),
    timesMs: Float64Array.from(stored, ({ newest }) => newest?.timeMs ?? Number.NaN),
    values: Float64Array.from(stored, ({ newest }) => newest?.value ?? Number.NaN),
  };
}

/** The series with their newest samples again. */
export function unpackStored(
  { series, timesMs, values }: PackedBatch,
  exchange: SeriesExchange,
): StoredSeries[] {
  return Array.from(series, (number, at) => {
    const timeMs = timesMs[at] ?? Number.NaN;
    const newest = Number.isNaN(timeMs) ? undefined : { timeMs, value: values[at] ?? Number.NaN };
    return { series: exchange.keyOf(number), newest };
  });
}
