import type { Job } from '@sidestep/service-kit';
import { runTraining, type TrainingDeps } from '../usecases/run-training.ts';

/** The processor of the queue `trainings`, and the end of what it is at. */
export type TrainingJob = {
  /** A job names the training; the record is the truth. */
  process(job: Job): Promise<void>;
  /** Waits until no training runs and each one's end is recorded. */
  settled(): Promise<void>;
};

export function trainingJob(deps: TrainingDeps, signal: AbortSignal): TrainingJob {
  const running = new Set<Promise<void>>();
  return {
    process: async ({ data }) => {
      if (typeof data.id !== 'string' || signal.aborted) return;
      const training = runTraining(deps, data.id, signal);
      running.add(training);
      await training.finally(() => running.delete(training));
    },
    settled: async () => {
      await Promise.allSettled(running);
    },
  };
}
