import type { ForecastModel, TrainedModel } from './forecast-model.ts';
import type { ModelFile, RefusedFile } from './model-file.ts';
import type { TrainableKind } from './model-kinds.ts';
import type { NotEnoughData } from './not-enough-data.ts';
import type { FallbackSpec } from './persistence.ts';
import type { FleetSeries } from './series.ts';
import type { TrainingSpec } from './spec.ts';
import type { ClassModel } from './svm/class-model.ts';

/** How far a training has come. */
export type TrainingProgress = {
  readonly phase: 'season' | 'features' | 'fitting' | 'measuring' | 'refitting' | 'done';
  /** Share of the whole training, 0–1. */
  readonly done: number;
  readonly words: string;
};

/** What a training may tell and ask while it runs. */
export type TrainingHooks = {
  /** Unix time in milliseconds. */
  readonly now: () => number;
  readonly onProgress?: (progress: TrainingProgress) => void;
  readonly signal?: AbortSignal;
};

/** What comes of a fit and can be kept in a file: told apart by what it answers. */
export type FittedModel = TrainedModel | ClassModel;

/** How a fit ended. */
export type FitResult<Model extends FittedModel = FittedModel> =
  | { readonly kind: 'trained'; readonly model: Model }
  | { readonly kind: 'not-enough-data'; readonly reason: NotEnoughData }
  | { readonly kind: 'refused'; readonly faults: readonly string[] }
  | { readonly kind: 'cancelled' };

/** A model read back from its file, or why the file is refused. */
export type LoadedFile<Model extends FittedModel = FittedModel> =
  | { readonly kind: 'loaded'; readonly model: Model }
  | RefusedFile;

/**
 * The one interface that every kind of model meets: it is fitted to a history, what comes of that is kept in a file, and
 * read back from it, and answers. A new kind is one file and one line of the registry (`forecasters.ts`).
 */
export type Forecaster<Model extends FittedModel = FittedModel> = {
  readonly kind: TrainableKind;
  /** `risk`: of each host, that it crosses the threshold; `destination-class`: which host will stay lowest. */
  readonly answers: Model['answers'];
  /** What it cannot do without, for an operator. */
  readonly needs: string;
  /** When to choose it, for an operator. */
  readonly chooseWhen: string;
  /** Makes a model that answers without any history; only where there is nothing to fit. */
  readonly unfitted?: (spec: FallbackSpec, tickMs: number) => ForecastModel;
  /** Fits a model to all hosts of the series and measures it on a stretch that is held out; `champion` is what serves. */
  fit(
    series: FleetSeries,
    spec: TrainingSpec,
    hooks: TrainingHooks,
    champion?: TrainedModel,
  ): Promise<FitResult<Model>>;
  /** The model of a file that has been taken apart; anything that this code did not write is refused with the reason. */
  read(file: ModelFile): LoadedFile<Model>;
};
