/** A token bucket: `burst` moves at once, refilled at `perHour`. */
export type Budget = { perHour: number; burst: number };

/** What the guardrails allow; times in milliseconds. */
export type GuardrailLimits = {
  /** A moved server is left alone `firstMs`, doubled with each move up to `maxMs`; after `quietMs` without one it starts anew. */
  cooldown: { firstMs: number; maxMs: number; quietMs: number };
  /** Back to a host that the server was on within this time only with somebody's approval. */
  cycle: { windowMs: number };
  budgets: { cluster: Budget; hostIn: Budget; hostOut: Budget };
  /** Operations under way at once. */
  concurrentMoves: number;
  /** So many failures of the last so many moves stop all moves; after `coolMs` one is tried. */
  breaker: { failures: number; ofLast: number; coolMs: number };
  /** A plan older than this is not carried out. */
  planExpiryMs: number;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Careful enough for a cloud that nobody has watched Sidestep in yet. */
export const safeLimits: GuardrailLimits = {
  cooldown: { firstMs: 30 * minuteMs, maxMs: 4 * hourMs, quietMs: 12 * hourMs },
  cycle: { windowMs: 72 * hourMs },
  budgets: {
    cluster: { perHour: 30, burst: 10 },
    hostIn: { perHour: 4, burst: 3 },
    hostOut: { perHour: 4, burst: 3 },
  },
  concurrentMoves: 4,
  breaker: { failures: 2, ofLast: 10, coolMs: 30 * minuteMs },
  planExpiryMs: 10 * minuteMs,
};

/** What no single bound can say: faults of limits whose values are each in bounds, by JSON pointer into them. */
export function limitFaults(limits: GuardrailLimits): { pointer: string; detail: string }[] {
  const { cooldown, breaker } = limits;
  const faults: { pointer: string; detail: string }[] = [];
  if (cooldown.maxMs < cooldown.firstMs) {
    faults.push({ pointer: '/cooldown/maxMs', detail: 'must not be less than firstMs' });
  }
  if (cooldown.quietMs < cooldown.maxMs) {
    const detail = 'must not be less than maxMs: the cooldown would be forgotten while it runs';
    faults.push({ pointer: '/cooldown/quietMs', detail });
  }
  if (breaker.failures > breaker.ofLast) {
    const detail = 'must not be more than ofLast: it would never open';
    faults.push({ pointer: '/breaker/failures', detail });
  }
  return faults;
}

/** How far back the guardrails remember; a week at least, since the breaker counts moves however rare they are. */
export function memoryMs({ cooldown, cycle, breaker }: GuardrailLimits): number {
  return Math.max(cycle.windowMs, cooldown.quietMs + cooldown.maxMs, breaker.coolMs, 7 * dayMs);
}
