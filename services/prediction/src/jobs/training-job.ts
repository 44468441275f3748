import type { Job } from '@sidestep/service-kit';
import { runTraining, type TrainingDeps } from '../usecases/run-training.ts';

/** Works the queue `trainings`: the job names the training, the record is the truth. */
export function trainingJob(deps: TrainingDeps, signal: AbortSignal): (job: Job) => Promise<void> {
  return async ({ data }) => {
    if (typeof data.id === 'string') await runTraining(deps, data.id, signal);
  };
}
