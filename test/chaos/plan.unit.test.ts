import { expect, test } from 'vitest';
import { describePlan, planOf } from './plan.ts';

const points = ['reserve:before', 'migrate:intent', 'migrate:called', 'settle:after'];

test('a run is found again by its point and seed', () => {
  for (const point of points)
    for (let seed = 1; seed <= 20; seed++)
      expect(planOf(point, seed, points)).toEqual(planOf(point, seed, points));
});

test('the worker is killed at the run’s own point first, further ones are points that there are', () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { strikes } = planOf('migrate:called', seed, points);
    expect(strikes[0]).toBe('migrate:called');
    expect(points).toEqual(expect.arrayContaining([...strikes]));
  }
});

test('twenty seeds bring every kind of mishap', () => {
  const plans = Array.from({ length: 20 }, (_, seed) => planOf('reserve:before', seed + 1, points));

  expect(new Set(plans.map(({ redis }) => redis)).size).toBe(3);
  expect(new Set(plans.map(({ call }) => call)).size).toBe(2);
  expect(plans.some(({ secondWorker }) => secondWorker)).toBe(true);
  expect(plans.some(({ doubledJobsDelayMs }) => doubledJobsDelayMs.length > 1)).toBe(true);
  expect(plans.some(({ strikes }) => strikes.length > 2)).toBe(true);
});

test('a plan is told in words', () => {
  expect(
    describePlan({
      point: 'reserve:before',
      seed: 4,
      strikes: ['reserve:before', 'migrate:intent'],
      redis: 'wiped',
      redisAtMs: 300,
      call: 'answer lost',
      doubledJobsDelayMs: [10, 900],
      secondWorker: true,
    }),
  ).toBe(
    'seed 4; kill at reserve:before, migrate:intent; Redis wiped after 300 ms; Nova’s answer lost; 2 more jobs after 10/900 ms; a second worker',
  );
});
