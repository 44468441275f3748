import type { prediction } from '@sidestep/contracts';
import { onlyBeginsOf, svmKind, type TrainableKind } from '@sidestep/forecast';
import { type Handlers, NotFound, ProblemError } from '@sidestep/service-kit';
import { classTraining } from '../domain/outlook.ts';
import type { OutlookBoard, OutlookPart } from '../usecases/outlook-board.ts';
import { type RequestDeps, requestTraining } from '../usecases/request-training.ts';
import { trainingOnWire } from './wire.ts';

/** The name under which a training is recorded: none for the chief outlook's. */
const nameOf = (asked: string | undefined, outlooks: OutlookBoard): string | undefined => {
  if (asked === classTraining) return classTraining;
  const part = outlooks.named(asked, '/body/outlook');
  return part.chief ? undefined : part.id;
};

const sideOf = (outlook: string | undefined) => (outlook === classTraining ? undefined : outlook);

/** Whether a kind can answer what the outlook asks; refused at its place where it cannot. */
const refuseMisfit = (
  kind: TrainableKind | undefined,
  outlook: string | undefined,
  { settings }: Pick<OutlookPart, 'settings'>,
): void => {
  const refuse = (detail: string) => {
    throw new ProblemError('UNPROCESSABLE', `A model of the kind ${kind} ${detail}`, {
      errors: [{ pointer: '/body/kind', detail }],
    });
  };
  if (kind === undefined) return;
  if (outlook === classTraining && kind !== svmKind)
    refuse(`names no destination; ${classTraining} is answered by ${svmKind} alone`);
  if (outlook !== classTraining && kind === svmKind)
    refuse(`answers with a destination, no risk; ask for it with the outlook ${classTraining}`);
  if (kind === 'persistence' && outlook !== classTraining && onlyBeginsOf(settings.targetMetric))
    refuse('has no value that goes on where only the begin of an incident is foreseen');
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
    refuseMisfit(body.kind, outlook, deps.outlooks.named(sideOf(outlook), '/body/outlook'));
    const training = await requestTraining(deps, {
      lastMs: body.lastMs,
      seed: body.seed ?? 1,
      trigger: 'manual',
      outlook,
      kind: body.kind,
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
