import { createFallbackModel, onlyBeginsOf, type TrainedModel } from '@sidestep/forecast';
import type { Served } from '../domain/forecast-board.ts';
import type { PredictionSettings } from '../domain/settings.ts';
import type { TickObserver } from '../ports/tick-observer.ts';

/** Which model answers now: a trained one, or the fallback with its reason. */
export type ServingModel = {
  current(): Served;
  /** From now on this model answers. */
  serve(model: TrainedModel): void;
  /** From now on the fallback answers, for this reason. */
  fallBack(reason: string): void;
  /** How often the model was changed: who keeps what a model needs looks here. */
  generation(): number;
};

/** Begins with the fallback. */
export function createServingModel(
  settings: PredictionSettings,
  observer: Pick<TickObserver, 'serves'>,
): ServingModel {
  const standIn = createFallbackModel(settings, settings.tickMs);
  const name = onlyBeginsOf(settings.targetMetric) ? 'past-rate' : 'persistence';
  const fallback = (reason: string): Served => ({
    model: standIn,
    version: null,
    fallback: { name, reason },
  });
  let served = fallback('no model has been trained yet');
  let generation = 0;
  const tell = () =>
    observer.serves({ version: served.model.info.version, kind: served.model.info.kind });
  tell();
  return {
    current: () => served,
    serve: (model) => {
      served = { model, version: model.info.version, fallback: null };
      generation++;
      tell();
    },
    fallBack: (reason) => {
      if (served.version !== null) generation++;
      served = fallback(reason);
      tell();
    },
    generation: () => generation,
  };
}
