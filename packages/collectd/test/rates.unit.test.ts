import { expect, test } from 'vitest';
import { kindCode, type Rate, rateBetween } from '../src/index.ts';

const rate = (kind: number, before: bigint, after: bigint, elapsedMs = 1000): Rate => {
  const halves = (value: bigint) => ({
    high: Number(BigInt.asIntN(32, value >> 32n)),
    low: Number(BigInt.asUintN(32, value)),
  });
  const now = halves(after);
  return rateBetween(
    kind,
    { timeMs: 5000, ...halves(before) },
    now.high,
    now.low,
    5000 + elapsedMs,
  );
};
const perSecond = (value: number): Rate => ({ kind: 'rate', perSecond: value });
const reset: Rate = { kind: 'none', reason: 'reset' };
const max = 1n << 64n;

test.each([
  ['a derive rises by its difference', kindCode.derive, 1000n, 3000n, perSecond(2000)],
  [
    'a derive beyond 2^53 loses nothing',
    kindCode.derive,
    (1n << 62n) + 1n,
    (1n << 62n) + 4n,
    perSecond(3),
  ],
  [
    'a derive that crosses a 32-bit border',
    kindCode.derive,
    (1n << 32n) - 1n,
    (1n << 32n) + 1n,
    perSecond(2),
  ],
  ['a negative derive that rises', kindCode.derive, -10n, -4n, perSecond(6)],
  ['a derive that falls was reset', kindCode.derive, 1000n, 10n, reset],
  ['a counter wraps at 2^32', kindCode.counter, (1n << 32n) - 10n, 20n, perSecond(30)],
  ['a counter wraps at 2^64', kindCode.counter, max - 10n, 20n, perSecond(30)],
  ['a counter that falls from low was reset', kindCode.counter, 5000n, 3n, reset],
  ['a large counter that falls to nothing was reset', kindCode.counter, 1n << 40n, 3n, reset],
  ['a counter above 2^63 rises', kindCode.counter, max - 1000n, max - 400n, perSecond(600)],
  ['an absolute counts since its last reading', kindCode.absolute, 7n, 42n, perSecond(42)],
])('%s', (_, kind, before, after, expected) => {
  expect(rate(kind, before, after)).toEqual(expected);
});

test('a rate is per second, whatever the time between the readings', () => {
  expect(rate(kindCode.derive, 0n, 100n, 10_000)).toEqual(perSecond(10));
});

test('a reading that is not newer has no rate', () => {
  expect(rate(kindCode.derive, 0n, 100n, 0)).toEqual({ kind: 'none', reason: 'not-newer' });
  expect(rate(kindCode.derive, 0n, 100n, -5)).toEqual({ kind: 'none', reason: 'not-newer' });
});
