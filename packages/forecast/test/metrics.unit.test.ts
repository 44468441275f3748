import { expect, test } from 'vitest';
import { auroc, averagePrecision, brierScore, forecastMetrics } from '../src/index.ts';

test('average precision steps down the ranking at each positive', () => {
  // Positives at ranks 1 and 3: (1/1 + 2/3) / 2.
  expect(averagePrecision([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0])).toBeCloseTo(5 / 6, 12);
});

test('tied scores are taken together, so a constant score has the base rate as average precision', () => {
  expect(averagePrecision([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0])).toBeCloseTo(0.25, 12);
  expect(auroc([0.5, 0.5, 0.5, 0.5], [1, 0, 0, 0])).toBe(0.5);
});

test('the area under the ROC curve counts the pairs that are in order', () => {
  // Of 2 × 2 pairs one is out of order.
  expect(auroc([0.9, 0.8, 0.7, 0.6], [1, 0, 1, 0])).toBe(0.75);
  expect(auroc([0.1, 0.2], [1, 0])).toBe(0);
});

test('without a positive there is no ranking to judge', () => {
  expect(averagePrecision([0.1, 0.2], [0, 0])).toBeNaN();
  expect(auroc([0.1, 0.2], [0, 0])).toBeNaN();
});

test('the Brier score is the mean squared miss', () => {
  expect(brierScore([1, 0.5, 0], [1, 0, 1])).toBeCloseTo((0 + 0.25 + 1) / 3, 12);
});

test('onset metrics leave out rows that are already over the threshold', () => {
  const metrics = forecastMetrics([0.9, 0.1, 0.8], [1, 0, 1], [95, 20, 50], 90);

  expect(metrics).toMatchObject({ rows: 3, onsetRows: 2, baseRate: 0.5, onsetAveragePrecision: 1 });
});
