import {
  type FleetSeries,
  type ForecastMetrics,
  type ForecastModel,
  forecastMetrics,
  type Interval,
  sampleAt,
  type TrainingSpec,
} from '@sidestep/forecast';
import { isTouched } from './own-moves.ts';

/** Ticks at which a model is asked at most: each costs a whole scoring. */
const maxAskedTicks = 120;

/** A model's quality on a stretch of a series, at ticks spread evenly over it; own moves are left out. */
export const measureModel = (
  model: ForecastModel,
  series: FleetSeries,
  spec: Pick<TrainingSpec, 'targetMetric' | 'horizonTicks' | 'thresholdPercent' | 'censored'>,
  stretch: Interval,
): ForecastMetrics => {
  const target = series.metrics.indexOf(spec.targetMetric);
  const tickAt = (atMs: number) => (atMs - series.firstTickAtMs) / series.tickMs;
  const first = Math.max(0, Math.ceil(tickAt(stretch.fromMs)));
  const last = Math.min(series.ticks - 1 - spec.horizonTicks, Math.floor(tickAt(stretch.toMs)));
  const step = Math.max(1, Math.ceil((last - first + 1) / maxAskedTicks));
  const risks: number[] = [];
  const outcomes: number[] = [];
  const currents: number[] = [];
  for (let tick = first; tick <= last; tick += step) {
    const atMs = series.firstTickAtMs + tick * series.tickMs;
    for (const score of model.score(series, tick, { explainTop: 0 })) {
      if (score.risk === 'unknown') continue;
      const current = sampleAt(series, tick, score.hostIndex, target);
      const max = maxAhead(series, score.hostIndex, target, tick, spec.horizonTicks);
      const touched = isTouched(spec.censored[score.host], atMs, spec.horizonTicks * series.tickMs);
      if (Number.isNaN(current) || Number.isNaN(max) || touched) continue;
      risks.push(score.risk);
      outcomes.push(max >= spec.thresholdPercent ? 1 : 0);
      currents.push(current);
    }
  }
  return forecastMetrics(risks, outcomes, currents, spec.thresholdPercent);
};

/** Highest sample of the horizon; NaN when one of them is missing. */
const maxAhead = (
  series: FleetSeries,
  host: number,
  target: number,
  tick: number,
  horizonTicks: number,
): number => {
  let max = -Infinity;
  for (let ahead = 1; ahead <= horizonTicks; ahead++) {
    const value = sampleAt(series, tick + ahead, host, target);
    if (Number.isNaN(value)) return NaN;
    max = Math.max(max, value);
  }
  return max;
};
