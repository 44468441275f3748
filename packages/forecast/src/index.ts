export { type MaximumSpread, withAddedLoad } from './added-load.ts';
export { type Calibration, fitCalibration } from './calibration.ts';
export { codeVersion } from './code-version.ts';
export { type EvaluationResult, evaluateFleet } from './evaluate/evaluate-fleet.ts';
export type { FolderReader } from './evaluate/fleet-folder.ts';
export {
  type EvaluatedModel,
  type EvaluationOptions,
  type EvaluationReport,
  evaluatedModels,
} from './evaluate/report.ts';
export type { FeatureGroup } from './features/feature-block.ts';
export { WarmFleet } from './features/warm-fleet.ts';
export type {
  ForecastModel,
  HostScore,
  ModelInfo,
  ModelKind,
  ModelMetrics,
  PairScore,
  PickMetrics,
  PickQuality,
  Reason,
  ScoredPair,
  ScoreOptions,
  TrainedModel,
  UnknownWhy,
} from './forecast-model.ts';
export { maxGapRatio, staleAfterTicks } from './forecast-model.ts';
export type {
  FitResult,
  FittedModel,
  Forecaster,
  LoadedFile,
  TrainingHooks,
  TrainingProgress,
} from './forecaster.ts';
export {
  forecasters,
  type LoadedModel,
  loadFitted,
  loadModel,
  type TrainingResult,
  trainModel,
} from './forecasters.ts';
export { type BackendName, loadBackend } from './learners/backend.ts';
export {
  auroc,
  averagePrecision,
  brierScore,
  type ForecastMetrics,
  forecastMetrics,
} from './metrics.ts';
export type { RefusedFile } from './model-file.ts';
export { modelKinds, type RiskKind, riskKinds, type TrainableKind } from './model-kinds.ts';
export { type NotEnoughData, notEnoughData } from './not-enough-data.ts';
export { createFallbackModel, pastRateName } from './past-rate.ts';
export { createPersistenceModel, fallbackModelName } from './persistence.ts';
export { findSeason, type Season } from './season.ts';
export {
  dataRangeOf,
  emptySeries,
  type FleetSeries,
  type FleetWindow,
  hostCpuPercent,
  incidentMetric,
  onlyBeginsOf,
  sampleAt,
  sampleIndex,
  sliceTicks,
} from './series.ts';
export { defaultTrainingSpec, type Interval, specFaults, type TrainingSpec } from './spec.ts';
export {
  type ClassModel,
  type ClassScore,
  type LoadedClassModel,
  loadClassModel,
  maxClassHosts,
  svmKind,
} from './svm/class-model.ts';
export { type JudgedPick, judgedPicks } from './svm/measure-picks.ts';
export { type ClassTrainingResult, trainClasses } from './svm/train-classes.ts';
