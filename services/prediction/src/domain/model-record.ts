import type { ModelInfo } from '@sidestep/forecast';
import type { DriftReference } from './drift.ts';
import type { Duel } from './duel.ts';
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
  /** How it did against the model that served; absent for the first. */
  duel?: Duel;
  /** What its inputs and its outcome looked like in training. */
  reference?: readonly DriftReference[];
};

/** Which model serves, and which served before it, newest first. */
export type ActiveModel = {
  version: string | null;
  earlier: readonly string[];
  /** Why none serves though one did. */
  reason?: string;
};

export const rememberedModels = 10;

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
