import { expect, test } from 'vitest';
import { medianOf, spreadOf } from './statistics.ts';

test('percentiles are measured values, by nearest rank, whatever the order', () => {
  const values = Array.from({ length: 200 }, (_, at) => 200 - at);

  expect(spreadOf(values)).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
});

test('of few measurements the p99 is the largest', () => {
  expect(spreadOf([3, 1, 2])).toEqual({ count: 3, p50: 2, p99: 3, max: 3 });
});

test('the median of an even number is the lower of the two in the middle', () => {
  expect(medianOf([4, 1, 3, 2])).toBe(2);
});

test('nothing measured has no spread', () => {
  expect(() => spreadOf([])).toThrow(RangeError);
});
