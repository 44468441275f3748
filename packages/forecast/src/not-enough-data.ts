import { type Labels, labelOutcomes, unknownOutcome } from './labels.ts';
import { checkSeries, countRises, type FleetSeries, onlyBeginsOf } from './series.ts';
import type { TrainingSpec } from './spec.ts';

/** Why a model cannot be trained yet. */
export type NotEnoughData = {
  readonly reason:
    | 'malformed-series'
    | 'no-target'
    | 'too-few-ticks'
    | 'too-few-rows'
    | 'too-few-crossings'
    | 'too-few-incidents'
    | 'no-season';
  readonly words: string;
  readonly have: number;
  readonly need: number;
};

/** Rows and threshold crossings that are needed at least (our choice: fewer leave nothing to hold out). */
const minRows = 300;
const minCrossingRows = 40;
/** Incidents that have begun within the history: each is one thing to learn from, however many rows lead to it. */
const minIncidents = 10;

/** Whether a series suffices for training: `enough`, or what is missing. */
export const notEnoughData = (
  series: FleetSeries,
  spec: TrainingSpec,
): 'enough' | NotEnoughData => {
  const shape = checkSeries(series);
  if (shape.kind === 'malformed')
    return { reason: 'malformed-series', words: shape.reason, have: 0, need: 0 };
  const target = series.metrics.indexOf(spec.targetMetric);
  if (target < 0)
    return {
      reason: 'no-target',
      words: `the series has no ${spec.targetMetric}`,
      have: 0,
      need: 1,
    };
  // The last value goes on: there is nothing to learn.
  if (spec.kind === 'persistence') return 'enough';
  const needTicks = 5 * (spec.windowTicks + spec.horizonTicks);
  if (series.ticks < needTicks)
    return {
      reason: 'too-few-ticks',
      words: `${series.ticks} of at least ${needTicks} ticks of history`,
      have: series.ticks,
      need: needTicks,
    };
  if (onlyBeginsOf(spec.targetMetric)) {
    const begun = countRises(series, target, spec.thresholdPercent);
    if (begun < minIncidents)
      return {
        reason: 'too-few-incidents',
        words: `${begun} of at least ${minIncidents} incidents have begun within the history`,
        have: begun,
        need: minIncidents,
      };
  }
  const labels = labelOutcomes(
    series,
    target,
    spec.horizonTicks,
    spec.thresholdPercent,
    spec.censored,
  );
  return enoughRows(labels);
};

const enoughRows = ({ crossed }: Labels): 'enough' | NotEnoughData => {
  let rows = 0;
  let crossings = 0;
  for (const outcome of crossed) {
    if (outcome === unknownOutcome) continue;
    rows++;
    crossings += outcome;
  }
  if (rows < minRows)
    return {
      reason: 'too-few-rows',
      words: `${rows} of at least ${minRows} host-ticks with a known outcome`,
      have: rows,
      need: minRows,
    };
  if (crossings < minCrossingRows)
    return {
      reason: 'too-few-crossings',
      words: `the threshold was crossed within the horizon at ${crossings} of at least ${minCrossingRows} host-ticks`,
      have: crossings,
      need: minCrossingRows,
    };
  return 'enough';
};
