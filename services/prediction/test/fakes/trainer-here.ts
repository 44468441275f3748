import type { Clock } from '@sidestep/service-kit';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import type { Trainer, TrainingTask } from '../../src/ports/trainer.ts';
import { trainOnHistory } from '../../src/usecases/train-on-history.ts';

/** Trains for real, in this process: what is learnt counts here, not the process around it. */
export const trainerHere = (deps: {
  telemetry: Telemetry;
  clock: Clock;
}): Trainer & { tasks: TrainingTask[] } => {
  const tasks: TrainingTask[] = [];
  return {
    tasks,
    train: (task, { onProgress }) => {
      tasks.push(task);
      return trainOnHistory(deps, task, onProgress);
    },
    probe: async () => ({ kind: 'found', backend: 'cpu', passedOver: [] }),
  };
};
