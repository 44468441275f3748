import type { Trainer, TrainerOutcome, TrainingTask } from '../../src/ports/trainer.ts';

export type FakeTrainer = Trainer & {
  tasks: TrainingTask[];
  /** The next trainings go on until they are stopped. */
  waits(): void;
  /** How the next trainings end. */
  endsWith(outcome: TrainerOutcome): void;
};

/** A trainer that ends as it is told, at once. */
export function fakeTrainer(
  first: TrainerOutcome = { kind: 'failed', words: 'nothing was said' },
): FakeTrainer {
  let outcome = first;
  let waits = false;
  const fake: FakeTrainer = {
    tasks: [],
    endsWith: (next) => {
      outcome = next;
    },
    waits: () => {
      waits = true;
    },
    train: async (task, { onProgress, signal }) => {
      fake.tasks.push(task);
      onProgress({ done: 0.5, words: 'half way' });
      if (waits && !signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return signal.aborted ? { kind: 'cancelled' } : outcome;
    },
    probe: async () => ({ kind: 'found', backend: 'wasm', passedOver: [] }),
  };
  return fake;
}
