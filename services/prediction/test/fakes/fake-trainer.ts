import type { Trainer, TrainerOutcome, TrainingTask } from '../../src/ports/trainer.ts';

export type FakeTrainer = Trainer & {
  tasks: TrainingTask[];
  /** How the next trainings end. */
  endsWith(outcome: TrainerOutcome): void;
};

/** A trainer that ends as it is told, at once. */
export function fakeTrainer(
  first: TrainerOutcome = { kind: 'failed', words: 'nothing was said' },
): FakeTrainer {
  let outcome = first;
  const fake: FakeTrainer = {
    tasks: [],
    endsWith: (next) => {
      outcome = next;
    },
    train: async (task, { onProgress, signal }) => {
      fake.tasks.push(task);
      onProgress({ done: 0.5, words: 'half way' });
      return signal.aborted ? { kind: 'cancelled' } : outcome;
    },
    probe: async () => ({ kind: 'found', backend: 'wasm', passedOver: [] }),
  };
  return fake;
}
