import type { HostId, ServerId } from '@sidestep/fleet';

/** What asks for a move: an alarm or a person, a host being emptied, a host that died. */
export type Purpose = 'move' | 'drain' | 'evacuate';

/** `not-begun`: the cloud was never asked, so that it counts for nothing. */
export type MoveResult = 'live' | 'completed' | 'failed' | 'aborted' | 'not-begun';

/** One move as the guardrails remember it; its id is its operation's. Times are milliseconds since the epoch. */
export type Move = {
  operationId: string;
  decisionId: string;
  serverId: ServerId;
  from: HostId;
  to: HostId;
  purpose: Purpose;
  /** When its plan was made. */
  decidedAtMs: number;
  /** When it was let through: from then on it has its place in the budgets. */
  takenAtMs: number;
  endedAtMs: number | null;
  result: MoveResult;
  /** Null where nobody was asked: the mode was auto. */
  approvedBy: string | null;
};

/** Those that the cloud was, or may yet be, asked for. */
export function counted(moves: readonly Move[]): Move[] {
  return moves.filter(({ result }) => result !== 'not-begun');
}

/** Of moves that have ended, the first to end first. */
export function byEnd(moves: readonly Move[]): EndedMove[] {
  return moves.filter(hasEnded).toSorted((a, b) => a.endedAtMs - b.endedAtMs);
}

export type EndedMove = Move & { endedAtMs: number };

function hasEnded(move: Move): move is EndedMove {
  return move.endedAtMs !== null;
}
