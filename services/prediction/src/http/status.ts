import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import type { PredictionSettings } from '../domain/settings.ts';
import { isOpen } from '../domain/training.ts';
import type { Documents } from '../ports/documents.ts';
import type { TickRunner } from '../usecases/run-tick.ts';
import type { ServingModel } from '../usecases/serving-model.ts';
import { modelOnWire, timestampOrNull, trainingOnWire } from './wire.ts';

export const statusHandlers = (deps: {
  settings: PredictionSettings;
  documents: Documents;
  serving: ServingModel;
  runner: TickRunner;
  /** What computes trainings here; null until it is known. */
  backend: () => string | null;
}): Pick<Handlers<prediction.operations>, 'getStatus'> => ({
  getStatus: async () => {
    const { settings, documents, serving, runner } = deps;
    const { version, fallback } = serving.current();
    // Trainings of the side outlooks come and go beside; they do not change what this tells.
    const newest = (await documents.listTrainings({ limit: 50 })).items.find(
      ({ outlook }) => outlook === undefined,
    );
    const record = version === null ? undefined : await documents.getModel(version);
    const trains = newest !== undefined && isOpen(newest);
    return {
      status: 200,
      body: {
        state: version !== null ? 'serving' : trains ? 'training' : 'collecting',
        backend: deps.backend(),
        tickMs: settings.tickMs,
        windowTicks: settings.windowTicks,
        horizonTicks: settings.horizonTicks,
        thresholdPercent: settings.thresholdPercent,
        lastTick: timestampOrNull(runner.forecast()?.atMs ?? null),
        model: record === undefined ? null : modelOnWire(record, new Set([version])),
        fallback,
        training: newest === undefined ? null : trainingOnWire(newest),
      },
    };
  },
});
