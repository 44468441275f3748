import type { ForecastMetrics } from '../metrics.ts';
import { modelKinds, type TrainableKind } from '../model-kinds.ts';
import type { DestinationMetrics } from './destinations.ts';
import type { IncidentMetrics } from './incident-metrics.ts';

/** The models that the benchmark can run: all that there are. */
export const evaluatedModels = modelKinds;

/** One of the benchmark's models. */
export type EvaluatedModel = TrainableKind;

/** What one evaluation measured and the files it wants written. */
export type EvaluationReport = {
  readonly fleet: string;
  readonly model: EvaluatedModel;
  readonly overload?: ForecastMetrics;
  readonly destinations?: DestinationMetrics;
  readonly incidents?: IncidentMetrics;
  /** File name → content. */
  readonly files: Readonly<Record<string, string>>;
  readonly notes: readonly string[];
};

/** How an evaluation runs. */
export type EvaluationOptions = {
  readonly model: EvaluatedModel;
  readonly seed: number;
  /** Time in milliseconds, to keep within `maxMs`. */
  readonly now: () => number;
  readonly maxMs: number;
  /** Threads that learners are fitted in side by side; 0: all in the thread that asks. Nothing else depends on it. */
  readonly threads: number;
  readonly onProgress?: (words: string) => void;
};
