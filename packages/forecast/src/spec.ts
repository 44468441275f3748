import type { RiskKind } from './model-kinds.ts';
import { hostCpuPercent } from './series.ts';

/** A stretch of Unix time in milliseconds, both ends included. */
export type Interval = { readonly fromMs: number; readonly toMs: number };

/** What to train on and within which bounds. */
export type TrainingSpec = {
  /** Past samples looked at closely. */
  readonly windowTicks: number;
  /** The forecast says whether the threshold is crossed within so many ticks. */
  readonly horizonTicks: number;
  /** CPU use, 0–100, from which a host counts as overloaded. */
  readonly thresholdPercent: number;
  /** The metric that is foreseen. */
  readonly targetMetric: string;
  /** Metrics used as inputs; `forecast.*` is refused. */
  readonly metrics: readonly string[];
  /** Own moves per host name: ticks within a horizon of them teach nothing and are not scored. */
  readonly censored: Readonly<Record<string, readonly Interval[]>>;
  /** What kind of model is made; default the blend. */
  readonly kind?: RiskKind;
  readonly seed: number;
  /** A row that is so many ticks older counts half as much; all count the same when not given. */
  readonly halfLifeTicks?: number;
  /** Fitting stops in good order after so many milliseconds. */
  readonly maxTrainingMs: number;
  /** Rows (host × tick) held in memory at most; beyond it rows are sampled by seed. */
  readonly maxRows: number;
};

/** The defaults of the prediction service: tick 10 s, window 4 min, horizon 2 min, 90 % CPU. */
export const defaultTrainingSpec: TrainingSpec = {
  windowTicks: 24,
  horizonTicks: 12,
  thresholdPercent: 90,
  targetMetric: hostCpuPercent,
  metrics: [
    hostCpuPercent,
    'host.memPercent',
    'host.diskReadBytesPerSecond',
    'host.diskWriteBytesPerSecond',
    'host.netRxBytesPerSecond',
    'host.netTxBytesPerSecond',
  ],
  censored: {},
  kind: 'blend',
  seed: 1,
  maxTrainingMs: 60_000,
  maxRows: 200_000,
};

/** All faults of a specification, empty when it can be used. */
export const specFaults = (spec: TrainingSpec): string[] => {
  const faults: string[] = [];
  const positiveInteger = (name: string, value: number) => {
    if (!Number.isInteger(value) || value < 1)
      faults.push(`${name} is ${value}, not an integer ≥ 1`);
  };
  positiveInteger('windowTicks', spec.windowTicks);
  positiveInteger('horizonTicks', spec.horizonTicks);
  positiveInteger('maxRows', spec.maxRows);
  if (!(spec.maxTrainingMs > 0)) faults.push(`maxTrainingMs is ${spec.maxTrainingMs}`);
  if (!(spec.thresholdPercent > 0 && spec.thresholdPercent <= 100))
    faults.push(`thresholdPercent is ${spec.thresholdPercent}, not in 0–100`);
  if (!Number.isInteger(spec.seed)) faults.push(`seed is ${spec.seed}, not an integer`);
  if (spec.halfLifeTicks !== undefined && !(spec.halfLifeTicks > 0))
    faults.push(`halfLifeTicks is ${spec.halfLifeTicks}`);
  for (const metric of [spec.targetMetric, ...spec.metrics])
    if (metric.startsWith('forecast.'))
      faults.push(`${metric} is a forecast; a forecast is never an input of a model`);
  return faults;
};
