import type { Rows } from './rows.ts';

/** Borders that sort each feature's values into few bins; bin 0 is for what cannot be known. */
export type BinBorders = {
  /** Per feature, ascending; a value belongs to bin `1 + number of borders below it`. */
  readonly borders: readonly Float32Array[];
};

/** Rows as bin numbers, one column after another. */
export type BinnedRows = BinBorders & {
  readonly bins: Uint8Array;
  readonly count: number;
  readonly width: number;
};

/** Bins per feature, the one for unknown values included. */
export const maxBins = 64;

const sampledRows = 20_000;

/** The rarer outcome's rows make up at least this share of those that the borders are chosen by. */
const rareShare = 0.25;

/**
 * Chooses borders at quantiles of the known values. Where one outcome is rare, its rows are looked at more closely: what
 * tells them apart lies where few of all rows do.
 */
export const chooseBorders = (
  rows: Rows & { readonly crossed?: ArrayLike<number> },
): BinBorders => {
  const { data, width } = rows;
  const sample = sampleRows(rows.count, rows.crossed);
  const borders: Float32Array[] = [];
  for (let feature = 0; feature < width; feature++) {
    const known: number[] = [];
    for (const row of sample) {
      const value = data[row * width + feature] ?? NaN;
      if (!Number.isNaN(value)) known.push(value);
    }
    borders.push(bordersOf(Float32Array.from(known).sort()));
  }
  return { borders };
};

const sampleRows = (count: number, crossed: ArrayLike<number> | undefined): number[] => {
  const step = Math.max(1, Math.floor(count / sampledRows));
  const sample: number[] = [];
  const rare: number[] = [];
  for (let row = 0; row < count; row++) {
    if (row % step === 0) sample.push(row);
    if (crossed?.[row] === 1) rare.push(row);
  }
  const there = sample.reduce((sum, row) => sum + (crossed?.[row] ?? 0), 0);
  const wanted = (rareShare * (sample.length - there)) / (1 - rareShare) - there;
  for (let i = 0; i < wanted && rare.length > 0; i++)
    sample.push(rare[Math.floor((i * rare.length) / wanted)] ?? 0);
  return sample;
};

const bordersOf = (sorted: Float32Array): Float32Array => {
  const most = maxBins - 2;
  const found: number[] = [];
  const push = (low: number, high: number) => {
    const middle = Math.fround((low + high) / 2);
    const border = middle > low ? middle : high;
    if (found.length === 0 || border > (found[found.length - 1] ?? 0)) found.push(border);
  };
  const distinct = new Set<number>();
  for (let i = 0; i < sorted.length && distinct.size <= most + 1; i++) distinct.add(sorted[i] ?? 0);
  if (distinct.size <= most + 1) {
    const values = [...distinct];
    for (let i = 1; i < values.length; i++) push(values[i - 1] ?? 0, values[i] ?? 0);
  } else
    for (let q = 1; q <= most; q++) {
      const at = Math.floor((q * sorted.length) / (most + 1));
      const low = sorted[at - 1] ?? 0;
      const high = sorted[at] ?? 0;
      push(low, high);
    }
  return Float32Array.from(found);
};

/** The bin of a value: 0 = unknown, else 1 + borders at or below it. */
export const binOf = (borders: Float32Array, value: number): number => {
  if (Number.isNaN(value)) return 0;
  let low = 0;
  let high = borders.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((borders[middle] ?? Infinity) <= value) low = middle + 1;
    else high = middle;
  }
  return low + 1;
};

/** Sorts all rows into the bins, in memory that threads share. */
export const binRows = (rows: Rows, { borders }: BinBorders): BinnedRows => {
  const { data, width, count } = rows;
  const bins = new Uint8Array(new SharedArrayBuffer(count * width));
  for (let feature = 0; feature < width; feature++) {
    const own = borders[feature] ?? new Float32Array(0);
    for (let row = 0; row < count; row++)
      bins[feature * count + row] = binOf(own, data[row * width + feature] ?? NaN);
  }
  return { borders, bins, count, width };
};
