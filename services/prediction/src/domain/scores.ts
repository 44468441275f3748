import {
  averagePrecision,
  brierScore,
  type ForecastMetrics,
  forecastMetrics,
} from '@sidestep/forecast';
import { type PairedDifference, pairedDifference } from './paired-difference.ts';
import type { SettledRow } from './settled-row.ts';

/** Of the forecasts between two levels of risk, how many came true. */
export type Reliability = {
  fromRisk: number;
  toRisk: number;
  rows: number;
  /** NaN without rows. */
  meanRisk: number;
  observedRate: number;
};

/** A model's forecasts against what happened, beside the fallback on the same rows. */
export type Scores = {
  model: ForecastMetrics;
  fallbackBrier: number;
  fallbackOnsetAveragePrecision: number;
  /** Brier score of the model minus that of the fallback; null before there are blocks enough. */
  worseThanFallback: PairedDifference | null;
  reliability: Reliability[];
  fromMs: number | null;
  toMs: number | null;
};

const levels = 10;

export const scoresOf = (
  rows: readonly SettledRow[],
  about: { thresholdPercent: number; horizonTicks: number; tickMs: number },
): Scores => {
  const outcomes = rows.map(({ outcome }) => outcome);
  const onset = rows.filter(({ current }) => current < about.thresholdPercent);
  return {
    model: forecastMetrics(
      rows.map(({ risk }) => risk),
      outcomes,
      rows.map(({ current }) => current),
      about.thresholdPercent,
    ),
    fallbackBrier: brierScore(
      rows.map(({ fallbackRisk }) => fallbackRisk),
      outcomes,
    ),
    fallbackOnsetAveragePrecision: averagePrecision(
      onset.map(({ fallbackRisk }) => fallbackRisk),
      onset.map(({ outcome }) => outcome),
    ),
    worseThanFallback: againstFallback(rows, about),
    reliability: Array.from({ length: levels }, (_, level) => reliabilityAt(rows, level)),
    fromMs: rows[0]?.atMs ?? null,
    toMs: rows.at(-1)?.atMs ?? null,
  };
};

/** Brier score of the model minus that of the fallback, with its interval; null before there are blocks enough. */
export const againstFallback = (
  rows: readonly SettledRow[],
  { horizonTicks, tickMs }: { horizonTicks: number; tickMs: number },
): PairedDifference | null => {
  const difference = pairedDifference(
    rows.map(({ atMs, risk, fallbackRisk, outcome }) => ({
      tick: Math.round(atMs / tickMs),
      difference: (risk - outcome) ** 2 - (fallbackRisk - outcome) ** 2,
    })),
    horizonTicks,
  );
  return difference === 'too-few' ? null : difference;
};

/** Which level of risk a forecast belongs to. */
export const levelOf = (risk: number): number => Math.min(levels - 1, Math.floor(risk * levels));

/** How often forecasts of one level came true. */
export const reliabilityAt = (rows: readonly SettledRow[], level: number): Reliability => {
  const own = rows.filter(({ risk }) => levelOf(risk) === level);
  const mean = (of: (row: SettledRow) => number) =>
    own.length === 0 ? NaN : own.reduce((sum, row) => sum + of(row), 0) / own.length;
  return {
    fromRisk: level / levels,
    toRisk: (level + 1) / levels,
    rows: own.length,
    meanRisk: mean(({ risk }) => risk),
    observedRate: mean(({ outcome }) => outcome),
  };
};
