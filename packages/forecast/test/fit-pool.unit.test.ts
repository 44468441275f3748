import { seededRandom } from '@sidestep/fleet';
import { expect, onTestFinished, test } from 'vitest';
import type { FeatureInfo } from '../src/features/extractor.ts';
import { type FitPool, inlineFits, threadedFits } from '../src/learners/fit-pool.ts';
import { fitInput, planMember, type Recipe } from '../src/learners/recipes.ts';
import type { LabelledRows } from '../src/learners/rows.ts';

const shared = (bytes: number) => new SharedArrayBuffer(bytes);

const someRows = (count: number): LabelledRows => {
  const random = seededRandom(4);
  const data = new Float32Array(shared(8 * count)).map(() => random());
  return {
    data,
    count,
    width: 2,
    crossed: new Uint8Array(shared(count)).map((_, i) => ((data[2 * i] ?? 0) > 0.7 ? 1 : 0)),
    futureMax: new Float32Array(shared(4 * count)).map((_, i) => 100 * (data[2 * i] ?? 0)),
    weights: new Float32Array(shared(4 * count)).fill(1),
  };
};

const features: FeatureInfo[] = [
  { name: 'a', group: 'level' },
  { name: 'b', group: 'level' },
];
const recipes: Recipe[] = [
  {
    name: 'trees',
    kind: 'boosted-trees',
    hides: () => false,
    options: { trees: 8 },
    foreseesMaximum: true,
  },
  { name: 'network', kind: 'neural', hides: () => false, options: { epochs: 2, hidden: [4] } },
];

const fitAll = async (pool: FitPool) => {
  const input = fitInput(someRows(600), features, 1);
  const plans = recipes.map((recipe) => planMember(recipe, input));
  return pool.fit(
    plans.flatMap(({ jobs }) => jobs),
    input,
  );
};

const opened = (pool: FitPool): FitPool => {
  onTestFinished(() => pool.close());
  return pool;
};

test('threads make what one thread makes, in the order asked for', async () => {
  const alone = await fitAll(inlineFits);

  expect(await fitAll(opened(threadedFits(2)))).toEqual(alone);
  expect(alone.map(({ kind }) => kind)).toEqual(['forest', 'forest', 'network']);
});

test('what threads that break off leave undone, the asking one does', async () => {
  const broken = new URL('data:text/javascript,throw new Error("no memory")');

  expect(await fitAll(opened(threadedFits(2, broken)))).toEqual(await fitAll(inlineFits));
});
