import type { TrainingSpec } from '@sidestep/forecast';
import type { DriftReference } from '../domain/drift.ts';
import type { Duel } from '../domain/duel.ts';
import type { IncidentTimes } from '../domain/incident-series.ts';
import type { classTraining } from '../domain/outlook.ts';

/** What a training works on. */
export type TrainingTask = {
  fromMs: number;
  toMs: number;
  tickMs: number;
  /** Most samples (ticks × hosts × metrics); the oldest ticks are left out beyond it. */
  maxSamples: number;
  spec: TrainingSpec;
  /** Incidents by host; laid beside the samples where their begin is foreseen. */
  incidents?: IncidentTimes;
  /** A classifier of destinations is made in place of a model of risks. */
  makes?: typeof classTraining;
  /** The active model's file, to be beaten on a stretch that neither has seen. */
  champion: Champion | null;
};

/** The model that serves: its file, and the end of what it has learnt from. */
export type Champion = { version: string; bytes: Uint8Array; seenUntilMs: number };

/** How a training ended. */
export type TrainerOutcome =
  | {
      kind: 'trained';
      bytes: Uint8Array;
      rows: number;
      backend: string;
      duel: Duel | null;
      reference: readonly DriftReference[];
    }
  | { kind: 'not-enough-data'; words: string }
  | { kind: 'refused'; faults: readonly string[] }
  | { kind: 'failed'; words: string }
  | { kind: 'cancelled' };

export type TrainerProgress = { done: number; words: string };

/** Trains beside the service, bounded in time and memory; never throws. */
export type Trainer = {
  train(
    task: TrainingTask,
    hooks: { onProgress: (progress: TrainerProgress) => void; signal: AbortSignal },
  ): Promise<TrainerOutcome>;
  /** What would compute a training here. */
  probe(
    signal: AbortSignal,
  ): Promise<
    | { kind: 'found'; backend: string; passedOver: readonly string[] }
    | { kind: 'failed'; words: string }
  >;
};
