import { expect, test } from 'vitest';
import { emptySeries, hostCpuPercent } from '../src/index.ts';
import { labelOutcomes, unknownOutcome } from '../src/labels.ts';

const oneHost = (cpu: readonly number[]) => {
  const series = emptySeries({
    hosts: ['h1'],
    metrics: [hostCpuPercent],
    tickMs: 1000,
    firstTickAtMs: 0,
    ticks: cpu.length,
  });
  series.values.set(cpu);
  return series;
};

test('a tick is positive when one of the next horizon samples reaches the threshold', () => {
  const labels = labelOutcomes(oneHost([10, 20, 95, 30, 40, 50]), 0, 2, 90);

  expect([...labels.crossed]).toEqual([1, 1, 0, 0, unknownOutcome, unknownOutcome]);
  expect([...labels.futureMax.slice(0, 4)]).toEqual([95, 95, 40, 50]);
});

test('an outcome is unknown when the current or a following sample is missing', () => {
  const labels = labelOutcomes(oneHost([10, NaN, 30, 40, 50]), 0, 1, 90);

  expect([...labels.crossed]).toEqual([unknownOutcome, unknownOutcome, 0, 0, unknownOutcome]);
});

test('ticks within a horizon of an own move are censored', () => {
  const moved = { h1: [{ fromMs: 5000, toMs: 6000 }] };

  const labels = labelOutcomes(oneHost(Array(14).fill(50)), 0, 2, 90, moved);

  expect([...labels.crossed].map((outcome) => outcome === unknownOutcome)).toEqual([
    ...Array(3).fill(false),
    ...Array(6).fill(true),
    ...Array(3).fill(false),
    true,
    true,
  ]);
});
