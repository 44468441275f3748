/** Ticks of a block: what is kept of whole blocks lets long windows be read in few steps, and takes little memory. */
export const blockTicks = 8;
/**
 * Ticks after which the sums begin anew. Sums that went on for ever would lose digits; and as the borders lie at the same
 * ticks whenever a view began, one that grew tick by tick gives the very sums of one that was made at once.
 */
const stretchTicks = 64 * blockTicks;

/**
 * One metric of one host, missing samples carried forward; the tick `first + i` lies at index i, and `first` is a multiple
 * of a block.
 */
export type MetricView = {
  first: number;
  readonly values: Float64Array;
  /** Per whole block: sum of the values, and of their squares, from the stretch's begin through the block. */
  readonly sums: Float64Array;
  readonly squares: Float64Array;
  /** First tick with a sample; `noSampleYet` when there is none. */
  start: number;
  /** One past the newest tick in it. */
  ticks: number;
};

/** The foreseen metric of one host, with its crossings of the threshold; indexes as in `MetricView`. */
export type TargetView = MetricView & {
  readonly thresholdPercent: number;
  /** Ticks since the newest real sample. */
  readonly age: Int32Array;
  /** Ticks at or over the threshold, up to and with this one. */
  readonly overThrough: Int32Array;
  /** Newest tick at or over the threshold up to this one, −1 when none. */
  readonly lastOver: Int32Array;
  /** Rises over the threshold up to and with this tick. */
  readonly risesThrough: Int32Array;
  /** Ticks of the rises, ascending; rise number n lies at n − `forgottenRises`. */
  readonly rises: Int32Array;
  forgottenRises: number;
  /** Highest and lowest value of each whole block. */
  readonly blockMax: Float64Array;
  readonly blockMin: Float64Array;
};

/** The foreseen metric over the whole fleet; the tick `first + i` lies at index i. */
export type FleetView = {
  first: number;
  readonly sums: Float64Array;
  readonly over: Float64Array;
  readonly max: Float64Array;
  readonly present: Int32Array;
};

/** `start` of a view without a sample: later than any tick. */
export const noSampleYet = 0x3fff_ffff;

/** The value at a tick, 0 outside of what the view holds. */
export const valueAt = ({ values, first }: MetricView, tick: number): number =>
  values[tick - first] ?? 0;

/** Sum of some values and of their squares. */
export type Moments = { sum: number; square: number };

/** Closes the block that ends with the newest tick. */
export const closeBlock = (view: MetricView): void => {
  const { values, sums, squares, first, ticks } = view;
  const block = (ticks - first) / blockTicks - 1;
  const begins = (ticks - blockTicks) % stretchTicks === 0;
  let sum = begins ? 0 : (sums[block - 1] ?? 0);
  let square = begins ? 0 : (squares[block - 1] ?? 0);
  for (let i = block * blockTicks; i < (block + 1) * blockTicks; i++) {
    const value = values[i] ?? 0;
    sum += value;
    square += value * value;
  }
  sums[block] = sum;
  squares[block] = square;
};

// Adds `sign ×` what the stretch of a tick holds from its begin through the tick.
const addThrough = (view: MetricView, tick: number, sign: 1 | -1, out: Moments): void => {
  const { values, sums, squares, first } = view;
  const inBlock = tick % blockTicks;
  const at = tick - first;
  let sum = 0;
  let square = 0;
  if (tick % stretchTicks >= blockTicks) {
    const before = (at - inBlock) / blockTicks - 1;
    sum = sums[before] ?? 0;
    square = squares[before] ?? 0;
  }
  for (let i = at - inBlock; i <= at; i++) {
    const value = values[i] ?? 0;
    sum += value;
    square += value * value;
  }
  out.sum += sign * sum;
  out.square += sign * square;
};

/** Writes the moments of the ticks `[from, to]`. */
export const momentsBetween = (view: MetricView, from: number, to: number, out: Moments): void => {
  out.sum = 0;
  out.square = 0;
  if (to - from < 2 * blockTicks) {
    const { values, first } = view;
    for (let i = from - first; i <= to - first; i++) {
      const value = values[i] ?? 0;
      out.sum += value;
      out.square += value * value;
    }
    return;
  }
  for (let begin = from; begin <= to; ) {
    const until = Math.min(to, begin - (begin % stretchTicks) + stretchTicks - 1);
    addThrough(view, until, 1, out);
    if (begin % stretchTicks !== 0) addThrough(view, begin - 1, -1, out);
    begin = until + 1;
  }
};

/** Standard deviation of `count` values. */
export const deviationOf = ({ sum, square }: Moments, count: number): number => {
  const mean = sum / count;
  return Math.sqrt(Math.max(0, square / count - mean * mean));
};

const scratch: Moments = { sum: 0, square: 0 };

/** Mean of the last `width` values up to and with `tick`, over what exists of them. */
export const meanOver = (view: MetricView, tick: number, width: number): number => {
  const from = Math.max(view.start, tick - width + 1);
  if (from > tick) return NaN;
  momentsBetween(view, from, tick, scratch);
  return scratch.sum / (tick + 1 - from);
};

/** Highest and lowest value while the stretch that was looked at grows backwards. */
export type Extremes = { max: number; min: number; from: number };

/** Lets the extremes reach back to `upTo`; whole blocks are taken in one step. */
export const extendExtremes = (view: TargetView, extremes: Extremes, upTo: number): void => {
  const { values, first, blockMax, blockMin } = view;
  let { max, min } = extremes;
  const until = upTo - first;
  let at = extremes.from - 1 - first;
  while (at >= until) {
    let high: number;
    let low: number;
    if ((at + 1) % blockTicks === 0 && at + 1 - blockTicks >= until) {
      const block = (at + 1) / blockTicks - 1;
      high = blockMax[block] ?? 0;
      low = blockMin[block] ?? 0;
      at -= blockTicks;
    } else {
      high = values[at] ?? 0;
      low = high;
      at -= 1;
    }
    if (high > max) max = high;
    if (low < min) min = low;
  }
  extremes.max = max;
  extremes.min = min;
  extremes.from = Math.min(extremes.from, upTo);
};

/** Largest value of the ticks `[from, to]`, NaN when the view has none of them. */
export const maxBetween = (view: MetricView, from: number, to: number): number => {
  const begin = Math.max(view.start, from);
  let max = -Infinity;
  for (let tick = begin; tick <= to; tick++) {
    const value = valueAt(view, tick);
    if (value > max) max = value;
  }
  return max === -Infinity ? NaN : max;
};

/** Ticks at or over the threshold among `[from, to]`. */
export const overBetween = (view: TargetView, from: number, to: number): number =>
  (view.overThrough[to - view.first] ?? 0) - (view.overThrough[from - 1 - view.first] ?? 0);

/** Rises over the threshold up to and with a tick. */
export const risesUpTo = (view: TargetView, tick: number): number =>
  view.risesThrough[tick - view.first] ?? 0;

/** The tick of the rise of a number, counted from 0; −1 when it is not known any more, or not yet. */
export const riseAt = (view: TargetView, number: number): number =>
  number >= risesUpTo(view, view.ticks - 1) ? -1 : (view.rises[number - view.forgottenRises] ?? -1);
