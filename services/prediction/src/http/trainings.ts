import type { prediction } from '@sidestep/contracts';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import type { OutlookBoard } from '../usecases/outlook-board.ts';
import { type RequestDeps, requestTraining } from '../usecases/request-training.ts';
import { trainingOnWire } from './wire.ts';

export const trainingHandlers = (
  deps: RequestDeps & { basePath: string; outlooks: OutlookBoard },
): Pick<Handlers<prediction.operations>, 'listTrainings' | 'startTraining' | 'getTraining'> => ({
  listTrainings: async ({ query }) => {
    const { items, nextCursor } = await deps.documents.listTrainings({
      limit: query.limit ?? 100,
      cursor: query.cursor,
    });
    return { status: 200, body: { trainings: items.map(trainingOnWire), nextCursor } };
  },

  startTraining: async ({ body }) => {
    const part = deps.outlooks.named(body.outlook, '/body/outlook');
    const training = await requestTraining(deps, {
      lastMs: body.lastMs,
      seed: body.seed ?? 1,
      trigger: 'manual',
      outlook: part.chief ? undefined : part.id,
    });
    return {
      status: 202,
      body: trainingOnWire(training),
      headers: { location: `${deps.basePath}/trainings/${training.id}` },
    };
  },

  getTraining: async ({ params }) => {
    const training = await deps.documents.getTraining(params.trainingId);
    if (training === undefined) throw new NotFound('training', params.trainingId);
    return { status: 200, body: trainingOnWire(training) };
  },
});
