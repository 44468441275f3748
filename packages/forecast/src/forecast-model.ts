import type { MaximumSpread } from './added-load.ts';
import type { Calibration } from './calibration.ts';
import type { FeatureGroup } from './features/feature-block.ts';
import type { ForecastMetrics } from './metrics.ts';
import type { TrainableKind } from './model-kinds.ts';
import type { FleetSeries } from './series.ts';
import type { Interval } from './spec.ts';

/** The kinds of model that can serve: those that can be trained, and what stands in where an incident is foreseen. */
export type ModelKind = TrainableKind | 'past-rate';

/** Why a host has no risk: its samples are too old, too few, too gappy, there are none, or what is foreseen lasts already. */
export type UnknownWhy = 'no-samples' | 'stale' | 'gaps' | 'unknown-host' | 'in-incident';

/** One theme's additive share of a risk, in log-odds against the fleet's average row. */
export type Reason = {
  readonly theme: FeatureGroup | 'added-load';
  /** The feature of that theme that moved the risk most. */
  readonly feature: string;
  /** That feature's value; `unknown` when it could not be computed. */
  readonly value: number | 'unknown';
  /** Positive = raises the risk. */
  readonly contribution: number;
  readonly words: string;
};

/** The forecast for one host at one tick. */
export type HostScore =
  | {
      readonly host: string;
      readonly hostIndex: number;
      /** Probability, 0–1, that the threshold is crossed within the horizon. */
      readonly risk: number;
      /** Expected highest value within the horizon, 0–100. */
      readonly expectedMaxPercent: number;
      /** Strongest first; empty for hosts beyond the explained ones. */
      readonly reasons: readonly Reason[];
    }
  | {
      readonly host: string;
      readonly hostIndex: number;
      readonly risk: 'unknown';
      readonly why: UnknownWhy;
    };

/** A host with a VNF's load added. */
export type ScoredPair = {
  readonly hostIndex: number;
  /** The VNF's load in percent of that host's whole CPU. */
  readonly addedCpuPercent: number;
};

/** The forecast for one host if it also carried the VNF. */
export type PairScore =
  | {
      readonly hostIndex: number;
      readonly addedCpuPercent: number;
      readonly risk: number;
      readonly expectedMaxPercent: number;
    }
  | {
      readonly hostIndex: number;
      readonly addedCpuPercent: number;
      readonly risk: 'unknown';
      readonly why: UnknownWhy;
    };

/** Quality on the newest stretch, which the model was not fitted on, beside the persistence baseline. */
export type ModelMetrics = {
  readonly model: ForecastMetrics;
  readonly persistence: ForecastMetrics;
  readonly heldOut: Interval;
};

/** How good one way of picking destinations was. */
export type PickQuality = {
  /** Share of all ticks at which the pick had the lowest maximum of the horizon. */
  readonly rightShare: number;
  /** Share of the decidable ticks at which the pick stayed below the threshold; unknown without such a tick. */
  readonly hitRate: number | 'unknown';
  /** Mean of the pick's maximum minus the lowest one, in points. */
  readonly regretPercent: number;
};

/** How good a classifier's picks were on the newest stretch, which it was not fitted on, beside least-cpu on the same ticks. */
export type PickMetrics = {
  readonly model: PickQuality;
  readonly leastCpu: PickQuality;
  readonly ticks: number;
  /** Ticks at which some hosts stayed below the threshold and some did not. */
  readonly decidableTicks: number;
  readonly heldOut: Interval;
};

/** All that is told about a model; the header of its file. */
export type ModelInfo = {
  readonly kind: ModelKind;
  /** Kind and the first digits of the checksum. */
  readonly version: string;
  readonly codeVersion: string;
  /** SHA-256 of the model's file content; empty for a model without a file. */
  readonly checksum: string;
  readonly createdAtMs: number;
  readonly dataRange: Interval & { readonly ticks: number; readonly hosts: number };
  readonly tickMs: number;
  readonly windowTicks: number;
  readonly horizonTicks: number;
  readonly thresholdPercent: number;
  readonly targetMetric: string;
  readonly inputMetrics: readonly string[];
  readonly features: readonly string[];
  /** The season found in the data, in ticks; `none` when nothing recurs. */
  readonly seasonTicks: number | 'none';
  /** Ticks of history that a series for scoring should hold. */
  readonly historyTicks: number;
  readonly calibration: Calibration;
  readonly maximumSpread: MaximumSpread;
  readonly metrics: ModelMetrics | 'not-measured';
  /** Of a classifier of destinations, which has no risks to measure. */
  readonly picks?: PickMetrics;
  /** The model whose networks the training went on from; absent where it began with nothing. */
  readonly startedFrom?: string;
  /** Why it did not go on from the model that served; absent where it did. */
  readonly beganAnew?: string;
  /** A row so many ticks older counted half as much; absent where all counted the same. */
  readonly halfLifeTicks?: number;
  /** What computed the training, e.g. `wasm`; `none` for models that are not trained. */
  readonly backend: string;
};

/** How much is told about each risk. */
export type ScoreOptions = {
  /** Reasons are given for so many hosts of highest risk; default 32. */
  readonly explainTop?: number;
  /** And for this one, whatever its risk: its place in the series. */
  readonly explainHost?: number;
};

/** A model that scores hosts; window in, risk out, synchronous and without side effects. */
export type ForecastModel = {
  readonly info: ModelInfo;
  /** One score per host of the series, from samples at or before `atTick`. */
  score(series: FleetSeries, atTick: number, options?: ScoreOptions): HostScore[];
  /** One score per pair; never below the host's own risk. */
  scorePairs(series: FleetSeries, atTick: number, pairs: readonly ScoredPair[]): PairScore[];
};

/** A fitted model of risks that can be kept in a file. */
export type TrainedModel = ForecastModel & {
  readonly answers: 'risk';
  /** The model's file content. */
  serialize(): Uint8Array;
};

/** A sample older than so many ticks makes a host's risk unknown (issue 2: three intervals). */
export const staleAfterTicks = 3;

/** Share of the window that may be missing. */
export const maxGapRatio = 0.5;
