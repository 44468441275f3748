import type { prediction } from '@sidestep/contracts';
import type { Known } from '@sidestep/fleet';
import { type ModelInfo, type PickMetrics, type PickQuality, svmKind } from '@sidestep/forecast';
import { promotion } from '../domain/duel.ts';
import type { ModelRecord } from '../domain/model-record.ts';
import { classTraining, outlookId } from '../domain/outlook.ts';
import type { PredictionSettings } from '../domain/settings.ts';
import type { Training } from '../domain/training.ts';
import type { RiskContext, RiskReason } from '../usecases/read-risks.ts';

type Schemas = prediction.components['schemas'];

export const timestamp = (atMs: number): string => new Date(atMs).toISOString();
export const timestampOrNull = (atMs: number | null): string | null =>
  atMs === null ? null : timestamp(atMs);

/** Null on the wire is what is unknown here. */
export const orNull = (value: Known<number>): number | null => (value === 'unknown' ? null : value);

/** Null on the wire is a number that there is not. */
export const finiteOrNull = (value: number): number | null =>
  Number.isFinite(value) ? value : null;

export const reasonOnWire = ({ feature, contribution, words }: RiskReason): Schemas['Reason'] => ({
  feature,
  contribution,
  detail: words,
});

/** What every answer about hosts' risks bears. */
export const contextOnWire = (context: RiskContext, settings: PredictionSettings) => ({
  ...pairContextOnWire(context, settings),
  outlook: outlookId(settings),
  targetMetric: settings.targetMetric,
});

/** What an answer about risks with a load added bears; it is about the chief outlook always. */
export const pairContextOnWire = (context: RiskContext, settings: PredictionSettings) => ({
  tick: timestampOrNull(context.atMs),
  horizonMs: settings.horizonTicks * settings.tickMs,
  thresholdPercent: settings.thresholdPercent,
  modelVersion: context.modelVersion,
  fallback: context.fallback,
});

export const trainingOnWire = (training: Training): Schemas['Training'] => ({
  id: training.id,
  ...(training.outlook === undefined ? {} : { outlook: training.outlook }),
  kind: training.kind ?? null,
  state: training.state,
  progress: training.progress,
  requestedAt: timestamp(training.requestedAtMs),
  startedAt: timestampOrNull(training.startedAtMs),
  endedAt: timestampOrNull(training.endedAtMs),
  backend: training.backend,
  detail: training.detail,
  modelVersion: training.modelVersion,
  problem: training.problem,
});

export const modelOnWire = (
  { version, info, createdAtMs, seed, rows, fileChecksum, duel }: ModelRecord,
  activeVersions: ReadonlySet<string | null>,
): Schemas['Model'] => ({
  version,
  kind: info.kind,
  createdAt: timestamp(createdAtMs),
  active: activeVersions.has(version),
  seed,
  windowTicks: info.windowTicks,
  horizonTicks: info.horizonTicks,
  tickMs: info.tickMs,
  thresholdPercent: info.thresholdPercent,
  dataFrom: timestamp(info.dataRange.fromMs),
  dataTo: timestamp(info.dataRange.toMs),
  hosts: info.dataRange.hosts,
  rows,
  features: [...info.features],
  checksum: fileChecksum,
  outlook: info.kind === svmKind ? classTraining : outlookId(info),
  targetMetric: info.targetMetric,
  inputMetrics: [...info.inputMetrics],
  codeVersion: info.codeVersion,
  startedFrom: info.startedFrom ?? null,
  beganAnew: info.beganAnew ?? null,
  halfLifeMs: info.halfLifeTicks === undefined ? null : info.halfLifeTicks * info.tickMs,
  calibration: {
    kind: info.calibration.kind,
    slope: info.calibration.slope,
    intercept: info.calibration.intercept,
    rows: info.calibration.rows,
  },
  comparison:
    duel === undefined
      ? null
      : {
          against: duel.against,
          brierDifference: duel.of === 'regret' ? null : duel.difference,
          regretDifference: duel.of === 'regret' ? duel.difference : null,
          better: promotion(duel).activate,
          detail: duel.detail,
        },
  heldOutFrom: timestampOrNull(heldOutOf(info)?.fromMs ?? null),
  heldOutTo: timestampOrNull(heldOutOf(info)?.toMs ?? null),
  picks: picksOnWire(info.picks),
  metrics: metricsOnWire(info.metrics),
});

const heldOutOf = ({ metrics, picks }: ModelInfo) =>
  metrics === 'not-measured' ? picks?.heldOut : metrics.heldOut;

function picksOnWire(
  picks: PickMetrics | undefined,
): NonNullable<Schemas['Model']['picks']> | null {
  if (picks === undefined) return null;
  const { ticks, decidableTicks, model, leastCpu } = picks;
  const quality = ({ hitRate, ...told }: PickQuality) => ({ ...told, hitRate: orNull(hitRate) });
  return { ticks, decidableTicks, model: quality(model), leastCpu: quality(leastCpu) };
}

function metricsOnWire(metrics: ModelRecord['info']['metrics']): Schemas['Model']['metrics'] {
  const { model, persistence } =
    metrics === 'not-measured' ? { model: undefined, persistence: undefined } : metrics;
  const number = (value: number | undefined) => finiteOrNull(value ?? NaN);
  return {
    rows: model?.rows ?? 0,
    baseRate: number(model?.baseRate),
    onsetAveragePrecision: number(model?.onsetAveragePrecision),
    persistenceOnsetAveragePrecision: number(persistence?.onsetAveragePrecision),
    onsetAuroc: number(model?.onsetAuroc),
    brier: number(model?.brier),
    persistenceBrier: number(persistence?.brier),
  };
}
