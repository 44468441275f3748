import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  breaksPromise,
  type MoveFacts,
  moveWeights,
  scoreMove,
  type TouchedChain,
} from '../src/move-score.ts';
import { parametersOf } from '../src/parameters.ts';

const weights = parametersOf(moveWeights);
const chain = (parts: Partial<TouchedChain> = {}): TouchedChain => ({
  chainId: 'c',
  beforeMs: 10,
  afterMs: 10,
  promisedMs: null,
  criticality: 3,
  ...parts,
});
const facts = (parts: Partial<MoveFacts> = {}): MoveFacts => ({
  placeRatio: 0.1,
  sourcePercent: 90,
  sharePercent: 5,
  cost: { expectedMs: 30_000, downtimeMs: 100, trafficBytes: 1e9, converges: true, method: 'm' },
  chains: [],
  ...parts,
});
const total = (parts: Partial<MoveFacts>) => scoreMove(facts(parts), weights).total;

describe('a pair is better', () => {
  test.each<[string, Partial<MoveFacts>, Partial<MoveFacts>]>([
    ['the better the policy finds the host', { placeRatio: 0.1 }, { placeRatio: 0.2 }],
    ['the more it relieves the source', { sharePercent: 8 }, { sharePercent: 4 }],
    ['when its relief is known', { sharePercent: 1 }, { sharePercent: 'unknown' }],
    [
      'the sooner it is done',
      {},
      {
        cost: {
          expectedMs: 60_000,
          downtimeMs: 100,
          trafficBytes: 1e9,
          converges: true,
          method: 'm',
        },
      },
    ],
    [
      'when the copying ends by itself',
      {},
      {
        cost: {
          expectedMs: 30_000,
          downtimeMs: 100,
          trafficBytes: 1e9,
          converges: false,
          method: 'm',
        },
      },
    ],
    [
      'when its chains hurt less',
      { chains: [chain({ criticality: 1 })] },
      { chains: [chain({ criticality: 5 })] },
    ],
    [
      'when its chains have slack',
      { chains: [chain({ promisedMs: 1_000 })] },
      { chains: [chain({ promisedMs: 11 })] },
    ],
    [
      'when it brings hops together',
      { chains: [chain({ afterMs: 5 })] },
      { chains: [chain({ afterMs: 15 })] },
    ],
  ])('%s', (_case, better, worse) => {
    expect(total(better)).toBeLessThan(total(worse));
  });
});

test('once the source is calm, more relief is worth nothing', () => {
  expect(total({ sharePercent: 10 })).toBe(total({ sharePercent: 30 }));
});

test('a delay that is unknown weighs nothing', () => {
  expect(scoreMove(facts({ chains: [chain({ afterMs: 'unknown' })] }), weights).delay).toBe(0);
});

test('the total is the sum of its terms, and finite whatever is known', () => {
  const known = fc.oneof(
    fc.double({ min: 0, max: 100, noNaN: true }),
    fc.constant('unknown' as const),
  );
  const chains = fc.array(
    fc.record({
      chainId: fc.constant('c'),
      beforeMs: known,
      afterMs: known,
      promisedMs: fc.option(fc.double({ min: 0.001, max: 100, noNaN: true })),
      criticality: fc.integer({ min: 1, max: 5 }),
    }),
    { maxLength: 3 },
  );
  fc.assert(
    fc.property(
      known,
      known,
      chains,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (source, share, touched, place) => {
        const given = facts({
          sourcePercent: source,
          sharePercent: share,
          chains: touched,
          placeRatio: place,
        });

        const score = scoreMove(given, weights);

        expect(Number.isFinite(score.total)).toBe(true);
        expect(score.total).toBeCloseTo(score.place + score.relief + score.cost + score.delay);
      },
    ),
  );
});

test.each([
  ['kept and then broken', { promisedMs: 12, afterMs: 13 }, true],
  ['broken already', { promisedMs: 9, afterMs: 13 }, false],
  ['kept', { promisedMs: 12, afterMs: 12 }, false],
  ['none', { afterMs: 1_000 }, false],
  ['of unknown delay', { promisedMs: 12, afterMs: 'unknown' as const }, false],
])('a promise that is %s', (_case, parts, broken) => {
  expect(breaksPromise(chain(parts))).toBe(broken);
});
