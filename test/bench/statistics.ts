import { percentileByNearestRank } from '@sidestep/monitoring';

/** What a row tells of repeated measurements; percentiles by nearest rank, as everywhere in Sidestep. */
export type Spread = { count: number; p50: number; p99: number; max: number };

/** The spread of some measurements; of none there is nothing to tell. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const at = (percentile: number) => percentileByNearestRank(values, 0, values.length, percentile);
  return { count: values.length, p50: at(50), p99: at(99), max: at(100) };
}

/** The middle one of some measurements; of an even number the lower of the two. */
export const medianOf = (values: readonly number[]): number => spreadOf(values).p50;
