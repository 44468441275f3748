import type { TrainableKind } from '@sidestep/forecast';
import { type Clock, Conflict, type Jobs, type Log } from '@sidestep/service-kit';
import type { PredictionSettings } from '../domain/settings.ts';
import type { Training } from '../domain/training.ts';
import type { Documents } from '../ports/documents.ts';

/** The queue on which trainings wait; a job carries the training's id only. */
export const trainingQueue = 'trainings';

export type RequestDeps = {
  clock: Clock;
  settings: PredictionSettings;
  documents: Documents;
  jobs: Jobs;
  newId: () => string;
  log: Log;
};

/** Records a training that is to be done and wakes the worker; one at a time for each outlook. */
export async function requestTraining(
  deps: RequestDeps,
  wish: {
    lastMs?: number | undefined;
    seed: number;
    trigger: Training['trigger'];
    outlook?: string | undefined;
    kind?: TrainableKind | undefined;
  },
): Promise<Training> {
  // Trainings of different outlooks may wait behind each other; the worker takes one at a time.
  const open = (await deps.documents.openTrainings()).find(
    ({ outlook }) => outlook === wish.outlook,
  );
  if (open !== undefined) throw new Conflict(`The training ${open.id} is ${open.state}`);
  const training: Training = {
    id: deps.newId(),
    state: 'queued',
    progress: 0,
    requestedAtMs: deps.clock.now(),
    startedAtMs: null,
    endedAtMs: null,
    ...(wish.outlook === undefined ? {} : { outlook: wish.outlook }),
    ...(wish.kind === undefined ? {} : { kind: wish.kind }),
    lastMs: wish.lastMs ?? deps.settings.trainLastMs,
    seed: wish.seed,
    trigger: wish.trigger,
    backend: null,
    detail: 'waits for the worker',
    modelVersion: null,
    problem: null,
  };
  await deps.documents.addTraining(training);
  await wakeWorker(deps, training.id);
  return training;
}

/** Puts a job for a queued training in; one that fails or is lost is put in again by reconciling. */
export async function wakeWorker(
  { jobs, log }: Pick<RequestDeps, 'jobs' | 'log'>,
  id: string,
): Promise<void> {
  try {
    await jobs.enqueue(trainingQueue, { name: 'train', data: { id } }, { jobId: `${id}-1` });
  } catch (error) {
    log.warn({ error, training: id }, 'The queue is away; the training waits');
  }
}
