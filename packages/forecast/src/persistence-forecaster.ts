import type { ModelMetrics, TrainedModel } from './forecast-model.ts';
import type { FitResult, Forecaster, LoadedFile } from './forecaster.ts';
import { labelOutcomes, unknownOutcome } from './labels.ts';
import { forecastMetrics } from './metrics.ts';
import type { ModelFile } from './model-file.ts';
import { notEnoughData } from './not-enough-data.ts';
import { createPersistenceModel, persistenceRisk } from './persistence.ts';
import { readInfo, refuseFile, sealModel, type UnsealedInfo } from './seal-model.ts';
import { dataRangeOf, type FleetSeries, onlyBeginsOf, sampleAt } from './series.ts';
import { specFaults, type TrainingSpec } from './spec.ts';

/** Share of the history, the newest, that it is measured on, as of the models that are fitted. */
const measuredShare = 0.14;

/**
 * The last value goes on. Nothing is fitted: what is kept in the file says what it foresees, and how right it was, so
 * that it can be let serve, compared and rolled back as every other model.
 */
export const persistenceForecaster: Forecaster<TrainedModel> = {
  kind: 'persistence',
  answers: 'risk',
  needs: 'Nothing but the newest samples; of an incident there is no value that could go on.',
  chooseWhen:
    'To hold the service to what can be reckoned by hand, or as the yardstick. It stands in by itself while no other model serves.',
  unfitted: createPersistenceModel,
  fit: async (series, spec, hooks) => fitPersistence(series, spec, hooks.now()),
  read: readPersistence,
};

function fitPersistence(
  series: FleetSeries,
  spec: TrainingSpec,
  nowMs: number,
): FitResult<TrainedModel> {
  const faults = [
    ...specFaults(spec),
    ...(onlyBeginsOf(spec.targetMetric)
      ? ['of an incident only the begin is foreseen: there is no value that goes on']
      : []),
  ];
  if (faults.length > 0) return { kind: 'refused', faults };
  const enough = notEnoughData(series, { ...spec, kind: 'persistence' });
  if (enough !== 'enough') return { kind: 'not-enough-data', reason: enough };
  const { info } = createPersistenceModel(spec, series.tickMs);
  const { version: _version, checksum: _checksum, ...told } = info;
  const model = assemblePersistence({
    ...told,
    createdAtMs: nowMs,
    dataRange: dataRangeOf(series),
    metrics: measure(series, spec),
    beganAnew: 'nothing is fitted',
  });
  return { kind: 'trained', model };
}

/** A persistence model with what is told of it. */
export function assemblePersistence(unsealed: UnsealedInfo): TrainedModel {
  const { info, bytes } = sealModel(unsealed, {});
  return {
    ...createPersistenceModel(info, info.tickMs),
    answers: 'risk',
    info,
    serialize: () => bytes.slice(),
  };
}

function readPersistence(file: ModelFile): LoadedFile<TrainedModel> {
  const info = readInfo(file);
  if (info.kind === 'refused') return info;
  return info.kind === 'persistence'
    ? { kind: 'loaded', model: assemblePersistence(info) }
    : refuseFile('malformed-header', 'it is no persistence');
}

function measure(series: FleetSeries, spec: TrainingSpec): ModelMetrics | 'not-measured' {
  const { horizonTicks, thresholdPercent, targetMetric, censored } = spec;
  const target = series.metrics.indexOf(targetMetric);
  const labels = labelOutcomes(series, target, horizonTicks, thresholdPercent, censored);
  const outcomes: number[] = [];
  const current: number[] = [];
  let first = -1;
  let last = -1;
  const begin = Math.floor(series.ticks * (1 - measuredShare));
  for (let tick = begin; tick < series.ticks; tick++)
    series.hosts.forEach((_, host) => {
      const outcome = labels.crossed[host * series.ticks + tick] ?? unknownOutcome;
      if (outcome === unknownOutcome) return;
      if (first < 0) first = tick;
      last = tick;
      outcomes.push(outcome);
      current.push(sampleAt(series, tick, host, target));
    });
  if (first < 0) return 'not-measured';
  const risks = current.map((now) => persistenceRisk(now, thresholdPercent));
  const metrics = forecastMetrics(risks, outcomes, current, thresholdPercent);
  const at = (tick: number) => series.firstTickAtMs + tick * series.tickMs;
  return {
    model: metrics,
    persistence: metrics,
    heldOut: { fromMs: at(first), toMs: at(last) },
  };
}
