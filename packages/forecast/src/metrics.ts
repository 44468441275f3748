/** Quality of a probability forecast on rows whose outcome is known. */
export type ForecastMetrics = {
  /** Average precision on rows whose current value is below the threshold. */
  readonly onsetAveragePrecision: number;
  /** Area under the ROC curve on the same rows. */
  readonly onsetAuroc: number;
  /** Mean squared error of the probability on all rows (Brier 1950). */
  readonly brier: number;
  /** Share of onset rows that crossed. */
  readonly baseRate: number;
  readonly rows: number;
  readonly onsetRows: number;
};

const orderByScore = (scores: ArrayLike<number>): Int32Array =>
  Int32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => (scores[b] ?? 0) - (scores[a] ?? 0),
  );

/** Area under precision over recall, tied scores taken together; NaN without a positive. */
export const averagePrecision = (
  scores: ArrayLike<number>,
  outcomes: ArrayLike<number>,
): number => {
  const order = orderByScore(scores);
  let positives = 0;
  for (let i = 0; i < outcomes.length; i++) positives += outcomes[i] ?? 0;
  if (positives === 0) return NaN;
  let area = 0;
  let taken = 0;
  let hits = 0;
  while (taken < order.length) {
    const tied = scores[order[taken] ?? 0] ?? 0;
    const hitsBefore = hits;
    while (taken < order.length && (scores[order[taken] ?? 0] ?? 0) === tied) {
      hits += outcomes[order[taken] ?? 0] ?? 0;
      taken++;
    }
    area += ((hits - hitsBefore) / positives) * (hits / taken);
  }
  return area;
};

/** Probability that a positive scores above a negative, ties half; NaN when one kind is missing. */
export const auroc = (scores: ArrayLike<number>, outcomes: ArrayLike<number>): number => {
  const order = orderByScore(scores);
  let taken = 0;
  let positivesAbove = 0;
  let won = 0;
  let negatives = 0;
  while (taken < order.length) {
    const tied = scores[order[taken] ?? 0] ?? 0;
    let tiedPositives = 0;
    let tiedNegatives = 0;
    while (taken < order.length && (scores[order[taken] ?? 0] ?? 0) === tied) {
      if ((outcomes[order[taken] ?? 0] ?? 0) === 1) tiedPositives++;
      else tiedNegatives++;
      taken++;
    }
    won += tiedNegatives * (positivesAbove + tiedPositives / 2);
    positivesAbove += tiedPositives;
    negatives += tiedNegatives;
  }
  return positivesAbove === 0 || negatives === 0 ? NaN : won / (positivesAbove * negatives);
};

/** Mean squared difference of probability and outcome; NaN without rows. */
export const brierScore = (scores: ArrayLike<number>, outcomes: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < scores.length; i++) {
    const miss = (scores[i] ?? 0) - (outcomes[i] ?? 0);
    sum += miss * miss;
  }
  return scores.length === 0 ? NaN : sum / scores.length;
};

/** All of `ForecastMetrics` from parallel arrays of probability, outcome (0, 1) and current value. */
export const forecastMetrics = (
  risks: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  current: ArrayLike<number>,
  thresholdPercent: number,
): ForecastMetrics => {
  const onsetRisks: number[] = [];
  const onsetOutcomes: number[] = [];
  for (let i = 0; i < risks.length; i++)
    if ((current[i] ?? NaN) < thresholdPercent) {
      onsetRisks.push(risks[i] ?? 0);
      onsetOutcomes.push(outcomes[i] ?? 0);
    }
  const crossed = onsetOutcomes.reduce((sum, outcome) => sum + outcome, 0);
  return {
    onsetAveragePrecision: averagePrecision(onsetRisks, onsetOutcomes),
    onsetAuroc: auroc(onsetRisks, onsetOutcomes),
    brier: brierScore(risks, outcomes),
    baseRate: onsetOutcomes.length === 0 ? NaN : crossed / onsetOutcomes.length,
    rows: risks.length,
    onsetRows: onsetOutcomes.length,
  };
};
