import type { ServerId } from '@sidestep/fleet';
import type { GuardrailLimits } from './limits.ts';
import { byEnd, counted, type Move } from './moves.ts';

/** Until when a server rests after its moves, and after how many in a row; null when it never moved. */
export function cooldownOf(
  moves: readonly Move[],
  serverId: ServerId,
  { firstMs, maxMs, quietMs }: GuardrailLimits['cooldown'],
): { untilMs: number; inARow: number } | null {
  const ended = byEnd(counted(moves.filter((move) => move.serverId === serverId)));
  let inARow = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { takenAtMs, endedAtMs } of ended) {
    inARow = takenAtMs - lastMs >= quietMs ? 1 : inARow + 1;
    lastMs = endedAtMs;
  }
  if (inARow === 0) return null;
  return { untilMs: lastMs + Math.min(maxMs, firstMs * 2 ** (inARow - 1)), inARow };
}
