import { NotFound, ProblemError } from '@sidestep/service-kit';
import type { ActionEvent } from '../../src/domain/failure-reason.ts';
import type { MoveRecord } from '../../src/domain/own-move.ts';
import type { CloudGroup, CloudServer, Compute, Reception } from '../../src/ports/compute.ts';

type Move = MoveRecord & { serverId: string; requestId: string; looks: number };

/** How the next live migration goes. */
export type MoveScript = {
  /** How often its record reads as it does before the next status comes. */
  statuses: string[];
  /** What the caller of the call sees; the call is worked all the same but for `lost`. */
  reply: 'accepted' | 'no-answer' | 'lost' | 'not-sent' | 'refused' | 'already-migrating';
  /** Events of the action once it ended. */
  events: ActionEvent[];
  /** Looks before the record can be seen. */
  hiddenLooks: number;
};

const success: MoveScript = {
  statuses: ['accepted', 'preparing', 'running', 'completed'],
  reply: 'accepted',
  events: [],
  hiddenLooks: 1,
};

export type FakeCompute = Compute & {
  server: CloudServer;
  reception: Reception;
  groups: CloudGroup[];
  /** Live-migration calls that were made, by destination. */
  readonly calls: string[];
  /** Migrations that were begun. */
  readonly moves: Move[];
  readonly aborts: number[];
  readonly forces: number[];
  /** What the coming calls meet, one each; then they succeed. */
  script(...next: Partial<MoveScript>[]): void;
  /** The server's life after the migration's end: 'source', 'destination' or a status. */
  portHost: string | null;
  /** Each reading call throws while it is set. */
  away: boolean;
  /** A live migration that somebody else asks for. */
  foreignMove(to: string): void;
};

/** A cloud with one server, whose migrations go on by one step each time that they are looked at. */
export function fakeCompute(server: Partial<CloudServer> = {}): FakeCompute {
  const scripts: MoveScript[] = [];
  const moves: Move[] = [];
  const calls: string[] = [];
  const aborts: number[] = [];
  const forces: number[] = [];
  const running = new Map<number, { move: Move; script: MoveScript; left: string[] }>();
  let requests = 0;

  const begin = (to: string, script: MoveScript): Move => {
    requests += 1;
    const move: Move = {
      id: requests,
      serverId: fake.server.id,
      requestId: `req-${requests}`,
      status: script.statuses[0] ?? 'accepted',
      to: null,
      looks: 0,
      memoryTotalBytes: null,
      memoryProcessedBytes: null,
      memoryRemainingBytes: null,
    };
    moves.push(move);
    running.set(move.id, { move, script, left: script.statuses.slice(1) });
    fake.server = { ...fake.server, status: 'MIGRATING', taskState: 'migrating' };
    move.to = to;
    return move;
  };
  const goOn = () => {
    for (const { move, left } of running.values()) {
      move.looks += 1;
      const next = left.shift();
      if (next === undefined) continue;
      move.status = next;
      if (['completed', 'error', 'failed', 'cancelled'].includes(next)) {
        running.delete(move.id);
        const hostId = next === 'completed' ? move.to : fake.server.hostId;
        fake.server = { ...fake.server, hostId, status: 'ACTIVE', taskState: null };
        if (next === 'completed') fake.portHost = hostId;
      }
    }
  };
  const reachable = () => {
    if (fake.away) throw new ProblemError('UPSTREAM_TIMEOUT', 'nova: no answer');
  };

  const scriptOf = new Map<number, MoveScript>();
  const fake: FakeCompute = {
    server: {
      id: 's1',
      hostId: 'h1',
      status: 'ACTIVE',
      taskState: null,
      locked: false,
      tags: [],
      vcpus: 1,
      ramMiB: 1_024,
      diskGiB: 1,
      volumeBacked: true,
      groupIds: [],
      ...server,
    },
    reception: { state: 'up', status: 'enabled', lacking: null },
    groups: [],
    calls,
    moves,
    aborts,
    forces,
    portHost: server.hostId ?? 'h1',
    away: false,
    script: (...next) => {
      scripts.push(...next.map((each) => ({ ...success, ...each })));
    },
    foreignMove: (to) => {
      begin(to, { ...success, statuses: ['running', 'running', 'running', 'completed'] });
    },

    readServer: async (serverId) => {
      reachable();
      if (fake.server.id !== serverId) throw new NotFound('server', serverId);
      return fake.server;
    },
    readGroups: async () => {
      reachable();
      return fake.groups;
    },
    readReception: async () => {
      reachable();
      return fake.reception;
    },
    listMoveRequests: async (serverId) => {
      reachable();
      return moves
        .filter((move) => move.serverId === serverId)
        .map(({ requestId }) => requestId)
        .toReversed();
    },
    listMoves: async () => {
      reachable();
      goOn();
      return moves
        .filter((move) => move.looks > (scriptOf.get(move.id)?.hiddenLooks ?? 0))
        .map(({ id, status, to, ...bytes }) => ({
          id,
          status,
          to: status === 'accepted' ? null : to,
          memoryTotalBytes: bytes.memoryTotalBytes,
          memoryProcessedBytes: bytes.memoryProcessedBytes,
          memoryRemainingBytes: bytes.memoryRemainingBytes,
        }));
    },
    readEvents: async (_serverId, requestId) => {
      reachable();
      const move = moves.find((each) => each.requestId === requestId);
      return move === undefined ? 'unknown' : (scriptOf.get(move.id)?.events ?? []);
    },
    requestMove: async (_serverId, to) => {
      const script = scripts.shift() ?? success;
      if (script.reply === 'not-sent') return { kind: 'not-sent', detail: 'connection refused' };
      calls.push(to);
      if (script.reply === 'lost') return { kind: 'no-answer', detail: 'no answer' };
      if (script.reply === 'refused') {
        return { kind: 'refused', detail: `Compute host ${to} could not be found.` };
      }
      if (script.reply === 'already-migrating' || fake.server.taskState !== null) {
        return { kind: 'already-migrating', detail: 'it is in task_state migrating' };
      }
      const move = begin(to, script);
      scriptOf.set(move.id, script);
      return script.reply === 'no-answer'
        ? { kind: 'no-answer', detail: 'no answer' }
        : { kind: 'accepted', requestId: move.requestId };
    },
    abortMove: async (_serverId, migrationId) => {
      reachable();
      aborts.push(migrationId);
      const move = running.get(migrationId);
      if (move === undefined) return false;
      move.left.splice(0, move.left.length, 'cancelled');
      return true;
    },
    forceMove: async (_serverId, migrationId) => {
      reachable();
      forces.push(migrationId);
      const move = running.get(migrationId);
      if (move === undefined) return false;
      move.left.splice(0, move.left.length, 'completed');
      return true;
    },
    portHosts: async () => {
      reachable();
      return fake.portHost === null ? [] : [fake.portHost, fake.portHost];
    },
    evacuation: {
      listMoveRequests: (serverId) => fake.listMoveRequests(serverId),
      listMoves: (serverId) => fake.listMoves(serverId),
      requestMove: (serverId, to, timeoutMs) => fake.requestMove(serverId, to, timeoutMs),
      abortMove: async () => false,
    },
  };
  return fake;
}
