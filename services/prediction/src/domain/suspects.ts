import type { FleetSeries, HostScore } from '@sidestep/forecast';

/** A fault that Monitoring finds in a host's series. */
export type SeriesFault = { metric: string; fault: string };

/** What Monitoring holds against what a host reports. */
export type HostDoubt = {
  /** False where something of it came unsigned, unless the operator allows that. */
  trusted: boolean;
  faults: readonly SeriesFault[];
};

/** The hosts in doubt, by name; all others are good. */
export type Doubts = ReadonlyMap<string, HostDoubt>;

/** A host's risk as the model gave it, or unknown because its samples cannot be relied on. */
export type JudgedScore =
  | HostScore
  | { host: string; hostIndex: number; risk: 'unknown'; why: 'suspect' | 'unsigned' };

/**
 * Gaps and silence are judged by the model's own window, which knows what it can bridge; every other fault says that the
 * values are not those of their moment.
 */
const judgedByTheWindow: readonly string[] = ['missing', 'stale', 'gappy'];

/** Why what a host reports of a metric is not to be relied on; `none` where it is. */
export const doubtOf = (
  host: string,
  metric: string,
  doubts: Doubts,
): 'suspect' | 'unsigned' | 'none' => {
  const own = doubts.get(host);
  if (own === undefined) return 'none';
  if (!own.trusted) return 'unsigned';
  const isFaulty = own.faults.some(
    (each) => each.metric === metric && !judgedByTheWindow.includes(each.fault),
  );
  return isFaulty ? 'suspect' : 'none';
};

/** Scores without those of hosts whose foreseen metric is in doubt. */
export const withoutDoubtful = (
  scores: readonly HostScore[],
  doubts: Doubts,
  targetMetric: string,
): readonly JudgedScore[] => {
  if (doubts.size === 0) return scores;
  return scores.map((score) => {
    const why = doubtOf(score.host, targetMetric, doubts);
    if (why === 'none') return score;
    const { host, hostIndex } = score;
    return { host, hostIndex, risk: 'unknown' as const, why };
  });
};

/** The series without the hosts whose foreseen metric is in doubt: nothing is learnt from them. */
export const withoutDoubtfulHosts = (
  series: FleetSeries,
  doubts: Doubts,
  targetMetric: string,
): { series: FleetSeries; left: number } => {
  const kept = [...series.hosts.keys()].filter(
    (host) => doubtOf(series.hosts[host] ?? '', targetMetric, doubts) === 'none',
  );
  if (kept.length === series.hosts.length) return { series, left: 0 };
  const width = series.metrics.length;
  const values = new Float32Array(series.ticks * kept.length * width);
  for (let tick = 0; tick < series.ticks; tick++)
    kept.forEach((host, place) => {
      const from = (tick * series.hosts.length + host) * width;
      values.set(series.values.subarray(from, from + width), (tick * kept.length + place) * width);
    });
  return {
    series: { ...series, hosts: kept.map((host) => series.hosts[host] ?? ''), values },
    left: series.hosts.length - kept.length,
  };
};
