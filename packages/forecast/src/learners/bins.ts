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

/** Chooses borders at quantiles of the known values. */
export const chooseBorders = (rows: Rows): BinBorders => {
  const { data, width, count } = rows;
  const step = Math.max(1, Math.floor(count / sampledRows));
  const borders: Float32Array[] = [];
  for (let feature = 0; feature < width; feature++) {
    const known: number[] = [];
    for (let row = 0; row < count; row += step) {
      const value = data[row * width + feature] ?? NaN;
      if (!Number.isNaN(value)) known.push(value);
    }
    borders.push(bordersOf(Float32Array.from(known).sort()));
  }
  return { borders };
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

/** Sorts all rows into the bins. */
export const binRows = (rows: Rows, { borders }: BinBorders): BinnedRows => {
  const { data, width, count } = rows;
  const bins = new Uint8Array(count * width);
  for (let feature = 0; feature < width; feature++) {
    const own = borders[feature] ?? new Float32Array(0);
    for (let row = 0; row < count; row++)
      bins[feature * count + row] = binOf(own, data[row * width + feature] ?? NaN);
  }
  return { borders, bins, count, width };
};
