import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExtractor } from '../src/features/extractor.ts';
import { findSeason, hostCpuPercent, sliceTicks } from '../src/index.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const extractor = createExtractor({
  targetMetric: hostCpuPercent,
  otherMetrics: ['host.memPercent', 'host.netRxBytesPerSecond'],
  windowTicks: 24,
  horizonTicks: 12,
  thresholdPercent: 90,
  periods: [60],
  neighbours: ['compute2'],
});

const rowAt = (series: Parameters<typeof extractor.prepare>[0], host: number, tick: number) => {
  const row = new Float32Array(extractor.features.length);
  extractor.write(extractor.prepare(series), host, tick, row, 0);
  return row;
};

const fleet = syntheticFleet({ hosts: 3, ticks: 400, missing: 0.1 });

test('samples after a tick never change the features at that tick', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 398 }),
      fc.integer({ min: 0, max: 2 }),
      fc.array(fc.oneof(fc.double({ min: 0, max: 100 }), fc.constant(NaN)), { minLength: 9 }),
      (tick, host, noise) => {
        const perTick = fleet.hosts.length * fleet.metrics.length;
        const changed = { ...fleet, values: fleet.values.slice() };
        for (let i = (tick + 1) * perTick; i < changed.values.length; i++)
          changed.values[i] = noise[i % noise.length] ?? NaN;

        expect(rowAt(changed, host, tick)).toEqual(rowAt(fleet, host, tick));
      },
    ),
    { numRuns: 40, seed: 7 },
  );
});

test('cutting off the future leaves the features as they are', () => {
  const tick = 321;

  expect(rowAt(sliceTicks(fleet, 0, tick + 1), 1, tick)).toEqual(rowAt(fleet, 1, tick));
});

test('history older than the stated reach changes the features by rounding only', () => {
  const from = 399 - extractor.historyTicks + 1;

  const whole = rowAt(fleet, 0, 399);
  const recent = rowAt(sliceTicks(fleet, from, 400), 0, 399 - from);

  recent.forEach((value, i) => {
    const expected = whole[i] ?? NaN;
    if (Number.isNaN(expected)) expect(value).toBeNaN();
    else expect(value, extractor.features[i]?.name).toBeCloseTo(expected, 3);
  });
});

test('every feature has a name of its own', () => {
  const names = extractor.features.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
});

test('the season is found from the data', () => {
  expect(findSeason(syntheticFleet({ periodTicks: 60 }), 0, 12)).toMatchObject({ periodTicks: 60 });
  expect(findSeason(syntheticFleet({ periodTicks: 97, ticks: 1200 }), 0, 12)).toMatchObject({
    periodTicks: 97,
  });
});

test('noise has no season', () => {
  const noise = syntheticFleet({ ticks: 900, periodTicks: 5000, seed: 3 });

  expect(findSeason(noise, 0, 12)).toBe('none');
});
