import type { HostScore } from '@sidestep/forecast';

/** A fault that Monitoring finds in a host's series. */
export type SeriesFault = { metric: string; fault: string };

/** A host's risk as the model gave it, or unknown because its samples cannot be relied on. */
export type JudgedScore =
  | HostScore
  | { host: string; hostIndex: number; risk: 'unknown'; why: 'suspect' };

/**
 * Faults by which a value says nothing about its moment. A stuck value or a jump may be true, as of a saturated host, and
 * gaps are judged by the model's own window: these leave the risk as it is.
 */
const disqualifying: readonly string[] = ['clock-skew', 'wrong-unit'];

/** Scores without those of hosts whose foreseen metric has a disqualifying fault. */
export const withoutSuspects = (
  scores: readonly HostScore[],
  faults: ReadonlyMap<string, readonly SeriesFault[]>,
  targetMetric: string,
): readonly JudgedScore[] => {
  if (faults.size === 0) return scores;
  return scores.map((score) => {
    const own = faults.get(score.host) ?? [];
    const isSuspect = own.some(
      ({ metric, fault }) => metric === targetMetric && disqualifying.includes(fault),
    );
    if (!isSuspect) return score;
    const { host, hostIndex } = score;
    return { host, hostIndex, risk: 'unknown' as const, why: 'suspect' as const };
  });
};
