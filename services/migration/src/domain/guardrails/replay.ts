import type { GuardrailName } from './consult.ts';
import type { Budget, GuardrailLimits } from './limits.ts';
import { type MaintenanceWindow, runsUntilMs } from './maintenance.ts';
import type { Move } from './moves.ts';

/** What was recorded of a time in which the limits stayed the same. */
export type Recorded = {
  moves: readonly Move[];
  limits: GuardrailLimits;
  windows?: readonly MaintenanceWindow[];
  /** When operators closed the breaker. */
  breakerClosedAtMs?: readonly number[];
  /** Times in which the kill switch was engaged, but for the moment itself; until null where it still is. */
  killSwitch?: readonly { fromMs: number; untilMs: number | null }[];
};

/** A move that a guardrail should have held back. */
export type Breach = {
  guardrail: GuardrailName;
  operationId: string;
  atMs: number;
  detail: string;
};

/**
 * Checks a record of moves against the limits, by other reckonings than those that let the moves through: what comes
 * back empty has broken no guardrail. Every time is that of the letting through; the record spans no more than a week.
 */
export function replay(recorded: Recorded): Breach[] {
  const moves = recorded.moves
    .filter(({ result }) => result !== 'not-begun')
    .toSorted((a, b) => a.takenAtMs - b.takenAtMs);
  const { budgets } = recorded.limits;
  const budgeted = moves.filter(({ purpose }) => purpose !== 'evacuate');
  return [
    ...overdrawn('cluster-budget', budgeted, budgets.cluster),
    ...perHost('host-in-budget', moves, ({ to }) => to, budgets.hostIn),
    ...perHost(
      'host-out-budget',
      moves.filter(({ purpose }) => purpose === 'move'),
      ({ from }) => from,
      budgets.hostOut,
    ),
    ...crowded(recorded.moves, recorded.limits.concurrentMoves),
    ...restless(moves, recorded.limits),
    ...whileBroken(recorded),
    ...moves.flatMap((move) => untimely(move, recorded)),
  ].toSorted((a, b) => a.atMs - b.atMs);
}

const breach = (
  guardrail: GuardrailName,
  { operationId, takenAtMs }: Move,
  detail: string,
): Breach => ({ guardrail, operationId, atMs: takenAtMs, detail });

/** A token bucket lets at most burst + rate × length through in any stretch of time, however long. */
function overdrawn(
  guardrail: GuardrailName,
  moves: readonly Move[],
  { burst, perHour }: Budget,
): Breach[] {
  const breaches: Breach[] = [];
  let lowest = Number.POSITIVE_INFINITY;
  for (const [index, move] of moves.entries()) {
    const ahead = index - (move.takenAtMs * perHour) / 3_600_000;
    lowest = Math.min(lowest, ahead);
    const over = ahead - lowest + 1 - burst;
    // Epoch times as float quotients are exact to a thousandth of a move.
    if (over > 1e-3) breaches.push(breach(guardrail, move, `${over.toFixed(2)} moves too many`));
  }
  return breaches;
}

function perHost(
  guardrail: GuardrailName,
  moves: readonly Move[],
  hostOf: (move: Move) => string,
  budget: Budget,
): Breach[] {
  return [...Map.groupBy(moves, hostOf).values()].flatMap((each) =>
    overdrawn(guardrail, each, budget),
  );
}

function crowded(moves: readonly Move[], most: number): Breach[] {
  // Of those let through at the same moment each sees the ones before it.
  const inTurn = moves.toSorted((a, b) => a.takenAtMs - b.takenAtMs);
  return inTurn.flatMap((move, index) => {
    const underWay = inTurn
      .slice(0, index)
      .filter(({ endedAtMs }) => endedAtMs === null || endedAtMs > move.takenAtMs);
    return underWay.length < most
      ? []
      : [breach('concurrent-moves', move, `${underWay.length} were under way`)];
  });
}

