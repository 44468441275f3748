import type { Chain, HostId, ServerId } from '@sidestep/fleet';
import { isTerminal, type Operation, type OperationKind } from '../operation.ts';

/** How far a server has come in leaving its host; `blocked` cannot leave as things are, and says why. */
export type LeavingState = 'waiting' | 'blocked' | 'moving' | 'moved' | 'gone';

/** A server of a host that is being emptied. */
export type Leaver = {
  serverId: ServerId;
  name: string;
  state: LeavingState;
  /** Why it waits, is blocked, or did not go as planned; null where there is nothing to say. */
  why: string | null;
  /** Moves that failed, and looks that found no destination while nothing else moved. */
  tries: number;
  /** Not looked at again before, milliseconds since the epoch. */
  notBeforeMs: number;
  decisionId: string | null;
  operationId: string | null;
  /** Where it went, or is going; null before a destination was found. */
  to: HostId | null;
  /** Where the last try failed: not asked again at once; null without one. */
  avoid: HostId | null;
};

/** A server as Nova shows it on the host now. */
export type Resident = {
  id: ServerId;
  name: string;
  status: string;
  taskState: string | null;
  volumeBacked: boolean;
};

export type LeavingLimits = {
  /** So often a server is tried before it is left where it is. */
  maxTries: number;
  /** Wait after the first failure, milliseconds; doubled after each. */
  retryMs: number;
};

export const arrived = ({ state }: Leaver): boolean => state === 'moved' || state === 'gone';

/** Is there anything left to be done? */
export const isOver = (leavers: readonly Leaver[]): boolean =>
  leavers.every((leaver) => arrived(leaver) || leaver.state === 'blocked');

/** A server whose leaving has not begun. */
export function newLeaver({ id, name }: Pick<Resident, 'id' | 'name'>): Leaver {
  return {
    serverId: id,
    name,
    state: 'waiting',
    why: null,
    tries: 0,
    notBeforeMs: 0,
    decisionId: null,
    operationId: null,
    to: null,
    avoid: null,
  };
}

/** What is read before the next servers are chosen. */
export type Looked = {
  residents: readonly Resident[];
  operations: ReadonlyMap<string, Operation>;
  /** Why a server cannot leave as it stands; null when nothing is against it. */
  objection(resident: Resident): string | null;
  limits: LeavingLimits;
  atMs: number;
};

/** The list brought up to date: who has left, who failed, who cannot leave, who has come meanwhile. */
export function refreshed(leavers: readonly Leaver[], looked: Looked): Leaver[] {
  const residents = new Map(looked.residents.map((resident) => [resident.id, resident]));
  const known = new Set(leavers.map(({ serverId }) => serverId));
  const came = looked.residents.filter(({ id }) => !known.has(id)).map(newLeaver);
  return [...leavers, ...came].map((leaver) => {
    const resident = residents.get(leaver.serverId);
    if (leaver.state === 'moving') return afterOperation(leaver, resident, looked);
    if (leaver.state === 'gone' || (leaver.state === 'moved' && resident === undefined)) {
      return leaver;
    }
    // The list of Nova may still show a server that has just left.
    if (leaver.state === 'moved') return leaver;
    if (resident === undefined) {
      return { ...leaver, state: 'gone', why: 'it is no longer on the host' };
    }
    return judged(leaver, resident, looked);
  });
}

function judged(leaver: Leaver, resident: Resident, looked: Looked): Leaver {
  const { objection, limits, atMs } = looked;
  const { taskState } = resident;
  // What Nova is at passes, mostly: it is looked at again a few times before the server is left where it is.
  if (taskState !== null && leaver.tries < limits.maxTries) {
    const why = `Nova is busy with it (${taskState})`;
    const waiting: Leaver = { ...leaver, state: 'waiting' };
    return leaver.notBeforeMs > atMs ? waiting : failedOnce(waiting, why, looked);
  }
  const why = objection(resident);
  if (why !== null) return { ...leaver, state: 'blocked', why };
  if (leaver.tries >= limits.maxTries) return { ...leaver, state: 'blocked' };
  return { ...leaver, state: 'waiting', why: leaver.state === 'blocked' ? null : leaver.why };
}

/** Problems that are nobody's failure: the move may be tried again at once. */
const heldBack: ReadonlySet<string> = new Set(['KILL_SWITCH', 'HELD_BACK']);

