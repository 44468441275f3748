import { seededRandom } from '@sidestep/fleet';
import { expect, test } from 'vitest';
import { binOf, binRows, chooseBorders } from '../src/learners/bins.ts';
import { defaultBoostingOptions, growForest } from '../src/learners/boosted-trees.ts';
import { type Forest, forestContributions, forestOutput } from '../src/learners/forest.ts';
import type { LabelledRows } from '../src/learners/rows.ts';
import { stackWeights } from '../src/learners/stacking.ts';
import { averagePrecision } from '../src/metrics.ts';

/** Rows whose outcome is an exclusive-or of two features; a third is noise, a fourth is half unknown. */
const exclusiveOr = (count: number, seed: number): LabelledRows => {
  const random = seededRandom(seed);
  const width = 4;
  const data = new Float32Array(count * width);
  const crossed = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < width; i++) data[row * width + i] = random();
    if (random() < 0.5) data[row * width + 3] = NaN;
    const a = (data[row * width] ?? 0) > 0.5;
    const b = (data[row * width + 1] ?? 0) > 0.5;
    crossed[row] = a !== b ? 1 : 0;
  }
  return {
    data,
    count,
    width,
    crossed,
    futureMax: Float32Array.from(crossed, (y) => 40 + 60 * y),
    weights: new Float32Array(count).fill(1),
  };
};

const train = exclusiveOr(3000, 1);
const unseen = exclusiveOr(1000, 2);
const binned = binRows(train, chooseBorders(train));
const grow = (objective: 'log-odds' | 'value', seed = 1): Forest =>
  growForest(binned, objective === 'value' ? train.futureMax : train.crossed, train.weights, {
    ...defaultBoostingOptions,
    objective,
    featureShare: 1,
    trees: 60,
    seed,
  });

test('trees learn an interaction that no single feature shows', () => {
  const forest = grow('log-odds');

  const scores = Float64Array.from({ length: unseen.count }, (_, row) =>
    forestOutput(forest, unseen.data, row * unseen.width),
  );

  expect(averagePrecision(scores, unseen.crossed)).toBeGreaterThan(0.99);
});

test('a forest of values comes close to the values', () => {
  const forest = grow('value');

  let miss = 0;
  for (let row = 0; row < unseen.count; row++)
    miss += Math.abs(
      forestOutput(forest, unseen.data, row * unseen.width) - (unseen.futureMax[row] ?? 0),
    );

  expect(miss / unseen.count).toBeLessThan(3);
});

test('contributions and the root means add up to the output', () => {
  const forest = grow('log-odds');
  const contributions = new Float64Array(unseen.width);

  forestContributions(forest, unseen.data, 0, 1, contributions);

  let roots = forest.base;
  for (let tree = 0; tree + 1 < forest.starts.length; tree++)
    roots += forest.values[forest.starts[tree] ?? 0] ?? 0;
  const sum = contributions.reduce((total, own) => total + own, roots);
  expect(sum).toBeCloseTo(forestOutput(forest, unseen.data, 0), 6);
});

test('equal seeds grow equal forests, other seeds grow others', () => {
  expect(grow('log-odds', 3)).toEqual(grow('log-odds', 3));
  expect(grow('log-odds', 3).values).not.toEqual(grow('log-odds', 4).values);
});

test('a hidden feature is never asked', () => {
  const forest = growForest(binned, train.crossed, train.weights, {
    ...defaultBoostingOptions,
    trees: 10,
    allowed: Int32Array.of(0, 2),
  });

  expect([...new Set(forest.features)].sort()).toEqual(expect.not.arrayContaining([1, 3]));
});

test('borders part values as the bins do, and what is unknown has a bin of its own', () => {
  const borders = Float32Array.of(1, 2, 3);

  expect([NaN, 0.5, 1, 1.5, 3, 9].map((value) => binOf(borders, value))).toEqual([
    0, 1, 2, 2, 4, 4,
  ]);
});

test('the blend trusts the member that tells the outcome and not the one that guesses', () => {
  const random = seededRandom(9);
  const outcomes = Uint8Array.from({ length: 2000 }, () => (random() < 0.3 ? 1 : 0));
  const knows = Float64Array.from(outcomes, (y) => (y === 1 ? 1.5 : -1.5) + random());
  const guesses = Float64Array.from(outcomes, () => 4 * random() - 2);

  const [trusted = 0, distrusted = 0] = stackWeights([knows, guesses], outcomes);

  expect(trusted).toBeGreaterThan(0.7);
  expect(distrusted).toBeLessThan(trusted / 5);
});

test('where an outcome is rare, values that tell its rows apart are told apart', () => {
  // One row in a hundred crosses; only these have values beyond 1, spread out over the upper range.
  const count = 20_000;
  const data = Float32Array.from({ length: count }, (_, i) =>
    i % 100 === 0 ? 2 + i / count : i / count,
  );
  const crossed = Uint8Array.from({ length: count }, (_, i) => (i % 100 === 0 ? 1 : 0));

  const beyond = (rows: Parameters<typeof chooseBorders>[0]) =>
    chooseBorders(rows).borders[0]?.filter((border) => border > 2).length ?? 0;

  expect(beyond({ data, count, width: 1, crossed })).toBeGreaterThan(10);
  expect(beyond({ data, count, width: 1 })).toBeLessThan(3);
});