function restless(moves: readonly Move[], { cooldown, cycle }: GuardrailLimits): Breach[] {
  const free = (move: Move) => move.purpose !== 'move';
  return [...Map.groupBy(moves, ({ serverId }) => serverId).values()].flatMap((own) => {
    const breaches: Breach[] = [];
    let restMs = 0;
    for (const [index, move] of own.entries()) {
      const last = own[index - 1];
      const calmMs = move.takenAtMs - (last?.endedAtMs ?? Number.NEGATIVE_INFINITY);
      if (!free(move) && last !== undefined && calmMs < restMs) {
        breaches.push(breach('cooldown', move, `after ${calmMs} ms, not ${restMs} ms`));
      }
      restMs =
        restMs === 0 || calmMs >= cooldown.quietMs
          ? cooldown.firstMs
          : Math.min(cooldown.maxMs, restMs * 2);
      const back = own.some(
        (earlier) =>
          earlier.result === 'completed' &&
          earlier.from === move.to &&
          earlier.endedAtMs !== null &&
          earlier.endedAtMs <= move.takenAtMs &&
          move.takenAtMs - earlier.endedAtMs < cycle.windowMs,
      );
      if (back && !free(move) && move.approvedBy === null) {
        breaches.push(breach('cycle', move, `back to ${move.to}, and nobody approved`));
      }
    }
    return breaches;
  });
}

/** Goes through what happened in its order, keeping the breaker as it must have stood. */
function whileBroken({ moves, limits, breakerClosedAtMs = [] }: Recorded): Breach[] {
  const { failures, ofLast, coolMs } = limits.breaker;
  const happened = [
    ...moves.flatMap((move) => {
      const { endedAtMs, takenAtMs } = move;
      // At one moment an end makes room before the next is let through, but nothing ends before it began.
      const order = endedAtMs === takenAtMs ? 3 : 0;
      return endedAtMs === null ? [] : [{ atMs: endedAtMs, order, move, ended: true }];
    }),
    ...breakerClosedAtMs.map((atMs) => ({ atMs, order: 1, move: null, ended: false })),
    ...moves.map((move) => ({ atMs: move.takenAtMs, order: 2, move, ended: false })),
  ].toSorted((a, b) => a.atMs - b.atMs || a.order - b.order);
  const breaches: Breach[] = [];
  let results: string[] = [];
  const breaker: { opened: { atMs: number; sinceMs: number; trial: Move | null } | null } = {
    opened: null,
  };
  for (const { atMs, move, ended } of happened) {
    const { opened } = breaker;
    if (move === null) {
      breaker.opened = null;
      results = [];
    } else if (ended) {
      if (opened?.trial === move) opened.trial = null;
      if (move.result === 'failed') {
        results.push(move.result);
        const few = results.slice(-ofLast).filter((result) => result === 'failed').length;
        const isStillOpen = opened !== null && atMs < opened.atMs + coolMs;
        if (opened !== null || few >= failures) {
          const sinceMs = isStillOpen ? opened.sinceMs : atMs;
          breaker.opened = { atMs, sinceMs, trial: null };
        }
      } else if (move.result === 'completed') {
        results.push(move.result);
        if (opened !== null && move.takenAtMs >= opened.atMs + coolMs) {
          breaker.opened = null;
          results = [];
        }
      }
    } else if (opened !== null && move.result !== 'not-begun' && move.purpose !== 'evacuate') {
      // Of one moment the record does not tell which was first, the failure or the move.
      if (opened.sinceMs === atMs) continue;
      if (atMs < opened.atMs + coolMs) {
        breaches.push(breach('breaker', move, 'the breaker was open'));
      } else if (opened.trial !== null) {
        breaches.push(breach('breaker', move, 'another move was the trial'));
      } else {
        opened.trial = move;
      }
    }
  }
  return breaches;
}

function untimely(move: Move, { limits, windows = [], killSwitch = [] }: Recorded): Breach[] {
  const { takenAtMs, decidedAtMs } = move;
  const breaches: Breach[] = [];
  if (takenAtMs - decidedAtMs >= limits.planExpiryMs) {
    breaches.push(breach('plan-expiry', move, `its plan was ${takenAtMs - decidedAtMs} ms old`));
  }
  const engaged = killSwitch.some(
    ({ fromMs, untilMs }) => takenAtMs > fromMs && (untilMs === null || takenAtMs < untilMs),
  );
  if (engaged) breaches.push(breach('kill-switch', move, 'the kill switch was engaged'));
  const hosts = move.purpose === 'move' ? [move.from, move.to] : [move.to];
  const closed = windows.find(
    (window) =>
      (window.hostId === null || hosts.includes(window.hostId)) &&
      runsUntilMs(window, takenAtMs) !== null,
  );
  if (closed !== undefined) {
    breaches.push(breach('maintenance-window', move, closed.reason));
  }
  return breaches;
}
