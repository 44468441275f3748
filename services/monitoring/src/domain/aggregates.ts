/** How the samples of a step become one value. Percentiles are by nearest rank. */
export type Aggregate =
  | { readonly kind: 'mean' | 'max' | 'min' | 'last' | 'count' | 'rate' }
  | { readonly kind: 'percentile'; readonly percentile: number };

/** A range cut into steps: half open, bounds at multiples of the step since the epoch. */
export interface Steps {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
}

/** Samples of one series, oldest first, in columns of equal length. */
export interface Columns {
  readonly timesMs: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/** The steps that cover a range. */
export function stepsCovering(fromMs: number, toMs: number, stepMs: number): Steps {
  return {
    fromMs: Math.floor(fromMs / stepMs) * stepMs,
    toMs: Math.ceil(toMs / stepMs) * stepMs,
    stepMs,
  };
}

export const stepCount = ({ fromMs, toMs, stepMs }: Steps): number =>
  Math.max(0, Math.round((toMs - fromMs) / stepMs));

/** One value a step; a step without a sample (for a rate: without two) is null. */
export function aggregateSteps(
  columns: Columns,
  steps: Steps,
  aggregate: Aggregate,
): (number | null)[] {
  const result: (number | null)[] = new Array(stepCount(steps)).fill(null);
  const { timesMs, values } = columns;
  const length = values.length;
  let at = firstAtOrAfter(timesMs, steps.fromMs);
  while (at < length) {
    const step = Math.floor(((timesMs[at] ?? 0) - steps.fromMs) / steps.stepMs);
    if (step >= result.length) break;
    const stepEndMs = steps.fromMs + (step + 1) * steps.stepMs;
    let end = at + 1;
    while (end < length && (timesMs[end] ?? 0) < stepEndMs) end += 1;
    result[step] = aggregateSlice(columns, at, end, aggregate);
    at = end;
  }
  return result;
}

/** The samples [start, end) as one value; null where they cannot tell one. */
export function aggregateSlice(
  columns: Columns,
  start: number,
  end: number,
  aggregate: Aggregate,
): number | null {
  const { values } = columns;
  switch (aggregate.kind) {
    case 'count':
      return end - start;
    case 'last':
      return values[end - 1] ?? null;
    case 'percentile':
      return percentileByNearestRank(values, start, end, aggregate.percentile);
    case 'rate':
      return rateOver(columns, start, end);
    default:
      return fold(values, start, end, aggregate.kind);
  }
}

function fold(
  values: ArrayLike<number>,
  start: number,
  end: number,
  kind: 'mean' | 'max' | 'min',
): number {
  let result = values[start] ?? Number.NaN;
  for (let at = start + 1; at < end; at += 1) {
    const value = values[at] ?? Number.NaN;
    if (kind === 'mean') result += value;
    else if (kind === 'max' ? value > result : value < result) result = value;
  }
  return kind === 'mean' ? result / (end - start) : result;
}

/** The smallest value that at least `percentile` % of the values do not exceed (nearest rank). */
export function percentileByNearestRank(
  values: ArrayLike<number>,
  start: number,
  end: number,
  percentile: number,
): number {
  const sorted = new Float64Array(end - start);
  for (let at = start; at < end; at += 1) sorted[at - start] = values[at] ?? 0;
  sorted.sort();
  const rank = Math.max(1, Math.ceil((percentile / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/**
 * Growth a second over the samples [start, end), from the sample before them on when there is one.
 * A fall is a reset: its span counts neither growth nor time.
 */
function rateOver({ timesMs, values }: Columns, start: number, end: number): number | null {
  let growth = 0;
  let spanMs = 0;
  for (let at = Math.max(1, start); at < end; at += 1) {
    const change = (values[at] ?? 0) - (values[at - 1] ?? 0);
    if (change < 0) continue;
    growth += change;
    spanMs += (timesMs[at] ?? 0) - (timesMs[at - 1] ?? 0);
  }
  return spanMs > 0 ? (growth / spanMs) * 1000 : null;
}

/** Index of the first time at or after the given one. */
export function firstAtOrAfter(timesMs: ArrayLike<number>, timeMs: number): number {
  let low = 0;
  let high = timesMs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timesMs[middle] ?? 0) < timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
