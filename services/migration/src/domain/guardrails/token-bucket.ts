import type { Budget } from './limits.ts';

const hourMs = 3_600_000;

/** Tokens left now, after one was taken at each of the times; below 0 where the limit was lowered since. Full at first. */
export function tokensAt(takenAtMs: readonly number[], budget: Budget, nowMs: number): number {
  const perMs = budget.perHour / hourMs;
  let tokens = budget.burst;
  let atMs = Number.NEGATIVE_INFINITY;
  for (const takenMs of takenAtMs.toSorted((a, b) => a - b)) {
    tokens = Math.min(budget.burst, tokens + (takenMs - atMs) * perMs) - 1;
    atMs = takenMs;
  }
  return Math.min(budget.burst, tokens + Math.max(0, nowMs - atMs) * perMs);
}

/** When there are so many tokens again, milliseconds since the epoch. */
export function refilledAtMs(
  tokens: number,
  wanted: number,
  budget: Budget,
  nowMs: number,
): number {
  return nowMs + Math.ceil(((wanted - tokens) / budget.perHour) * hourMs);
}
