import type { TrainedModel } from './forecast-model.ts';
import type {
  FitResult,
  FittedModel,
  Forecaster,
  LoadedFile,
  TrainingHooks,
} from './forecaster.ts';
import { learnedForecasters } from './learned-forecasters.ts';
import { isRecord, readModelFile } from './model-file.ts';
import { modelKinds, type RiskKind } from './model-kinds.ts';
import { persistenceForecaster } from './persistence-forecaster.ts';
import { refuseFile } from './seal-model.ts';
import { seasonalForecaster } from './seasonal/fit-seasonal.ts';
import type { FleetSeries } from './series.ts';
import type { TrainingSpec } from './spec.ts';
import { svmForecaster } from './svm/svm-forecaster.ts';

const riskForecasters: readonly Forecaster<TrainedModel>[] = [
  persistenceForecaster,
  seasonalForecaster,
  ...learnedForecasters,
];

const registered: readonly Forecaster[] = [...riskForecasters, svmForecaster];

/** Every kind of model, from the plainest to the shipped default. */
export const forecasters: readonly Forecaster[] = modelKinds.flatMap((kind) =>
  registered.filter((each) => each.kind === kind),
);

/** How the training of a model of risks ended. */
export type TrainingResult = FitResult<TrainedModel>;

/** A model of risks read back from its file, or why the file is refused. */
export type LoadedModel = LoadedFile<TrainedModel>;

/**
 * Trains one model shared by all hosts of the series, of the kind that the specification names; the newest stretch is held
 * out to measure it. Given the model that serves, networks go on from its own.
 */
export const trainModel = async (
  series: FleetSeries,
  spec: TrainingSpec,
  hooks: TrainingHooks,
  champion?: TrainedModel,
): Promise<TrainingResult> => {
  const kind: RiskKind = spec.kind ?? 'blend';
  const forecaster = riskForecasters.find((each) => each.kind === kind);
  return forecaster === undefined
    ? { kind: 'refused', faults: [`no model of risks is of the kind ${kind}`] }
    : forecaster.fit(series, spec, hooks, champion);
};

/** Reads the file of a model of risks; corrupt, foreign and outdated files are refused with the reason. */
export const loadModel = (bytes: Uint8Array): LoadedModel => readBy(riskForecasters, bytes);

/** Reads a model's file of any kind; corrupt, foreign and outdated files are refused with the reason. */
export const loadFitted = (bytes: Uint8Array): LoadedFile => readBy(forecasters, bytes);

const readBy = <Model extends FittedModel>(
  known: readonly Forecaster<Model>[],
  bytes: Uint8Array,
): LoadedFile<Model> => {
  const file = readModelFile(bytes);
  if ('kind' in file) return file;
  const { info, kind = isRecord(info) ? info.kind : undefined } = file.header;
  const forecaster = known.find((each) => each.kind === kind);
  return forecaster === undefined
    ? refuseFile('malformed-header', `it is no model of risks: ${String(kind).slice(0, 80)}`)
    : forecaster.read(file);
};
