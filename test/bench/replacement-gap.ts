import { replaceAll } from '@sidestep/policies';
import {
  exactReplacement,
  replacementOptions as options,
  type ReplacementSize,
  randomReplacement,
} from '@sidestep/policies/testing';
import { optimumOf } from '../../packages/policies/test/replacement/highs.ts';

/** How near the search comes to the exact optimum. */
export type GapResult = {
  fleets: number;
  asGood: number;
  /** Of the optimum's objective. */
  meanGap: number;
  worstGap: number;
  withoutOrder: number;
};

/** Made-up fleets of one size, each searched and solved exactly. */
export async function measureGap(
  size: Omit<ReplacementSize, 'seed'>,
  fleets: number,
): Promise<GapResult> {
  const gaps: number[] = [];
  let withoutOrder = 0;
  for (let seed = 1; seed <= fleets; seed++) {
    const problem = randomReplacement({ ...size, seed });
    const { after, unimproved } = replaceAll(problem, options);
    const optimum = await optimumOf(exactReplacement(problem, options));
    gaps.push(Math.max(0, after.objective - optimum) / optimum);
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
