import type { Optimizer } from '../../src/ports/optimizer.ts';
import type { Readings } from '../../src/usecases/gather.ts';
import { searchPlaces } from '../../src/usecases/optimise/search-places.ts';

/** Searches where it is asked, in what the test's sources tell. */
export const localOptimizer = (sources: Readings): Optimizer => ({
  search: (order, signal) =>
    searchPlaces({ ...sources, yieldTurn: async () => undefined }, order, signal),
});
