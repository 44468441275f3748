import { ProblemError } from '@sidestep/service-kit';
import { classTraining } from '../domain/outlook.ts';
import { trainingDue } from '../domain/training-due.ts';
import { type RequestDeps, requestTraining, wakeWorker } from './request-training.ts';
import type { TickRunner } from './run-tick.ts';
import { endTraining } from './run-training.ts';
import type { ServingModel } from './serving-model.ts';

/** Trainings that are looked back at when it is judged whether one is due. */
const lookedBack = 200;

/** At start: a training that was running when the service ended has no worker any more. */
export async function endInterrupted(deps: RequestDeps): Promise<void> {
  for (const training of await deps.documents.openTrainings()) {
    if (training.state !== 'running') continue;
    const cause = 'The service was stopped or died while it trained';
    await endTraining(deps, training.id, new ProblemError('TRAINING_FAILED', cause));
  }
}

/** Every so often: jobs of queued trainings are put in again, and a training that is due is requested. */
export async function tendTrainings(
  deps: RequestDeps & {
    runner: Pick<TickRunner, 'lacking' | 'sideLacking'>;
    serving: ServingModel;
    /** By the outlook's name. */
    sides?: ReadonlyMap<string, ServingModel>;
    /** Refitted as the others are; the first one is made when somebody asks for it. */
    classifier?: { version(): string | null };
  },
): Promise<void> {
  const open = await deps.documents.openTrainings();
  for (const { id, state } of open) if (state === 'queued') await wakeWorker(deps, id);
  if (open.length > 0) return;
  const { items } = await deps.documents.listTrainings({ limit: lookedBack });
  const due = trainingDue({
    settings: deps.settings,
    trainings: items.filter(({ outlook }) => outlook === undefined),
    hasModel: deps.serving.current().version !== null,
    enoughInHand: deps.runner.lacking() === 'enough',
    nowMs: deps.clock.now(),
  });
  if (due !== 'no') {
    deps.log.info({ due }, 'A training is due');
    await requestTraining(deps, { seed: 1, trigger: 'automatic' });
    return;
  }
  // The side outlooks' turn comes once the chief model serves, one after the other.
  if (deps.serving.current().version === null) return;
  for (const [outlook, serving] of deps.sides ?? []) {
    const hasModel = serving.current().version !== null;
    const sideDue = trainingDue({
      settings: deps.settings,
      trainings: items.filter((each) => each.outlook === outlook),
      hasModel,
      enoughInHand: !hasModel && deps.runner.sideLacking(outlook) === 'enough',
      nowMs: deps.clock.now(),
    });
    if (sideDue === 'no') continue;
    deps.log.info({ due: sideDue, outlook }, 'A training is due');
    await requestTraining(deps, { seed: 1, trigger: 'automatic', outlook });
    return;
  }
  if (deps.classifier == null || deps.classifier.version() === null) return;
  const classDue = trainingDue({
    settings: deps.settings,
    trainings: items.filter(({ outlook }) => outlook === classTraining),
    hasModel: true,
    enoughInHand: false,
    nowMs: deps.clock.now(),
  });
  if (classDue === 'no') return;
  deps.log.info({ due: classDue, outlook: classTraining }, 'A training is due');
  await requestTraining(deps, { seed: 1, trigger: 'automatic', outlook: classTraining });
}
