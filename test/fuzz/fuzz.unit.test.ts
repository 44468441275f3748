import { describe, expect, test } from 'vitest';
import { inputOf } from './fuzz-target.ts';
import { type Failure, runInput, type Tally } from './run-chunk.ts';
import { inputsOf, targetNamed, targetNames } from './targets.ts';

const SEED = 1;
const INPUTS = 20_000;
/** Parsers that take far longer an input than the others. */
const fewer: Readonly<Record<string, number>> = { 'model file': 4000, 'CSV packed': 10_000 };

describe.each(targetNames)('%s', (name) => {
  test('whatever it is fed with, it refuses in its own words or what it accepts holds', async () => {
    const target = await targetNamed(name);
    const tally: Tally = { accepted: 0, refused: 0 };
    const failures: Failure[] = [];
    for (let index = 0; index < (fewer[name] ?? INPUTS); index += 1) {
      const failure = runInput(target, SEED, index, tally);
      if (failure !== undefined) failures.push(failure);
      if (failures.length > 3) break;
    }

    expect(failures).toEqual([]);
    expect(tally.accepted).toBeGreaterThan(target.seeds.length);
  }, 60_000);

  test('equal seed and index give an equal input', async () => {
    const target = await targetNamed(name);

    expect(inputOf(target, 7, 99)).toEqual(inputOf(target, 7, 99));
    expect(inputOf(target, 7, 99)).not.toEqual(inputOf(target, 8, 99));
  });
});

test('the shares add up to all inputs', () => {
  const sum = targetNames.reduce((total, name) => total + inputsOf(name, 10_000_000), 0);

  expect(Math.abs(sum - 10_000_000)).toBeLessThan(targetNames.length);
});
