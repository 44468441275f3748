import type { ForecastMetrics, ModelInfo } from '@sidestep/forecast';
import type { PredictionSettings } from './settings.ts';

/** What is kept about a model beside its file. */
export type ModelRecord = {
  version: string;
  createdAtMs: number;
  seed: number;
  /** Host-ticks with a sample of the target that it was trained on. */
  rows: number;
  /** SHA-256 of the file as stored. */
  fileChecksum: string;
  info: ModelInfo;
};

/** Which model serves, and which served before it, newest first. */
export type ActiveModel = { version: string | null; earlier: readonly string[] };

const rememberedModels = 10;

/** The given model serves; the one before is the first way back. */
export const withActive = (active: ActiveModel | undefined, version: string): ActiveModel => ({
  version,
  earlier: [active?.version ?? null, ...(active?.earlier ?? [])]
    .filter((earlier): earlier is string => earlier !== null && earlier !== version)
    .slice(0, rememberedModels),
});

/** Whether a model foresees what the service is set to foresee; else in which way not. */
export const mismatch = (info: ModelInfo, settings: PredictionSettings): string | 'none' => {
  const rows = [
    ['tick', info.tickMs, settings.tickMs, 'ms'],
    ['window', info.windowTicks, settings.windowTicks, 'ticks'],
    ['horizon', info.horizonTicks, settings.horizonTicks, 'ticks'],
    ['threshold', info.thresholdPercent, settings.thresholdPercent, '%'],
  ] as const;
  const other = rows.find(([, made, set]) => made !== set);
  if (other !== undefined)
    return `its ${other[0]} is ${other[1]} ${other[3]}, the service's ${other[2]} ${other[3]}`;
  return info.targetMetric === settings.targetMetric
    ? 'none'
    : `it foresees ${info.targetMetric}, the service ${settings.targetMetric}`;
};

/** The active model's quality on the stretch that the newcomer was measured on, as far as it had not seen it. */
export type ChampionMeasure = { version: string; metrics: ForecastMetrics };

/** Fewer rows than this say nothing about which model is better (our choice). */
const minComparedRows = 50;

/**
 * Whether a newly trained model serves from now on: the first does; a later one when its Brier score (1950) on the
 * newest held-out stretch is no worse than the active one's there. Where the active one has learnt from that stretch
 * itself, each model's own held-out score is compared.
 */
export const promotion = (
  candidate: ModelInfo,
  active: { info: ModelInfo; measured: ChampionMeasure | null } | 'none',
): { activate: boolean; reason: string } => {
  if (active === 'none') return { activate: true, reason: 'no other model serves' };
  const own = brierOf(candidate);
  const unseen = active.measured;
  const comparable = unseen !== null && unseen.metrics.rows >= minComparedRows;
  const other = comparable ? unseen.metrics.brier : brierOf(active.info);
  const where = comparable ? 'on the newest stretch' : 'each on its own held-out stretch';
  const words = `Brier ${own.toFixed(4)} against ${other.toFixed(4)} of ${active.info.version}, ${where}`;
  // Not comparable numbers: newer data decides.
  if (Number.isNaN(other)) return { activate: true, reason: words };
  return { activate: own <= other, reason: words };
};

const brierOf = (info: ModelInfo): number =>
  info.metrics === 'not-measured' ? NaN : info.metrics.model.brier;
