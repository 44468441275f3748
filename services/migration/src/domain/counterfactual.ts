import type { HostId, ServerId } from '@sidestep/fleet';
import type { Policy } from '@sidestep/policies';
import type { Move } from './guardrails/moves.ts';
import { type MoveScores, planMove, type Shortlist, type Weighing } from './plan-move.ts';

/**
 * Whether a host stayed below the threshold for the horizon; `censored`: own moves touched it meanwhile; `unknown`: nobody
 * saw it, or the policy could not judge.
 */
export type Health = 'pending' | 'healthy' | 'overloaded' | 'censored' | 'unknown';

/** What one policy would have chosen. */
export type Choice = {
  policy: string;
  /** Null: it would have stayed. */
  serverId: ServerId | null;
  to: HostId | null;
  health: Health;
};

/** What every policy would have chosen where one had to decide, and what came of the hosts that they chose. */
export type Counterfactual = {
  decisionId: string;
  /** The policy that decided. */
  policy: string;
  hostId: HostId;
  atMs: number;
  choices: readonly Choice[];
};

/**
 * What each policy would have chosen from the very list that one decided by: the same victims, the same destinations left
 * by the constraints, the same scores. One that needs scores that were not asked for can't judge.
 */
export function choicesOf(
  list: Shortlist,
  scores: MoveScores,
  policies: readonly Policy[],
  weighing?: Weighing,
): readonly Choice[] {
  return policies.map((policy): Choice => {
    const unscored = policy.needs.includes('forecast.failureRisk') && list.pairs.length === 0;
    const blind = unscored || (policy.asksClasses === true && scores.classes === undefined);
    if (blind && list.victims.some(({ candidates }) => candidates.length > 0)) {
      return { policy: policy.name, serverId: null, to: null, health: 'unknown' };
    }
    // Parameters are of the policy that decided: the others have their defaults.
    const params = policy.name === list.question.policy.name ? list.question.params : {};
    const question = { ...list.question, policy, params };
    const plan = planMove({ ...list, question }, scores, weighing);
    const { serverId, destinationHostId: to } = plan;
    return { policy: policy.name, serverId, to, health: 'pending' };
  });
}

/** The host whose health speaks for or against a choice: where it would have moved to, or the one that it left as it was. */
export function hostOfChoice({ to }: Choice, { hostId }: Pick<Counterfactual, 'hostId'>): HostId {
  return to ?? hostId;
}

/** A choice as it looks once the horizon has passed. */
export function judged(
  choice: Choice,
  given: Pick<Counterfactual, 'decisionId' | 'hostId' | 'atMs'>,
  seen: {
    horizonMs: number;
    overloadPercent: number;
    moves: readonly Move[];
    /** Highest CPU of each host in the horizon, 0–100; null where no sample was there. */
    peaks: ReadonlyMap<HostId, number | null>;
  },
): Choice {
  if (choice.health !== 'pending') return choice;
  const hostId = hostOfChoice(choice, given);
  const untilMs = given.atMs + seen.horizonMs;
  const blurred = seen.moves.some(
    (move) =>
      (move.from === hostId || move.to === hostId) &&
      move.result !== 'not-begun' &&
      move.takenAtMs < untilMs &&
      (move.endedAtMs ?? untilMs) > given.atMs &&
      !isTheChoice(move, choice, given.decisionId),
  );
  if (blurred) return { ...choice, health: 'censored' };
  const peak = seen.peaks.get(hostId) ?? null;
  if (peak === null) return { ...choice, health: 'unknown' };
  return { ...choice, health: peak >= seen.overloadPercent ? 'overloaded' : 'healthy' };
}

/** Was what it chose what was done? Then nothing is blurred: that is how it looks. */
function isTheChoice(move: Move, { serverId, to }: Choice, decisionId: string): boolean {
  return move.decisionId === decisionId && move.serverId === serverId && move.to === to;
}

/** How often a policy's choice was followed by what. */
export type Score = {
  policy: string;
  decisions: number;
  wouldMove: number;
  healthy: number;
  overloaded: number;
  censored: number;
  unknown: number;
};

export const noScore = (policy: string): Score => ({
  policy,
  decisions: 0,
  wouldMove: 0,
  healthy: 0,
  overloaded: 0,
  censored: 0,
  unknown: 0,
});

export function scored(score: Score, { to, health }: Choice): Score {
  if (health === 'pending') return score;
  return {
    ...score,
    decisions: score.decisions + 1,
    wouldMove: score.wouldMove + (to === null ? 0 : 1),
    [health]: score[health] + 1,
  };
}

/** Wilson's 95 % interval of a rate; null where nothing was seen. */
export function wilson(
  hits: number,
  of: number,
): { rate: number; low: number; high: number } | null {
  if (of === 0) return null;
  const z = 1.96;
  const rate = hits / of;
  const middle = rate + z ** 2 / (2 * of);
  const spread = z * Math.sqrt((rate * (1 - rate)) / of + z ** 2 / (4 * of ** 2));
  const whole = 1 + z ** 2 / of;
  return {
    rate,
    low: Math.max(0, (middle - spread) / whole),
    high: Math.min(1, (middle + spread) / whole),
  };
}
