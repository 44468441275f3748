import type { HostId, ServerId } from '@sidestep/fleet';
import type { ActionEvent } from '../domain/failure-reason.ts';
import type { OperationKind } from '../domain/operation.ts';
import type { MoveRecord } from '../domain/own-move.ts';
import type { Demand } from '../domain/traffic.ts';

/** A server as the cloud shows it now. */
export type CloudServer = {
  id: ServerId;
  hostId: HostId | null;
  status: string;
  taskState: string | null;
  locked: boolean;
  tags: readonly string[];
  vcpus: number;
  ramMiB: number;
  diskGiB: number;
  /** Is all that it keeps on a volume, so that a dead host takes nothing with it? */
  volumeBacked: boolean;
  groupIds: readonly string[];
};

/** A server that has a place at a host before another one, whether it has claimed it by now or not. */
export type Arrival = Demand & Pick<CloudServer, 'id'>;

/** A server group with where its members are now. */
export type CloudGroup = {
  policy: string;
  members: readonly { serverId: ServerId; name: string; hostId: HostId | null }[];
};

/** Whether a host can take a server now. */
export type Reception = {
  state: 'up' | 'down' | 'missing';
  status: 'enabled' | 'disabled';
  /** Null: there is room. Else what is lacking, by Placement. */
  lacking: string | null;
};

/** What became of asking for a live migration. */
export type MoveRequest =
  | { kind: 'accepted'; requestId: string | null }
  /** Nova is moving the server already. */
  | { kind: 'already-migrating'; detail: string }
  | { kind: 'refused'; detail: string }
  /** It certainly did not arrive; another try may. */
  | { kind: 'not-sent'; detail: string }
  /** It may have arrived: only the instance actions can tell. */
  | { kind: 'no-answer'; detail: string };

/**
 * The cloud's computes. Reading calls throw a ProblemError: UPSTREAM_FAILED or UPSTREAM_TIMEOUT where the cloud does not
 * answer, NOT_FOUND where the server is gone.
 */
export type Compute = {
  readServer(serverId: ServerId): Promise<CloudServer>;
  readGroups(server: CloudServer): Promise<CloudGroup[]>;
  /** Can the host take what the server needs beside those that arrive before it, by Nova's service and Placement? */
  readReception(
    hostId: HostId,
    server: CloudServer,
    before: readonly Arrival[],
  ): Promise<Reception>;
  /** Request ids of the live migrations ever asked of the server, newest first. */
  listMoveRequests(serverId: ServerId): Promise<string[]>;
  /** The server's live migration records, with byte counts while they run. */
  listMoves(serverId: ServerId): Promise<MoveRecord[]>;
  /** The cloud's account of a request; 'unknown' where it has none. */
  readEvents(serverId: ServerId, requestId: string): Promise<readonly ActionEvent[] | 'unknown'>;
  /** Asks once; never repeats. Throws nothing. */
  requestMove(serverId: ServerId, to: HostId, timeoutMs: number): Promise<MoveRequest>;
  /** False where the cloud says that it cannot be stopped any more. */
  abortMove(serverId: ServerId, migrationId: number): Promise<boolean>;
  /** Has the guest stopped until the rest is copied; false where the cloud says that it cannot be done now. */
  forceMove(serverId: ServerId, migrationId: number): Promise<boolean>;
  /** Hosts that the server's ports are bound to. */
  portHosts(serverId: ServerId): Promise<HostId[]>;
  /** The same calls for an evacuation: a server made anew elsewhere because its host is dead. */
  evacuation: Pick<Compute, 'listMoveRequests' | 'listMoves' | 'requestMove' | 'abortMove'>;
};

/** The calls by which a kind of operation moves its server. */
export function computeFor(kind: OperationKind, compute: Compute): Compute {
  return kind === 'evacuate' ? { ...compute, ...compute.evacuation } : compute;
}
