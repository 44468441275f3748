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

/** What came after this point of the last season comes again; without a season the last value goes on. */
export const seasonalWalker = (
  thresholdPercent: number,
  horizonTicks: number,
  periodTicks: number,
): WalkingModel => ({
  ...unlearning,
  foresee({ prepared }: Part, host, tick) {
    const values = prepared.targets[host]?.values;
    const then = tick - periodTicks;
    let max = values?.[tick] ?? 0;
    if (periodTicks > horizonTicks && then >= 0) {
      max = 0;
      for (let ahead = 1; ahead <= horizonTicks; ahead++)
        max = Math.max(max, values?.[then + ahead] ?? 0);
    }
    return { risk: persistenceRisk(max, thresholdPercent), maxPercent: max };
  },
  state: () => (periodTicks > 0 ? `a season of ${periodTicks} ticks` : 'no season'),
});
