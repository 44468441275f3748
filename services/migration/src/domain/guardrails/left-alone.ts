import type { HostId, ServerId } from '@sidestep/fleet';
import type { GuardFacts } from './consult.ts';
import { cooldownOf } from './cooldown.ts';
import { windowOf } from './maintenance.ts';
import { counted } from './moves.ts';
import { tokensAt } from './token-bucket.ts';

const time = (atMs: number) => new Date(atMs).toISOString();

/** The servers that rest after a move, each with why: no plan need be made for them. */
export function restingServers({ moves, limits, nowMs }: GuardFacts): Map<ServerId, string> {
  const resting = new Map<ServerId, string>();
  // Nobody rests for longer than the longest cooldown.
  const lately = new Set(
    moves
      .filter(({ endedAtMs }) => (endedAtMs ?? nowMs) + limits.cooldown.maxMs > nowMs)
      .map(({ serverId }) => serverId),
  );
  const concerned = moves.filter(({ serverId }) => lately.has(serverId));
  for (const [serverId, own] of Map.groupBy(concerned, (move) => move.serverId)) {
    const rest = cooldownOf(own, serverId, limits.cooldown);
    if (rest !== null && rest.untilMs > nowMs) {
      const times = rest.inARow === 1 ? 'a move' : `${rest.inARow} moves`;
      resting.set(serverId, `rests after ${times} until ${time(rest.untilMs)}`);
    }
  }
  return resting;
}

/** The hosts that a maintenance window leaves alone now, each with why. */
export function hostsInMaintenance(
  { windows, nowMs }: GuardFacts,
  hostIds: Iterable<HostId>,
): Map<HostId, string> {
  const kept = new Map<HostId, string>();
  if (windows.length === 0) return kept;
  for (const hostId of hostIds) {
    const found = windowOf(windows, hostId, nowMs);
    if (found === undefined) continue;
    kept.set(hostId, `in maintenance until ${time(found.untilMs)}: ${found.window.reason}`);
  }
  return kept;
}

/** The hosts whose budget of moves onto them is spent, each with that in words: a plan looks elsewhere at once. */
export function hostsWithoutBudget({ moves, limits, nowMs }: GuardFacts): Map<HostId, string> {
  const spent = new Map<HostId, string>();
  for (const [hostId, arrived] of Map.groupBy(counted(moves), ({ to }) => to)) {
    const takenAtMs = arrived.map((move) => move.takenAtMs);
    if (tokensAt(takenAtMs, limits.budgets.hostIn, nowMs) < 1 - 1e-9) {
      spent.set(hostId, 'its budget of moves onto it is spent');
    }
  }
  return spent;
}
