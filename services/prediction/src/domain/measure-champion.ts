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
const maxAskedTicks = 160;

/** What was foreseen of a host at a tick, and what became of it. */
export type JudgedRow = {
  tick: number;
  hostIndex: number;
  risk: number;
  /** 1 when the threshold was crossed within the horizon. */
  outcome: 0 | 1;
  current: number;
};

/** A model's forecasts of known outcome, at ticks spread evenly over a stretch; own moves are left out. */
export const judgedRows = (
  model: ForecastModel,
  series: FleetSeries,
  spec: Pick<TrainingSpec, 'targetMetric' | 'horizonTicks' | 'thresholdPercent' | 'censored'>,
  stretch: Interval,
): JudgedRow[] => {
  const target = series.metrics.indexOf(spec.targetMetric);
  const tickAt = (atMs: number) => (atMs - series.firstTickAtMs) / series.tickMs;
  const first = Math.max(0, Math.ceil(tickAt(stretch.fromMs)));
  const last = Math.min(series.ticks - 1 - spec.horizonTicks, Math.floor(tickAt(stretch.toMs)));
  const step = Math.max(1, Math.ceil((last - first + 1) / maxAskedTicks));
  const rows: JudgedRow[] = [];
  for (let tick = first; tick <= last; tick += step) {
    const atMs = series.firstTickAtMs + tick * series.tickMs;
    for (const score of model.score(series, tick, { explainTop: 0 })) {
      if (score.risk === 'unknown') continue;
      const current = sampleAt(series, tick, score.hostIndex, target);
      const max = maxAhead(series, score.hostIndex, target, tick, spec.horizonTicks);
      const touched = isTouched(spec.censored[score.host], atMs, spec.horizonTicks * series.tickMs);
      if (Number.isNaN(current) || Number.isNaN(max) || touched) continue;
      rows.push({
        tick,
        hostIndex: score.hostIndex,
        risk: score.risk,
        outcome: max >= spec.thresholdPercent ? 1 : 0,
        current,
      });
    }
  }
  return rows;
};

/** A model's quality on a stretch. */
export const measureModel = (...asked: Parameters<typeof judgedRows>): ForecastMetrics => {
  const rows = judgedRows(...asked);
  return forecastMetrics(
    rows.map(({ risk }) => risk),
    rows.map(({ outcome }) => outcome),
    rows.map(({ current }) => current),
    asked[2].thresholdPercent,
  );
};

/** Highest sample of the horizon; NaN when one of them is missing. */
export const maxAhead = (
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
