import { persistenceRisk } from '../persistence.ts';
import type { Part } from './row-store.ts';
import type { WalkingModel } from './walking-blend.ts';

const unlearning = {
  refit: async () => undefined,
  learnFrom: () => undefined,
  settle: () => undefined,
};

/** The last value goes on. */
export const persistenceWalker = (thresholdPercent: number): WalkingModel => ({
  ...unlearning,
  foresee({ prepared }: Part, host, tick) {
    const now = prepared.targets[host]?.values[tick] ?? 0;
    return { risk: persistenceRisk(now, thresholdPercent), maxPercent: now };
  },
  state: () => 'the last value goes on',
});
