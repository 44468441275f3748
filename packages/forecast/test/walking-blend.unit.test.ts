import { expect, test } from 'vitest';
import { createRowBuilder, knownRows, type Part } from '../src/evaluate/row-store.ts';
import { createWalkingBlend } from '../src/evaluate/walking-blend.ts';
import { createExtractor } from '../src/features/extractor.ts';
import { labelOutcomes } from '../src/labels.ts';
import { inlineFits } from '../src/learners/fit-pool.ts';
import { patientRecipes } from '../src/learners/recipes.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const series = syntheticFleet({ ticks: 500, seed: 8, missing: 0.01 });
const horizonTicks = 6;
const extractor = createExtractor({
  targetMetric: series.metrics[0] ?? '',
  otherMetrics: [],
  windowTicks: 12,
  horizonTicks,
  thresholdPercent: 90,
  periods: [60],
  neighbours: [],
});
const part: Part = {
  prepared: extractor.prepare(series),
  labels: labelOutcomes(series, 0, horizonTicks, 90),
};
const rowsUpTo = (tick: number) => knownRows([part], 11, tick, Infinity, 1);

test('rows built day by day are the rows built at once', () => {
  const daily = createRowBuilder(extractor, [part]);
  daily(rowsUpTo(40));
  daily(rowsUpTo(45));

  expect(daily(rowsUpTo(120))).toEqual(createRowBuilder(extractor, [part])(rowsUpTo(120)));
});

test('rows that are not a continuation are built anew', () => {
  const builder = createRowBuilder(extractor, [part]);
  builder(rowsUpTo(120));
  const others = knownRows([part], 60, 90, Infinity, 1);

  expect(builder(others)).toEqual(createRowBuilder(extractor, [part])(others));
});

test('the expected maximum lies nearer to what comes than the last value does', async () => {
  const trees = patientRecipes.find(({ name }) => name === 'patient-all-trees');
  if (trees?.kind !== 'boosted-trees') throw new Error('there is no such recipe');
  const brief = { ...trees, options: { ...trees.options, trees: 60, learningRate: 0.1 } };
  const blend = createWalkingBlend(extractor, [part], [brief], {
    firstTick: 11,
    maxRows: 5000,
    seed: 1,
    fits: inlineFits,
  });
  await blend.refit(350);

  let miss = 0;
  let naive = 0;
  for (const { host, tick } of knownRows([part], 350, 490, Infinity, 1)) {
    const max = part.labels.futureMax[host * series.ticks + tick] ?? 0;
    miss += (blend.foresee(part, host, tick).maxPercent - max) ** 2;
    naive += ((part.prepared.targets[host]?.values[tick] ?? 0) - max) ** 2;
  }

  expect(miss).toBeLessThan(0.5 * naive);
});
