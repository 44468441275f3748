import { type Job, ProblemError } from '@sidestep/service-kit';
import {
  type CarryOut,
  endTraining,
  runTraining,
  type TrainingDeps,
} from '../usecases/run-training.ts';

/** The processor of the queue `trainings`, and the end of what it is at. */
export type TrainingJob = {
  /** A job names the training; the record is the truth. */
  process(job: Job): Promise<void>;
  /** Waits until no training runs and each one's end is recorded. */
  settled(): Promise<void>;
};

/** Each training is carried out with the settings and the serving model of its own outlook. */
export function trainingJob(
  deps: TrainingDeps,
  signal: AbortSignal,
  sides: ReadonlyMap<string, TrainingDeps> = new Map(),
  /** What is made otherwise than an outlook's model, by its name. */
  others: ReadonlyMap<string, CarryOut> = new Map(),
): TrainingJob {
  const running = new Set<Promise<void>>();
  const run = async (id: string): Promise<void> => {
    const outlook = (await deps.documents.getTraining(id))?.outlook;
    const other = outlook === undefined ? undefined : others.get(outlook);
    if (other !== undefined) return runTraining(deps, id, signal, other);
    const own = outlook === undefined ? deps : sides.get(outlook);
    if (own === undefined)
      await endTraining(
        deps,
        id,
        new ProblemError('TRAINING_FAILED', `Nothing named ${outlook} is foreseen any more`),
      );
    else await runTraining(own, id, signal);
  };
  return {
    process: async ({ data }) => {
      if (typeof data.id !== 'string' || signal.aborted) return;
      const training = run(data.id);
      running.add(training);
      await training.finally(() => running.delete(training));
    },
    settled: async () => {
      await Promise.allSettled(running);
    },
  };
}
