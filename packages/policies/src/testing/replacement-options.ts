import type { ReplacementOptions } from '../replacement/index.ts';

/** What tests and measurements of global re-placement ask for, unless a rule says otherwise. */
export const replacementOptions: ReplacementOptions = {
  weights: { delayMs: 1, risk: 10, move: 0.01 },
  moveBudget: 4,
  maxRisk: 0.5,
  assumedDelayMs: 1,
  seed: 1,
  maxIterations: 3_000,
};
