import type { HostId, ServerId } from '@sidestep/fleet';

/** What is asked: may what the server has claimed be claimed on another host, which has to have these traits? */
export type PlaceQuestion = {
  serverId: ServerId;
  from: HostId;
  required: readonly string[];
  forbidden: readonly string[];
};

/** Whether a host would take the server, by Placement now. */
export type Place =
  | { kind: 'free' }
  | { kind: 'refused'; why: 'no-allocation' | 'traits' | 'cpu-model'; detail: string };

/** Where the cloud would let a server go. */
export type Places = {
  /** One answer a host asked about; few calls however many. Throws a ProblemError (UPSTREAM_…) where the cloud does not answer in time. */
  readPlaces(question: PlaceQuestion, to: readonly HostId[]): Promise<ReadonlyMap<HostId, Place>>;
};
