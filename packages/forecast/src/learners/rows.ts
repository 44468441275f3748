/** Training or scoring rows: a row-major matrix of features, NaN = cannot be known. */
export type Rows = {
  readonly data: Float32Array;
  readonly count: number;
  readonly width: number;
};

/** Rows with their outcomes. */
export type LabelledRows = Rows & {
  /** 1 = crossed within the horizon. */
  readonly crossed: Uint8Array;
  /** Highest value within the horizon, 0–100. */
  readonly futureMax: Float32Array;
  /** How much each row counts. */
  readonly weights: Float32Array;
};

/** The chosen rows, copied, in the given order. */
export const pickRows = (rows: LabelledRows, picked: ArrayLike<number>): LabelledRows => {
  const { width } = rows;
  const count = picked.length;
  const data = new Float32Array(count * width);
  const crossed = new Uint8Array(count);
  const futureMax = new Float32Array(count);
  const weights = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const row = picked[i] ?? 0;
    data.set(rows.data.subarray(row * width, (row + 1) * width), i * width);
    crossed[i] = rows.crossed[row] ?? 0;
    futureMax[i] = rows.futureMax[row] ?? 0;
    weights[i] = rows.weights[row] ?? 0;
  }
  return { data, count, width, crossed, futureMax, weights };
};

/** Mean and deviation per feature, to bring features of any scale to about ±1. */
export type Standard = { readonly mean: Float32Array; readonly scale: Float32Array };

/** Measures mean and deviation of the known values of each feature. */
export const measureStandard = (rows: Rows): Standard => {
  const { width, count, data } = rows;
  const mean = new Float32Array(width);
  const scale = new Float32Array(width).fill(1);
  for (let feature = 0; feature < width; feature++) {
    let sum = 0;
    let square = 0;
    let known = 0;
    for (let row = 0; row < count; row++) {
      const value = data[row * width + feature] ?? NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      square += value * value;
      known++;
    }
    if (known === 0) continue;
    const centre = sum / known;
    const deviation = Math.sqrt(Math.max(0, square / known - centre * centre));
    mean[feature] = centre;
    scale[feature] = deviation > 1e-6 ? deviation : 1;
  }
  return { mean, scale };
};

/** Standardised values are kept within so many deviations: one wild sample must not decide. */
export const standardLimit = 6;

/** Writes one standardised row; what cannot be known becomes the mean. */
export const standardise = (
  standard: Standard,
  data: Float32Array,
  from: number,
  out: Float32Array,
  at: number,
): void => {
  const width = standard.mean.length;
  for (let i = 0; i < width; i++) {
    const value = ((data[from + i] ?? NaN) - (standard.mean[i] ?? 0)) / (standard.scale[i] ?? 1);
    out[at + i] = Number.isNaN(value)
      ? 0
      : Math.max(-standardLimit, Math.min(standardLimit, value));
  }
};
