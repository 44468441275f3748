import type { ServerId } from '@sidestep/fleet';

export type Repathed =
  | { kind: 'completed'; hops: number; gapMs: number | null }
  | { kind: 'not-needed' }
  | { kind: 'not-available'; detail: string };

/** What makes chains whole again. Throws a ProblemError (REPATH_FAILED, UPSTREAM_…) where it does not. */
export type Chains = {
  /** Re-renders every hop that the server is a member of; the same id again goes on where it stopped. */
  repath(operationId: string, serverId: ServerId): Promise<Repathed>;
};
