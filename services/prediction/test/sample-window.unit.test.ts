import { sampleAt } from '@sidestep/forecast';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SampleWindow } from '../src/domain/sample-window.ts';

const tickMs = 1_000;
const windowOf = (capacityTicks: number, slackTicks: number) =>
  new SampleWindow({ metrics: ['a', 'b'], tickMs, firstTickAtMs: 0, capacityTicks, slackTicks });

describe('the window of samples', () => {
  test('shows, whatever came in whichever order, exactly the newest samples of its ticks', () => {
    const puts = fc.array(
      fc.record({
        tick: fc.integer({ min: 0, max: 60 }),
        host: fc.constantFrom('h1', 'h2', 'h3'),
        metric: fc.constantFrom('a', 'b', 'unasked'),
        values: fc.array(fc.option(fc.integer({ min: 0, max: 100 })), { maxLength: 4 }),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(
        puts,
        fc.integer({ min: 1, max: 12 }),
        fc.integer({ min: 0, max: 9 }),
        (given, capacity, slack) => {
          const window = windowOf(capacity, slack);
          window.advanceTo(0);
          const truth = new Map<string, number>();
          let newest = 0;
          for (const { tick, host, metric, values } of given) {
            newest = Math.max(newest, tick);
            window.advanceTo(newest * tickMs);
            const first = window.firstTickAtMs / tickMs;
            window.put([{ hostId: host, metric, firstTickAtMs: tick * tickMs, values }]);
            values.forEach((value, i) => {
              if (value !== null && tick + i <= newest && tick + i >= first)
                truth.set(`${host} ${metric} ${tick + i}`, value);
            });
          }

          const series = window.series();

          expect(series.ticks).toBe(Math.min(capacity, newest + 1));
          expect(series.firstTickAtMs).toBe((newest + 1 - series.ticks) * tickMs);
          series.hosts.forEach((host, h) => {
            series.metrics.forEach((metric, m) => {
              for (let tick = 0; tick < series.ticks; tick++) {
                const at = series.firstTickAtMs / tickMs + tick;
                expect(sampleAt(series, tick, h, m)).toBe(
                  truth.get(`${host} ${metric} ${at}`) ?? NaN,
                );
              }
            });
          });
        },
      ),
    );
  });

  test('a host of which no sample is left goes by itself', () => {
    const window = windowOf(3, 0);
    window.advanceTo(0);
    window.put([{ hostId: 'gone', metric: 'a', firstTickAtMs: 0, values: [1] }]);
    window.advanceTo(2 * tickMs);
    window.put([{ hostId: 'here', metric: 'a', firstTickAtMs: 2 * tickMs, values: [1] }]);
    expect(window.hostIds).toEqual(['gone', 'here']);

    window.advanceTo(3 * tickMs);

    expect(window.hostIds).toEqual(['here']);
  });

  test('a leap over more than it holds leaves nothing of before', () => {
    const window = windowOf(4, 2);
    window.advanceTo(0);
    window.put([{ hostId: 'h', metric: 'a', firstTickAtMs: 0, values: [1] }]);

    window.advanceTo(1_000 * tickMs);

    expect(window.series()).toMatchObject({ ticks: 4, firstTickAtMs: 997 * tickMs, hosts: [] });
  });
});
