import type { Clock, Log, Records } from '@sidestep/service-kit';
import type { Cloud } from '../ports/cloud.ts';
import type { Meters } from '../ports/meters.ts';
import type { Locks } from './locks.ts';

/** What the use cases work with. */
export type Context = {
  readonly cloud: Cloud;
  readonly records: Records;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly log: Log;
  readonly meters: Meters;
  /** A new unique id, usable in names. */
  readonly newId: () => string;
  readonly sleep: (ms: number) => Promise<void>;
};

/** How long a request waits for another one on the same chain. */
export const lockWaitMs = 15_000;
