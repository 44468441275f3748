import type { ServerId } from '@sidestep/fleet';

export type Repathed =
  | { kind: 'completed'; hops: number; gapMs: number | null }
  | { kind: 'not-needed' }
  | { kind: 'not-available'; detail: string };

/** May a server be taken out of a hop before it moves? */
export type Drainable = { kind: 'yes' } | { kind: 'no'; why: string };

/** What an end-to-end probe of a chain came to; `none`: the operator has configured none for it. */
export type Probed = { outcome: 'passed' | 'failed' | 'none'; detail: string };

/** What makes chains whole again. Throws a ProblemError (REPATH_FAILED, UPSTREAM_…) where it does not. */
export type Chains = {
  /** Is the server in a hop of these chains that is marked stateless and has another member? */
  drainable(chainIds: readonly string[], serverId: ServerId): Promise<Drainable>;
  /** Takes the server out of such hops; the same id again goes on where it stopped. */
  drain(drainId: string, serverId: ServerId): Promise<{ hopsOut: number; kept: readonly string[] }>;
  /** Puts it back; nothing happens where it is in, or the drain never began. */
  undrain(drainId: string): Promise<void>;
  /** Re-renders every hop that the server is a member of; the same id again goes on where it stopped. */
  repath(repathId: string, serverId: ServerId): Promise<Repathed>;
  /** Tries a chain from end to end as the operator has configured. */
  probe(chainId: string): Promise<Probed>;
};
