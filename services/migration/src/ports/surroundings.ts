import type { ChainId, ChainPromise, Link } from '@sidestep/fleet';

/** What decisions look at and what seldom changes. Each call throws a ProblemError (UPSTREAM_…) where it cannot be read. */
export type Surroundings = {
  /** Links between hosts, as far as they are declared. */
  links(): Promise<readonly Link[]>;
  /** What chains promise, by chain; one that promises nothing need not be in it. */
  promises(): Promise<ReadonlyMap<ChainId, ChainPromise>>;
};
