import { sigmoid } from '../calibration.ts';

/** Rows used at most: weights of a handful of members need no more. */
const maxStackRows = 40_000;

/**
 * Weights of members from their log-odds on rows that none was fitted on: logistic regression kept
 * non-negative and drawn towards equal weights (stacking, Wolpert 1992).
 */
export const stackWeights = (
  logits: readonly ArrayLike<number>[],
  outcomes: ArrayLike<number>,
): number[] => {
  const members = logits.length;
  const equal = 1 / Math.max(1, members);
  const weights: number[] = Array(members).fill(equal);
  const step = Math.max(1, Math.floor(outcomes.length / maxStackRows));
  const rows: number[] = [];
  let positives = 0;
  for (let i = 0; i < outcomes.length; i += step) {
    rows.push(i);
    positives += outcomes[i] ?? 0;
  }
  if (members < 2 || positives < 20 || rows.length - positives < 20) return weights;
  // Newton steps; each quadratic is solved by coordinate descent with the weights kept non-negative.
  const size = members + 1;
  const pull = 10;
  const solution = [...weights, 0];
  for (let round = 0; round < 12; round++) {
    const gradient = new Float64Array(size);
    const curvature = new Float64Array(size * size);
    const inputs = new Float64Array(size).fill(1);
    for (const i of rows) {
      let z = 0;
      for (let m = 0; m < size; m++) {
        if (m < members) inputs[m] = logits[m]?.[i] ?? 0;
        z += (solution[m] ?? 0) * (inputs[m] ?? 0);
      }
      const p = sigmoid(z);
      const bend = Math.max(1e-5, p * (1 - p));
      for (let m = 0; m < size; m++) {
        const own = inputs[m] ?? 0;
        gradient[m] = (gradient[m] ?? 0) + (p - (outcomes[i] ?? 0)) * own;
        for (let n = 0; n < size; n++)
          curvature[m * size + n] = (curvature[m * size + n] ?? 0) + bend * own * (inputs[n] ?? 0);
      }
    }
    for (let m = 0; m < members; m++) {
      gradient[m] = (gradient[m] ?? 0) + pull * ((solution[m] ?? 0) - equal);
      curvature[m * size + m] = (curvature[m * size + m] ?? 0) + pull;
    }
    const change = solveStep(solution, gradient, curvature, members);
    if (change < 1e-5) break;
  }
  const found = solution.slice(0, members);
  return found.reduce((sum, weight) => sum + weight, 0) > 0.05 ? found : weights;
};

const solveStep = (
  solution: number[],
  gradient: Float64Array,
  curvature: Float64Array,
  members: number,
): number => {
  const size = members + 1;
  const step = new Float64Array(size);
  for (let sweep = 0; sweep < 100; sweep++)
    for (let m = 0; m < size; m++) {
      let slope = gradient[m] ?? 0;
      for (let n = 0; n < size; n++) slope += (curvature[m * size + n] ?? 0) * (step[n] ?? 0);
      const wanted = (step[m] ?? 0) - slope / (curvature[m * size + m] ?? 1);
      step[m] = m < members ? Math.max(-(solution[m] ?? 0), wanted) : wanted;
    }
  let change = 0;
  for (let m = 0; m < size; m++) {
    // A bounded step keeps Newton's method from overshooting on nearly separable rows.
    const bounded = Math.max(-0.5, Math.min(0.5, step[m] ?? 0));
    solution[m] = (solution[m] ?? 0) + bounded;
    change = Math.max(change, Math.abs(bounded));
  }
  return change;
};
