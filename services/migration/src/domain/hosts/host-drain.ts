import type { HostId } from '@sidestep/fleet';
import { arrived, isOver, type Leaver } from './leaving.ts';

export type HostDrainState = 'draining' | 'cancelling' | 'done' | 'partly' | 'cancelled';

/** What may follow what. */
export const drainFollowers = {
  draining: ['cancelling', 'done', 'partly'],
  cancelling: ['cancelled'],
  done: [],
  partly: [],
  cancelled: [],
} as const satisfies Record<HostDrainState, readonly HostDrainState[]>;

export const hostDrainStates = Object.keys(drainFollowers) as readonly HostDrainState[];

/** What became of the host's compute service: only one that we disabled is enabled again. */
export type ServiceChange = 'not-asked' | 'to-disable' | 'disabled' | 'was-disabled' | 'enabled';

/** A host that is emptied for maintenance: the truth about it. */
export type HostDrain = {
  id: string;
  hostId: HostId;
  state: HostDrainState;
  reason: string;
  requestedBy: string;
  policy: string;
  maxConcurrentMoves: number;
  service: ServiceChange;
  createdAtMs: number;
  updatedAtMs: number;
  endedAtMs: number | null;
  /** Since when the host may be a destination again; null before. */
  releasedAtMs: number | null;
  leavers: readonly Leaver[];
  /** Why nothing goes on just now; null while something does. */
  heldBack: string | null;
  history: readonly {
    state: HostDrainState;
    atMs: number;
    by: string | null;
    reason: string | null;
  }[];
};

export class ForbiddenDrainState extends Error {
  override readonly name = 'ForbiddenDrainState';
}

export const isRunning = ({ state }: Pick<HostDrain, 'state'>): boolean =>
  drainFollowers[state].length > 0;

/** The only writer of a drain's state: checks the table and appends to the history. */
export function settleDrain(
  drain: HostDrain,
  to: HostDrainState,
  entry: { atMs: number; by: string | null; reason: string | null },
): HostDrain {
  const allowed: readonly HostDrainState[] = drainFollowers[drain.state];
  if (!allowed.includes(to)) {
    throw new ForbiddenDrainState(`${drain.id}: ${to} cannot follow ${drain.state}`);
  }
  const changed = { ...drain, state: to, updatedAtMs: entry.atMs };
  return {
    ...changed,
    endedAtMs: isRunning(changed) ? null : entry.atMs,
    heldBack: null,
    history: [...drain.history, { state: to, ...entry }],
  };
}

/** Notes that a drained host was given back, and how its compute service stands since: its state stays. */
export function releasedDrain(
  drain: HostDrain,
  service: HostDrain['service'],
  by: string,
  atMs: number,
): HostDrain {
  const entry = { state: drain.state, atMs, by, reason: 'released: the host may be used again' };
  return {
    ...drain,
    service,
    releasedAtMs: atMs,
    updatedAtMs: atMs,
    history: [...drain.history, entry],
  };
}

/** Ends a drain that has nothing left to do; any other is answered as it is. */
export function settledIfOver(drain: HostDrain, atMs: number): HostDrain {
  const { leavers } = drain;
  if (drain.state === 'cancelling') {
    if (leavers.some(({ state }) => state === 'moving')) return drain;
    return settleDrain(drain, 'cancelled', { atMs, by: null, reason: leftInWords(leavers) });
  }
  if (drain.state !== 'draining' || !isOver(leavers)) return drain;
  const whole = leavers.every(arrived);
  const reason = whole ? null : leftInWords(leavers);
  return settleDrain(drain, whole ? 'done' : 'partly', { atMs, by: null, reason });
}

/** The servers that are still there, each with why; null when there is none. */
export function leftInWords(leavers: readonly Leaver[]): string | null {
  const left = leavers.filter((leaver) => !arrived(leaver));
  if (left.length === 0) return null;
  return left.map(({ name, why }) => `${name}: ${why ?? 'not moved yet'}`).join('; ');
}
