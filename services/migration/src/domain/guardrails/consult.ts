import type { HostId, ServerId } from '@sidestep/fleet';
import { breakerAt } from './breaker.ts';
import { cooldownOf } from './cooldown.ts';
import type { Budget, GuardrailLimits } from './limits.ts';
import { type MaintenanceWindow, windowOf } from './maintenance.ts';
import { byEnd, counted, type Move, type Purpose } from './moves.ts';
import { refilledAtMs, tokensAt } from './token-bucket.ts';

export const guardrailNames = [
  'kill-switch',
  'breaker',
  'maintenance-window',
  'plan-expiry',
  'concurrent-moves',
  'cluster-budget',
  'host-out-budget',
  'host-in-budget',
  'cooldown',
  'cycle',
] as const;
export type GuardrailName = (typeof guardrailNames)[number];

/** What a guardrail says to a move. `needs-approval`: a person may let it through, nobody else. */
export type Verdict = {
  guardrail: GuardrailName;
  result: 'allowed' | 'held-back' | 'needs-approval';
  reason: string;
  /** When it may be otherwise, milliseconds since the epoch; null when that is somebody's to say. */
  untilMs: number | null;
};

/** A move that is to be let through, or that was and is about to be asked of the cloud. */
export type MoveQuestion = {
  serverId: ServerId;
  from: HostId;
  to: HostId;
  purpose: Purpose;
  decidedAtMs: number;
  approvedBy: string | null;
  /** Its operation, when it has been let through already: then its place is taken and not asked for once more. */
  operationId: string | null;
};

/** All that the guardrails judge by, of one moment. */
export type GuardFacts = {
  nowMs: number;
  limits: GuardrailLimits;
  killSwitch: { engaged: boolean; reason: string | null };
  /** When operators closed the breaker. */
  breakerClosedAtMs: readonly number[];
  windows: readonly MaintenanceWindow[];
  moves: readonly Move[];
};

type Said = { result: 'held-back' | 'needs-approval'; reason: string; untilMs: number | null };
type Guardrail = {
  /** What the guardrail is not asked about, each with why. */
  exempt?: Partial<Record<Purpose, string>>;
  judge(question: MoveQuestion, facts: GuardFacts): Said | { result: 'allowed'; reason: string };
};

const allowed = (reason: string) => ({ result: 'allowed', reason }) as const;
const heldBack = (reason: string, untilMs: number | null) =>
  ({ result: 'held-back', reason, untilMs }) as const;

const rescue = 'its host is dead: it can only be helped';
const emptied = 'its host is being emptied because an operator wants it';

const guardrails: Record<GuardrailName, Guardrail> = {
  'kill-switch': {
    judge: (_question, { killSwitch }) =>
      killSwitch.engaged
        ? heldBack(`the kill switch is engaged: ${killSwitch.reason ?? 'no reason given'}`, null)
        : allowed('the kill switch is not engaged'),
  },
  breaker: {
    exempt: { evacuate: rescue },
    judge: ({ operationId }, { moves, breakerClosedAtMs, limits, nowMs }) => {
      const breaker = breakerAt(moves, breakerClosedAtMs, limits.breaker, nowMs);
      switch (breaker.state) {
        case 'closed':
          return allowed(`${breaker.failures} of the last ${breaker.of} moves failed`);
        case 'open': {
          const { failures, ofLast } = limits.breaker;
          return heldBack(`${failures} of the last ${ofLast} moves failed`, breaker.untilMs);
        }
        case 'half-open':
          return breaker.trial === null || breaker.trial === operationId
            ? allowed('it is the trial after failures')
            : heldBack(`operation ${breaker.trial} is the trial after failures`, null);
      }
    },
  },
  'maintenance-window': {
    judge: ({ from, to, purpose }, { windows, nowMs }) => {
      // What leaves a host in maintenance is what maintenance wants; what arrives is not.
      const closed = windowOf(windows, to, nowMs);
      const source = windowOf(purpose === 'move' ? windows : [], from, nowMs);
      const found = closed ?? source;
      if (found === undefined) return allowed('no maintenance window runs');
      const { hostId, reason } = found.window;
      return heldBack(`maintenance of ${hostId ?? 'every host'}: ${reason}`, found.untilMs);
    },
  },
  'plan-expiry': {
    judge: ({ decidedAtMs }, { limits, nowMs }) => {
      const ageMs = nowMs - decidedAtMs;
      const age = `the plan is ${seconds(ageMs)} old, ${seconds(limits.planExpiryMs)} at most`;
      return ageMs < limits.planExpiryMs ? allowed(age) : heldBack(age, null);
    },
  },
  'concurrent-moves': {
    judge: ({ operationId }, { moves, limits }) => {
      const others = moves.filter(
        (move) => move.result === 'live' && move.operationId !== operationId,
      );
      const said = `${others.length} moves are under way, ${limits.concurrentMoves} at most`;
      return others.length < limits.concurrentMoves ? allowed(said) : heldBack(said, null);
    },
  },
  'cluster-budget': {
    exempt: { evacuate: rescue },
    judge: (question, facts) =>
      judgeBudget(question, facts, facts.limits.budgets.cluster, 'in the cluster', () => true),
  },
  'host-out-budget': {
    exempt: { evacuate: rescue, drain: emptied },
    judge: (question, facts) =>
      judgeBudget(
        question,
        facts,
        facts.limits.budgets.hostOut,
        `off ${question.from}`,
        ({ from }) => from === question.from,
      ),
  },
  'host-in-budget': {
    judge: (question, facts) =>
      judgeBudget(
        question,
        facts,
        facts.limits.budgets.hostIn,
        `onto ${question.to}`,
        ({ to }) => to === question.to,
      ),
  },
  cooldown: {
    exempt: { evacuate: rescue, drain: emptied },
    judge: ({ serverId }, { moves, limits, nowMs }) => {
      const rest = cooldownOf(moves, serverId, limits.cooldown);
      if (rest === null) return allowed('it has not moved lately');
      const said = `it rests after ${rest.inARow === 1 ? 'a move' : `${rest.inARow} moves`}`;
      return rest.untilMs > nowMs ? heldBack(said, rest.untilMs) : allowed('it has rested');
    },
  },
  cycle: {
    exempt: { evacuate: rescue, drain: emptied },
    judge: ({ serverId, to, approvedBy }, { moves, limits, nowMs }) => {
      const left = byEnd(
        moves.filter((move) => move.serverId === serverId && move.from === to),
      ).findLast(({ result }) => result === 'completed');
      if (left === undefined || left.endedAtMs + limits.cycle.windowMs <= nowMs) {
        return allowed(`it was not on ${to} lately`);
      }
      const reason = `it left ${to} ${seconds(nowMs - left.endedAtMs)} ago`;
      return approvedBy === null
        ? { result: 'needs-approval', reason, untilMs: left.endedAtMs + limits.cycle.windowMs }
        : allowed(`${reason}, and ${approvedBy} approved`);
    },
  },
};

