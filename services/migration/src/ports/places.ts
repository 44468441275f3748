import type { HostId } from '@sidestep/fleet';
import type { PlaceQuestion } from '../domain/place-question.ts';

export type { PlaceQuestion } from '../domain/place-question.ts';

/** Whether a host would take the server, by Placement now. */
export type Place =
  | { kind: 'free' }
  | { kind: 'refused'; why: 'no-allocation' | 'traits' | 'cpu-model'; detail: string };

/** Where the cloud would let a server go. */
export type Places = {
  /** One answer a host asked about; few calls however many. Throws a ProblemError (UPSTREAM_…) where the cloud does not answer in time. */
  readPlaces(question: PlaceQuestion, to: readonly HostId[]): Promise<ReadonlyMap<HostId, Place>>;
};
