import { type FleetSeries, sampleAt } from '../series.ts';

/** One decision: at `tick` the host `source` crossed the threshold; who takes over? */
export type DestinationDecision = {
  readonly tick: number;
  readonly source: number;
  readonly candidates: readonly number[];
  /** Future maximum of each candidate, 0–100. */
  readonly futureMax: readonly number[];
};

/** How good the picks were. */
export type DestinationMetrics = {
  readonly decisions: number;
  /** Decisions in which some candidates stay below the threshold and some don't. */
  readonly decidable: number;
  /** Share of decidable decisions whose pick stayed below. */
  readonly hitRate: number;
  /** Mean of the pick's future maximum minus the smallest one, in points of CPU, over all decisions. */
  readonly regretPercent: number;
};

/** All decisions of the cells in the ticks `[from, to)`, in order of time. */
export const findDecisions = (
  series: FleetSeries,
  target: number,
  cells: readonly (readonly number[])[],
  from: number,
  to: number,
  horizonTicks: number,
  thresholdPercent: number,
): DestinationDecision[] => {
  const decisions: DestinationDecision[] = [];
  for (let tick = Math.max(1, from); tick < to; tick++)
    for (const cell of cells)
      for (const source of cell) {
        const now = sampleAt(series, tick, source, target);
        const before = sampleAt(series, tick - 1, source, target);
        if (!(now >= thresholdPercent && before < thresholdPercent)) continue;
        const candidates: number[] = [];
        const futureMax: number[] = [];
        for (const host of cell) {
          if (host === source) continue;
          const max = maxAhead(series, target, tick, host, horizonTicks);
          if (Number.isNaN(max)) continue;
          candidates.push(host);
          futureMax.push(max);
        }
        if (candidates.length > 0) decisions.push({ tick, source, candidates, futureMax });
      }
  return decisions;
};

// NaN unless the current and all following samples of the horizon exist.
const maxAhead = (
  series: FleetSeries,
  target: number,
  tick: number,
  host: number,
  horizonTicks: number,
): number => {
  let max = -Infinity;
  for (let ahead = 0; ahead <= horizonTicks; ahead++) {
    const value = tick + ahead < series.ticks ? sampleAt(series, tick + ahead, host, target) : NaN;
    if (Number.isNaN(value)) return NaN;
    if (ahead > 0 && value > max) max = value;
  }
  return max;
};

/** Whether some candidates stay below the threshold and some don't. */
export const isDecidable = (
  { futureMax }: DestinationDecision,
  thresholdPercent: number,
): boolean => {
  const safe = futureMax.filter((max) => max < thresholdPercent).length;
  return safe > 0 && safe < futureMax.length;
};

/** How a destination is picked from risks and expected maxima. */
export type PickRule = {
  /** Hosts whose risk is this close to the least are equally safe, 0–1. */
  readonly safeMargin: number;
  /** Points of expected maximum that one unit of risk outweighs among them. */
  readonly riskWeight: number;
};

/** Two-stage pick: the least predicted maximum, with its risk weighed in, among the hosts whose risk is close to the least risk. */
export const pickDestination = (
  candidates: readonly number[],
  riskOf: (host: number) => number,
  maxOf: (host: number) => number,
  { safeMargin, riskWeight }: PickRule,
): number => {
  const least = Math.min(...candidates.map(riskOf));
  let best = candidates[0] ?? -1;
  let bestMax = Infinity;
  for (const host of candidates) {
    if (riskOf(host) > least + safeMargin) continue;
    const max = maxOf(host) + riskWeight * riskOf(host);
    if (max < bestMax) {
      bestMax = max;
      best = host;
    }
  }
  return best;
};

/** Hit rate and regret of one pick per decision. */
export const destinationMetrics = (
  decisions: readonly DestinationDecision[],
  picks: readonly number[],
  thresholdPercent: number,
): DestinationMetrics => {
  let decidable = 0;
  let hits = 0;
  let regret = 0;
  decisions.forEach((decision, i) => {
    const { candidates, futureMax } = decision;
    const picked = futureMax[candidates.indexOf(picks[i] ?? -1)] ?? NaN;
    regret += picked - Math.min(...futureMax);
    if (!isDecidable(decision, thresholdPercent)) return;
    decidable++;
    if (picked < thresholdPercent) hits++;
  });
  return {
    decisions: decisions.length,
    decidable,
    hitRate: decidable === 0 ? NaN : hits / decidable,
    regretPercent: decisions.length === 0 ? NaN : regret / decisions.length,
  };
};
