import { breakerAt } from './breaker.ts';
import type { GuardFacts, GuardrailName } from './consult.ts';
import { cooldownOf } from './cooldown.ts';
import type { Budget } from './limits.ts';
import { runsUntilMs } from './maintenance.ts';
import { byEnd, counted, type Move } from './moves.ts';
import { refilledAtMs, tokensAt } from './token-bucket.ts';

/** How far a guardrail is from holding moves back: `used` of `limit`, of the cluster, a host or a server. */
export type Fill = {
  of: string;
  used: number;
  limit: number;
  detail: string;
  /** When there is room again, or the rest is over; null where time does not bring it. */
  untilMs: number | null;
};

/** Most fills of one guardrail: the fullest, or the longest. */
export const maxFills = 50;

/** How full each guardrail is now. */
export function survey(facts: GuardFacts): Record<GuardrailName, Fill[]> {
  const { nowMs, limits, killSwitch, moves } = facts;
  const { budgets } = limits;
  const taken = counted(moves);
  return {
    'kill-switch': [
      fill('every move', killSwitch.engaged ? 1 : 0, 1, killSwitch.reason ?? 'not engaged'),
    ],
    breaker: [breakerFill(facts)],
    'maintenance-window': facts.windows.flatMap((window) => {
      const untilMs = runsUntilMs(window, nowMs);
      const of = window.hostId ?? 'every host';
      return untilMs === null ? [] : [{ ...fill(of, 1, 1, window.reason), untilMs }];
    }),
    'plan-expiry': [],
    'concurrent-moves': [
      fill(
        'the cluster',
        moves.filter(({ result }) => result === 'live').length,
        limits.concurrentMoves,
        'operations under way',
      ),
    ],
    'cluster-budget': [budgetFill('the cluster', taken, budgets.cluster, nowMs)],
    'host-out-budget': perHost(taken, ({ from }) => from, budgets.hostOut, nowMs),
    'host-in-budget': perHost(taken, ({ to }) => to, budgets.hostIn, nowMs),
    cooldown: [...Map.groupBy(taken, ({ serverId }) => serverId)]
      .flatMap(([serverId, own]) => {
        const rest = cooldownOf(own, serverId, limits.cooldown);
        if (rest === null || rest.untilMs <= nowMs) return [];
        const detail = `rests after ${rest.inARow} moves in a row`;
        return [{ ...fill(serverId, rest.inARow, 1, detail), untilMs: rest.untilMs }];
      })
      .toSorted((a, b) => b.untilMs - a.untilMs)
      .slice(0, maxFills),
    cycle: byEnd(moves)
      .toReversed()
      .flatMap(({ serverId, from, endedAtMs, result }) => {
        const untilMs = endedAtMs + limits.cycle.windowMs;
        if (result !== 'completed' || untilMs <= nowMs) return [];
        return [{ ...fill(serverId, 1, 1, `back to ${from} only with approval`), untilMs }];
      })
      .slice(0, maxFills),
  };
}

function fill(of: string, used: number, limit: number, detail: string): Fill {
  return { of, used, limit, detail, untilMs: null };
}

function breakerFill({ moves, breakerClosedAtMs, limits, nowMs }: GuardFacts): Fill {
  const breaker = breakerAt(moves, breakerClosedAtMs, limits.breaker, nowMs);
  const { failures } = limits.breaker;
  switch (breaker.state) {
    case 'closed':
      return fill(
        'every move',
        breaker.failures,
        failures,
        `failures of the last ${breaker.of} moves`,
      );
    case 'open':
      return { ...fill('every move', failures, failures, 'open'), untilMs: breaker.untilMs };
    case 'half-open': {
      const trial = breaker.trial === null ? 'one move may be tried' : `${breaker.trial} is tried`;
      return fill('every move', failures, failures, `half-open: ${trial}`);
    }
  }
}

function budgetFill(of: string, taken: readonly Move[], budget: Budget, nowMs: number): Fill {
  const times = taken.map(({ takenAtMs }) => takenAtMs);
  const tokens = tokensAt(times, budget, nowMs);
  const left = Math.floor(tokens + 1e-9);
  return {
    of,
    used: budget.burst - left,
    limit: budget.burst,
    detail: `${budget.perHour} an hour come back`,
    untilMs: left >= 1 ? null : refilledAtMs(tokens, 1, budget, nowMs),
  };
}

function perHost(
  taken: readonly Move[],
  hostOf: (move: Move) => string,
  budget: Budget,
  nowMs: number,
): Fill[] {
  return [...Map.groupBy(taken, hostOf)]
    .map(([hostId, own]) => budgetFill(hostId, own, budget, nowMs))
    .filter(({ used }) => used > 0)
    .toSorted((a, b) => b.used - a.used)
    .slice(0, maxFills);
}
