import { createRequire } from 'node:module';
import { type ReplacementOptions, replaceAll } from '@sidestep/policies';
import {
  exactReplacement,
  type ReplacementSize,
  randomReplacement,
} from '@sidestep/policies/testing';
import type Highs from 'highs';

/** How near the search comes to the exact optimum. */
export type GapResult = {
  fleets: number;
  asGood: number;
  /** Of the optimum's objective. */
  meanGap: number;
  worstGap: number;
  withoutOrder: number;
};

const options: ReplacementOptions = {
  weights: { delayMs: 1, risk: 10, move: 0.01 },
  moveBudget: 4,
  maxRisk: 0.5,
  assumedDelayMs: 1,
  seed: 1,
  maxIterations: 3_000,
};

/** Made-up fleets of one size, each searched and solved exactly. */
export async function measureGap(
  size: Omit<ReplacementSize, 'seed'>,
  fleets: number,
): Promise<GapResult> {
  // Its types are those of a CommonJS module, and so is this way in.
  const load: typeof Highs.default = createRequire(import.meta.url)('highs');
  const gaps: number[] = [];
  let withoutOrder = 0;
  for (let seed = 1; seed <= fleets; seed++) {
    const problem = randomReplacement({ ...size, seed });
    const { after, unimproved } = replaceAll(problem, options);
    const highs = await load();
    const solved = highs.solve(exactReplacement(problem, options), {
      mip_rel_gap: 0,
      output_flag: false,
    });
    if (solved.Status !== 'Optimal') throw new Error(`HiGHS: ${solved.Status}`);
    gaps.push(Math.max(0, after.objective - solved.ObjectiveValue) / solved.ObjectiveValue);
    if (unimproved.some(({ reason }) => reason === 'no-order')) withoutOrder += 1;
  }
  return {
    fleets,
    asGood: gaps.filter((gap) => gap < 1e-6).length,
    meanGap: gaps.reduce((sum, gap) => sum + gap, 0) / fleets,
    worstGap: Math.max(...gaps),
    withoutOrder,
  };
}
