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
  const pull = 30 / rows.length;
  let intercept = 0;
  const scale = logits.reduce(
    (sum, own) => sum + rows.reduce((s, i) => s + (own[i] ?? 0) ** 2, 0) / rows.length,
    0,
  );
  const rate = 3 / (1 + scale);
  for (let round = 0; round < 300; round++) {
    const gradient: number[] = weights.map((weight) => pull * (weight - equal));
    let gi = 0;
    for (const i of rows) {
      let z = intercept;
      for (let m = 0; m < members; m++) z += (weights[m] ?? 0) * (logits[m]?.[i] ?? 0);
      const miss = (sigmoid(z) - (outcomes[i] ?? 0)) / rows.length;
      gi += miss;
      for (let m = 0; m < members; m++)
        gradient[m] = (gradient[m] ?? 0) + miss * (logits[m]?.[i] ?? 0);
    }
    intercept -= gi;
    for (let m = 0; m < members; m++)
      weights[m] = Math.max(0, (weights[m] ?? 0) - rate * (gradient[m] ?? 0));
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total > 0.05 ? weights : weights.map(() => equal);
};