function judgeBudget(
  { operationId }: MoveQuestion,
  { moves, nowMs }: GuardFacts,
  budget: Budget,
  where: string,
  concerns: (move: Move) => boolean,
): ReturnType<Guardrail['judge']> {
  const taken = counted(moves.filter(concerns));
  const tokens = tokensAt(
    taken.map(({ takenAtMs }) => takenAtMs),
    budget,
    nowMs,
  );
  const hasItsOwn = taken.some((move) => move.operationId === operationId);
  const wanted = hasItsOwn ? 0 : 1;
  const said = `${Math.max(0, Math.floor(tokens + slack))} of ${budget.burst} moves ${where} are left, ${budget.perHour} an hour come back`;
  return tokens + slack >= wanted
    ? allowed(said)
    : heldBack(said, refilledAtMs(tokens, wanted, budget, nowMs));
}

/** What rounding may take from a token. */
const slack = 1e-9;

/** Asks every guardrail; a move may go where all of them allow it. */
export function consult(question: MoveQuestion, facts: GuardFacts): Verdict[] {
  return guardrailNames.map((guardrail): Verdict => {
    const { exempt, judge } = guardrails[guardrail];
    const why = exempt?.[question.purpose];
    const said = why === undefined ? judge(question, facts) : allowed(`not asked: ${why}`);
    return { guardrail, untilMs: null, ...said };
  });
}

/**
 * What holds a plan back of which nobody can tell whether it still holds: it waits for the silence to end, and is not
 * carried out once it is as old as a plan may be.
 */
export function unconfirmed(
  { decidedAtMs }: Pick<MoveQuestion, 'decidedAtMs'>,
  silence: string,
  { limits: { planExpiryMs }, nowMs }: Pick<GuardFacts, 'limits' | 'nowMs'>,
): { verdict: Verdict; expired: boolean } {
  const ageMs = nowMs - decidedAtMs;
  const reason = `the plan is ${seconds(ageMs)} old, ${seconds(planExpiryMs)} at most, and what has changed since is unknown: ${silence}`;
  const verdict = { guardrail: 'plan-expiry', result: 'held-back', reason, untilMs: null } as const;
  return { verdict, expired: ageMs >= planExpiryMs };
}

/** The verdicts that stand against a move. */
export function objections(verdicts: readonly Verdict[]): Verdict[] {
  return verdicts.filter(({ result }) => result !== 'allowed');
}

/** What stands against a move, in one sentence. */
export function inWords(against: readonly Verdict[]): string {
  return against
    .map(({ guardrail, reason, untilMs }) => {
      const until = untilMs === null ? '' : ` until ${new Date(untilMs).toISOString()}`;
      return `${guardrail}: ${reason}${until}`;
    })
    .join('; ');
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1_000)} s`;
}
