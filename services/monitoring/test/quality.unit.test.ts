import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeriesWatch } from '../src/domain/quality.ts';
import { hostNamed } from './fakes/inventory.ts';
import { monitoringForTests } from './fakes/monitoring-for-tests.ts';

/** A watch fed one value a second; `lagMs` is how late each came. */
function watched(metric: string, values: readonly (number | undefined)[], lagMs = 5) {
  const watch = new SeriesWatch(metric);
  let timeMs = 1_000_000;
  for (const value of values) {
    timeMs += 1000;
    if (value !== undefined) watch.add(timeMs, value, 1000, timeMs + lagMs);
  }
  return watch.quality('fresh', timeMs);
}
const varying = (count: number) => Array.from({ length: count }, (_, at) => 40 + (at % 7));

describe('a series', () => {
  test('that comes in time and varies has no fault', () => {
    expect(watched('host.cpuPercent', varying(200))).toMatchObject({
      gapRatio: 0,
      clockSkewMs: -5,
      faults: [],
    });
  });

  test('of which every third sample is missing is gappy', () => {
    const { gapRatio, faults } = watched(
      'host.cpuPercent',
      varying(99).map((value, at) => (at % 3 === 1 ? undefined : value)),
    );

    expect(gapRatio).toBeCloseTo(1 / 3, 1);
    expect(faults).toEqual(['gappy']);
  });

  test('is not called gappy before ten samples were due', () => {
    expect(watched('host.cpuPercent', [1, undefined, undefined, 4])).toMatchObject({
      gapRatio: 'unknown',
      faults: [],
    });
  });

  test.each([
    [-20_000, 20_000],
    [20_000, -20_000],
  ])('that comes %d ms late has a clock that is %d ms off', (lagMs, clockSkewMs) => {
    expect(watched('host.cpuPercent', varying(20), lagMs)).toMatchObject({
      clockSkewMs,
      faults: ['clock-skew'],
    });
  });

  test('of a processor that has not changed for two minutes is stuck, unless at a bound', () => {
    const still = (value: number) =>
      watched('host.cpuPercent', new Array<number>(130).fill(value)).faults;

    expect(still(37.5)).toEqual(['stuck']);
    expect(still(0)).toEqual([]);
    expect(still(100)).toEqual([]);
  });

  test.each([
    ['host.cpuPercent', [40, 41, 4100], 'wrong-unit'],
    ['host.cpuPercent', [40, -3], 'wrong-unit'],
    ['host.memPercent', new Array<number>(40).fill(0.37), 'wrong-unit'],
    ['host.memPercent', [30, 95], 'implausible-jump'],
    ['host.netRxBytesPerSecond', [1, 1e13], 'wrong-unit'],
  ])('%s of %o is at fault', (metric, values, fault) => {
    expect(watched(metric, values).faults).toContain(fault);
  });

  test('forgives a jump after thirty intervals', () => {
    expect(watched('host.memPercent', [30, 95, ...new Array<number>(40).fill(94)]).faults).toEqual(
      [],
    );
  });

  test('has a gap ratio from 0 to 1, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50_000 }), { maxLength: 200 }), (steps) => {
        const watch = new SeriesWatch('host.cpuPercent');
        let timeMs = 0;
        for (const step of steps) {
          timeMs += step;
          watch.add(timeMs, 1, 1000, timeMs);
        }
        const { gapRatio } = watch.quality('fresh', timeMs);
        expect(gapRatio === 'unknown' || (gapRatio >= 0 && gapRatio < 1)).toBe(true);
      }),
    );
  });
});

describe('a host that falls silent', () => {
  test('raises an alarm of its own, which clears when it is heard of again', async () => {
    const service = await monitoringForTests({ hosts: [hostNamed('compute1')] });
    const states = () =>
      service.store
        .series()
        .then(() => service.jobs.enqueued.map(({ data }) => `${data.resource} ${data.state}`));
    const pass = async (seconds: number) => {
      for (let second = 0; second < seconds; second += 10) {
        service.clock.advance(10_000);
        await service.run('quality');
        await service.run('alarms');
      }
      return states();
    };
    await service.run('quality');

    expect(await pass(50)).toEqual([]);
    expect(await pass(20)).toEqual(['compute1 raised']);
  });
});