function afterOperation(leaver: Leaver, resident: Resident | undefined, looked: Looked): Leaver {
  const operation = looked.operations.get(leaver.operationId ?? '');
  if (operation !== undefined && !isTerminal(operation.state)) return leaver;
  if (operation?.state === 'COMPLETED') return { ...leaver, state: 'moved', why: null };
  const detail = operation?.problem?.detail ?? 'its operation is gone';
  if (resident === undefined) return { ...leaver, state: 'moved', why: detail };
  const { limits, atMs } = looked;
  if (operation?.abort != null) {
    const { by, reason } = operation.abort;
    const why = `stopped by ${by}: ${reason}`;
    return judged({ ...leaver, tries: limits.maxTries, why }, resident, looked);
  }
  const waiting: Leaver = { ...leaver, state: 'waiting', operationId: null, to: null, why: detail };
  if (heldBack.has(operation?.problem?.code ?? '')) return judged(waiting, resident, looked);
  const failed = failedOnce({ ...waiting, avoid: leaver.to }, detail, { limits, atMs });
  return judged(failed, resident, looked);
}

/** One try more that came to nothing. */
export function failedOnce(
  leaver: Leaver,
  why: string,
  { limits, atMs }: Pick<Looked, 'limits' | 'atMs'>,
): Leaver {
  const notBeforeMs = atMs + limits.retryMs * 2 ** leaver.tries;
  return { ...leaver, why, tries: leaver.tries + 1, notBeforeMs };
}

export type Choice = {
  /** Most servers that may be on their way at a time. */
  room: number;
  /** Keep servers of one chain from being on their way together? */
  apart: boolean;
  chains: readonly Chain[];
  /** Chains of every move under way in the cloud. */
  busyChainIds: ReadonlySet<string>;
  /** How much a chain matters; the more the sooner. */
  criticality(chain: Chain): number;
  atMs: number;
};

/** Who leaves next: servers of the chains that matter most first, ties by name. */
export function nextToLeave(leavers: readonly Leaver[], choice: Choice): Leaver[] {
  const chainsOf = membership(choice.chains);
  const busy = new Set(choice.busyChainIds);
  const weight = ({ serverId }: Leaver) =>
    Math.max(0, ...(chainsOf.get(serverId) ?? []).map((chain) => choice.criticality(chain)));
  const count = ({ serverId }: Leaver) => chainsOf.get(serverId)?.length ?? 0;
  const ready = leavers
    .filter(({ state, notBeforeMs }) => state === 'waiting' && notBeforeMs <= choice.atMs)
    .toSorted((a, b) => weight(b) - weight(a) || count(b) - count(a) || (a.name < b.name ? -1 : 1));
  const chosen: Leaver[] = [];
  for (const leaver of ready) {
    if (chosen.length >= choice.room) break;
    const own = (chainsOf.get(leaver.serverId) ?? []).map(({ id }) => id);
    if (choice.apart && own.some((id) => busy.has(id))) continue;
    chosen.push(leaver);
    for (const id of own) busy.add(id);
  }
  return chosen;
}

function membership(chains: readonly Chain[]): Map<ServerId, Chain[]> {
  const found = new Map<ServerId, Chain[]>();
  for (const chain of chains) {
    for (const serverId of new Set(chain.hops.flatMap(({ memberIds }) => memberIds))) {
      found.set(serverId, [...(found.get(serverId) ?? []), chain]);
    }
  }
  return found;
}

/** Why a server cannot leave its host alive, or be made anew; null when nothing is against it. */
export function objectionTo(
  kind: OperationKind,
  rules: { localDisksMayBeRebuilt: boolean },
): (resident: Resident) => string | null {
  return ({ status, taskState, volumeBacked }) => {
    const states = kind === 'evacuate' ? ['ACTIVE', 'SHUTOFF', 'ERROR'] : ['ACTIVE'];
    if (taskState !== null) return `Nova is busy with it (${taskState})`;
    if (!states.includes(status)) return `it is ${status}, not ${states.join(' or ')}`;
    if (kind === 'evacuate' && !volumeBacked && !rules.localDisksMayBeRebuilt) {
      return 'its disk is on the dead host: it would be rebuilt from its image, which the settings do not allow';
    }
    return null;
  };
}
