import {
  type DestinationDecision,
  isDecidable,
  type PickRule,
  pickDestination,
} from './destinations.ts';

/** A past decision whose outcome is known, with what was foreseen of each candidate before it was. */
export type ReplayedDecision = {
  readonly decision: DestinationDecision;
  /** By candidate, 0–1. */
  readonly risks: readonly number[];
  /** By candidate, 0–100. */
  readonly maxima: readonly number[];
};

/** The rule that serves until a fleet's own past speaks for another one (a compromise between the train parts of three fleets). */
export const defaultPickRule: PickRule = { safeMargin: 0.08, riskWeight: 30 };

const everyHost = 1;
const otherRules: readonly PickRule[] = [
  { safeMargin: 0.03, riskWeight: 0 },
  { safeMargin: 0.03, riskWeight: 30 },
  { safeMargin: 0.3, riskWeight: 30 },
  { safeMargin: everyHost, riskWeight: 0 },
  { safeMargin: everyHost, riskWeight: 10 },
  { safeMargin: everyHost, riskWeight: 30 },
  { safeMargin: everyHost, riskWeight: 100 },
  { safeMargin: everyHost, riskWeight: 1000 },
];

/** Misses a decision that another rule has to save for sure; less is not worth leaving the default. */
const leastGain = 0.002;
/** Points of regret that weigh as much as one pick that missed. */
const regretPerMiss = 300;

/**
 * The rule that did best on a fleet's own replayed decisions. Another rule than the default has to be better by more than
 * two standard errors of the paired difference: eight rules are tried, and by chance one of them always looks better.
 * Decisions that are there `repeats` times, in other cells, count as one for these errors.
 */
export const choosePickRule = (
  replayed: readonly ReplayedDecision[],
  thresholdPercent: number,
  repeats = 1,
): PickRule => {
  const usual = replayed.map((own) => benefitOf(own, defaultPickRule, thresholdPercent));
  let best = defaultPickRule;
  let bestGain = leastGain;
  for (const rule of otherRules) {
    const gain = lowerGain(
      replayed.map((own, i) => benefitOf(own, rule, thresholdPercent) - (usual[i] ?? 0)),
      repeats,
    );
    if (gain <= bestGain) continue;
    best = rule;
    bestGain = gain;
  }
  return best;
};

const benefitOf = (
  { decision, risks, maxima }: ReplayedDecision,
  rule: PickRule,
  thresholdPercent: number,
): number => {
  const { candidates, futureMax } = decision;
  const picked = pickDestination(
    candidates.map((_, i) => i),
    (i) => risks[i] ?? NaN,
    (i) => maxima[i] ?? NaN,
    rule,
  );
  const max = futureMax[picked] ?? NaN;
  const missed = isDecidable(decision, thresholdPercent) && max >= thresholdPercent ? 1 : 0;
  return -missed - (max - Math.min(...futureMax)) / regretPerMiss;
};

// Mean difference less two standard errors of it.
const lowerGain = (differences: readonly number[], repeats: number): number => {
  const count = differences.length;
  if (count < 2) return 0;
  const mean = differences.reduce((sum, own) => sum + own, 0) / count;
  const variance = differences.reduce((sum, own) => sum + (own - mean) ** 2, 0) / (count - 1);
  return mean - 2 * Math.sqrt((variance * repeats) / count);
};
