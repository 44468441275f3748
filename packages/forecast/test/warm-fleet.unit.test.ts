import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExtractor } from '../src/features/extractor.ts';
import { warmViews } from '../src/features/warm-fleet.ts';
import {
  emptySeries,
  type FleetSeries,
  hostCpuPercent,
  sampleIndex,
  WarmFleet,
} from '../src/index.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const spec = {
  targetMetric: hostCpuPercent,
  otherMetrics: ['host.memPercent', 'host.netRxBytesPerSecond', 'host.neverSeen'],
  windowTicks: 12,
  horizonTicks: 6,
  thresholdPercent: 70,
  periods: [40],
  neighbours: [],
};
const extractor = createExtractor(spec);

/** The stretch `[from, to)` of some hosts, as a window of a service holds it. */
const windowOf = (
  fleet: FleetSeries,
  from: number,
  to: number,
  names: readonly string[],
): FleetSeries => {
  const series = emptySeries({
    ...fleet,
    hosts: names,
    firstTickAtMs: fleet.firstTickAtMs + from * fleet.tickMs,
    ticks: to - from,
  });
  for (let tick = from; tick < to; tick++)
    names.forEach((name, host) => {
      const there = fleet.hosts.indexOf(name);
      fleet.metrics.forEach((_, metric) => {
        series.values[sampleIndex(series, tick - from, host, metric)] =
          fleet.values[sampleIndex(fleet, tick, there, metric)] ?? NaN;
      });
    });
  return series;
};

const rowOf = (
  extract: typeof extractor,
  { ready, tick }: { ready: Parameters<typeof extractor.write>[0]; tick: number },
  host: number,
) => {
  const row = new Float32Array(extract.features.length);
  extract.write(ready, host, tick, row, 0);
  return row;
};

const expectNear = (got: Float32Array, wanted: Float32Array) => {
  got.forEach((value, i) => {
    const expected = wanted[i] ?? NaN;
    const name = extractor.features[i]?.name;
    if (Number.isNaN(expected)) expect(value, name).toBeNaN();
    else
      expect(Math.abs(value - expected), name).toBeLessThanOrEqual(
        1e-9 * Math.max(1, Math.abs(expected)),
      );
  });
};

test('features kept from tick to tick equal those of the whole history made at once, to 1e-9', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 500 }),
      fc.double({ min: 0, max: 0.4, noNaN: true }),
      // How many ticks each step brings, and how many older ones it changes.
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 0, max: 3 })), {
        minLength: 60,
        maxLength: 120,
      }),
      fc.integer({ min: 170, max: 400 }),
      (seed, missing, steps, capacityTicks) => {
        const fleet = syntheticFleet({ hosts: 4, ticks: 1100, periodTicks: 40, seed, missing });
        const warm = new WarmFleet(capacityTicks);
        const truth = { ...fleet, values: fleet.values.slice() };
        let newest = 30;
        let changedFrom = 0;
        for (const [brought, late] of steps) {
          newest = Math.min(fleet.ticks, newest + brought);
          const series = windowOf(truth, Math.max(0, newest - capacityTicks), newest, fleet.hosts);
          warm.follow(series, fleet.firstTickAtMs + changedFrom * fleet.tickMs);
          // Most ticks are looked at, some are passed over.
          if (newest % 3 !== 0) {
            const views = warmViews(series, extractor);
            if (views === 'cold') throw new Error('nothing was kept');
            const whole = extractor.prepare(windowOf(truth, 0, newest, fleet.hosts));
            for (const host of [0, 3])
              expectNear(
                rowOf(extractor, views, host),
                rowOf(extractor, { ready: whole, tick: newest - 1 }, host),
              );
          }
          // Late samples change what was read already.
          changedFrom = newest - late;
          for (let tick = changedFrom; tick < newest; tick++)
            truth.values[sampleIndex(truth, tick, (tick + seed) % 4, 0)] = (tick * 37 + seed) % 100;
        }
      },
    ),
    { numRuns: 25, seed: 5 },
  );
});

test('hosts that come and go leave the features of the others as they should be', () => {
  const fleet = syntheticFleet({ hosts: 5, ticks: 300, periodTicks: 40, seed: 4, missing: 0.05 });
  const [a = '', b = '', c = '', d = '', e = ''] = fleet.hosts;
  const warm = new WarmFleet(300);
  const sets = [
    [a, b, c],
    [a, b, c, d],
    [d, c, a],
    [d, c, a, e],
  ];
  for (let tick = 200; tick < 300; tick++) {
    const names = sets[Math.min(3, Math.floor((tick - 200) / 25))] ?? [];
    // The window forgets nothing here, so that what is kept and what is made anew rest on the same samples.
    const series = windowOf(fleet, 0, tick, names);
    warm.follow(series, fleet.firstTickAtMs + (tick - 2) * fleet.tickMs);
    const views = warmViews(series, extractor);
    if (views === 'cold') throw new Error('nothing was kept');
    const whole = extractor.prepare(series);
    names.forEach((_, host) => {
      expectNear(
        rowOf(extractor, views, host),
        rowOf(extractor, { ready: whole, tick: tick - 1 }, host),
      );
    });
  }
});

test('only the very series that is followed is scored warm, and only at its end', () => {
  const fleet = syntheticFleet({ hosts: 2, ticks: 200 });
  const warm = new WarmFleet(200);
  warm.follow(fleet, fleet.firstTickAtMs);

  expect(warmViews(fleet, extractor)).not.toBe('cold');
  expect(warmViews({ ...fleet }, extractor)).toBe('cold');

  const next = { ...fleet };
  warm.follow(next, fleet.firstTickAtMs);
  expect(warmViews(fleet, extractor)).toBe('cold');
  expect(warmViews(next, extractor)).not.toBe('cold');
});

test('a gap longer than all that is kept begins anew instead of mixing two times', () => {
  const fleet = syntheticFleet({ hosts: 3, ticks: 1000, periodTicks: 40, seed: 8 });
  const warm = new WarmFleet(200);
  const early = windowOf(fleet, 0, 150, fleet.hosts);
  warm.follow(early, fleet.firstTickAtMs);
  warmViews(early, extractor);
  const late = windowOf(fleet, 800, 1000, fleet.hosts);

  warm.follow(late, fleet.firstTickAtMs + 150 * fleet.tickMs);

  const views = warmViews(late, extractor);
  if (views === 'cold') throw new Error('nothing was kept');
  expectNear(
    rowOf(extractor, views, 1),
    rowOf(extractor, { ready: extractor.prepare(late), tick: 199 }, 1),
  );
});
