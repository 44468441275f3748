import type { prediction } from '@sidestep/contracts';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import { classTraining } from '../domain/outlook.ts';
import type { OutlookBoard } from '../usecases/outlook-board.ts';
import { type RequestDeps, requestTraining } from '../usecases/request-training.ts';
import { trainingOnWire } from './wire.ts';

/** The name under which a training is recorded: none for the chief outlook's. */
const nameOf = (asked: string | undefined, outlooks: OutlookBoard): string | undefined => {
  if (asked === classTraining) return classTraining;
  const part = outlooks.named(asked, '/body/outlook');
  return part.chief ? undefined : part.id;
};

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
    const outlook = nameOf(body.outlook, deps.outlooks);
    const training = await requestTraining(deps, {
      lastMs: body.lastMs,
      seed: body.seed ?? 1,
      trigger: 'manual',
      outlook,
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
