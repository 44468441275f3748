import { defaultTrainingSpec, type RiskKind, type TrainingSpec } from '@sidestep/forecast';
import { isOwnWord } from './own-words.ts';

/** One thing that is foreseen of every host: does a resource cross its threshold within a horizon? */
export type Outlook = Readonly<{
  /** The resource's metric, 0–100. */
  targetMetric: string;
  horizonTicks: number;
  thresholdPercent: number;
}>;

/** What the operator has set; durations in milliseconds. */
export type PredictionSettings = Readonly<{
  /** Distance of two ticks: Monitoring's rollup. */
  tickMs: number;
  /** How long after its end a tick is read: the last samples of a tick arrive late. */
  settleMs: number;
  windowTicks: number;
  horizonTicks: number;
  /** CPU use of a host, 0–100, from which it counts as overloaded. */
  thresholdPercent: number;
  targetMetric: string;
  /** What is foreseen besides: other horizons, other resources. */
  sideOutlooks: readonly Outlook[];
  /** What kind of model is trained where its caller does not say. */
  modelKind: RiskKind;
  /** The same for the models of the side outlooks, of which there are several to train. */
  sideModelKind: RiskKind;
  /** The same for that of incidents. */
  incidentModelKind: RiskKind;
  /** Metrics that models may read; never a `forecast.*`. */
  inputMetrics: readonly string[];
  /** How far back a training looks when its caller does not say. */
  trainLastMs: number;
  /** Fitting stops in good order after so long. */
  maxTrainingMs: number;
  /** Most samples (ticks × hosts × metrics) of a training; older ticks are left out beyond it. */
  maxTrainingSamples: number;
  /** Most samples kept in memory for scoring. */
  maxWindowSamples: number;
  /** Train the first model, and refits, without being asked. */
  trainsItself: boolean;
  /** A row of a training that is so much older counts half as much; 0 = all count the same. */
  halfLifeMs: number;
  /** Time from one training to its refit; 0 = never. */
  refitEveryMs: number;
}>;

/** What a training is told, from the settings. */
export const trainingSpecOf = (
  settings: PredictionSettings,
  more: Pick<TrainingSpec, 'seed' | 'censored'> & { kind?: RiskKind },
): TrainingSpec => ({
  ...defaultTrainingSpec,
  windowTicks: settings.windowTicks,
  horizonTicks: settings.horizonTicks,
  thresholdPercent: settings.thresholdPercent,
  targetMetric: settings.targetMetric,
  metrics: modelInputs([...new Set([settings.targetMetric, ...settings.inputMetrics])]),
  kind: settings.modelKind,
  maxTrainingMs: settings.maxTrainingMs,
  ...(settings.halfLifeMs > 0 ? { halfLifeTicks: settings.halfLifeMs / settings.tickMs } : {}),
  ...more,
});

/** A series that Prediction wrote itself, or that may be made of one, was named as an input: a model would learn from its own words. */
export class ForecastAsInput extends Error {
  override readonly name = 'ForecastAsInput';
  constructor(metric: string) {
    super(
      `${metric} is a forecast or may be made of one, and a forecast is never an input of a model`,
    );
  }
}

/** The metrics themselves, when none of them is a forecast. */
export const modelInputs = (metrics: readonly string[]): readonly string[] => {
  for (const metric of metrics) if (isOwnWord(metric)) throw new ForecastAsInput(metric);
  return metrics;
};
