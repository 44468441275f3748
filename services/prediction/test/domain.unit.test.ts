import { seededRandom } from '@sidestep/fleet';
import { createPersistenceModel, type ModelInfo } from '@sidestep/forecast';
import { describe, expect, test } from 'vitest';
import { joinSeries } from '../src/adapters/http/join-series.ts';
import { cutForDuel, promotion } from '../src/domain/duel.ts';
import { measureModel } from '../src/domain/measure-champion.ts';
import { mismatch, withActive } from '../src/domain/model-record.ts';
import { isTouched } from '../src/domain/own-moves.ts';
import { pairedDifference } from '../src/domain/paired-difference.ts';
import { SampleWindow } from '../src/domain/sample-window.ts';
import { newestWholeTick, pagesOf } from '../src/domain/ticks.ts';
import { testSettings } from './fakes/settings.ts';

const { tickMs } = testSettings;
const info = (version: string, brier: number): ModelInfo => {
  const measured = {
    onsetAveragePrecision: 0,
    onsetAuroc: 0,
    brier,
    baseRate: 0,
    rows: 100,
    onsetRows: 90,
  };
  return {
    ...createPersistenceModel(testSettings, tickMs).info,
    version,
    metrics: { model: measured, persistence: measured, heldOut: { fromMs: 0, toMs: 0 } },
  };
};
describe('ticks', () => {
  test.each([
    [0, -tickMs],
    [tickMs - 1, -tickMs],
    [tickMs, 0],
    [25_000, tickMs],
  ])('at %i ms the newest whole tick began at %i', (atMs, tick) => {
    expect(newestWholeTick(atMs, tickMs)).toBe(tick);
  });

  test('pages cover a range without gap or overlap, each within its bound', () => {
    const pages = pagesOf({ fromMs: 0, toMs: 10 * tickMs, tickMs }, 100, 350);

    expect(pages.map(({ fromMs, toMs }) => [fromMs / tickMs, toMs / tickMs])).toEqual([
      [0, 3],
      [3, 6],
      [6, 9],
      [9, 10],
    ]);
  });

  test('a tick of more values than a page may have is a page of its own', () => {
    expect(pagesOf({ fromMs: 0, toMs: 2 * tickMs, tickMs }, 1_000, 10)).toHaveLength(2);
  });
});

describe('which model is better', () => {
  const met = (low: number, high: number) => ({
    against: 'old',
    difference: { mean: (low + high) / 2, low, high, blocks: 10, rows: 100 },
    detail: 'as told',
  });

  test('the first one serves', () => {
    expect(promotion('none').activate).toBe(true);
  });

  test.each([
    ['the whole interval of the difference is below nothing', -0.02, -0.001, true],
    ['it reaches over nothing', -0.02, 0.001, false],
    ['it lies above', 0.001, 0.02, false],
  ])('a newcomer serves only when %s', (_case, low, high, activate) => {
    expect(promotion(met(low, high)).activate).toBe(activate);
  });

  test('nothing to compare on is no reason to serve', () => {
    expect(promotion({ against: 'old', difference: null, detail: '3 rows' })).toEqual({
      activate: false,
      reason: '3 rows',
    });
  });

  test('the interval covers nothing where two are equally good, and not where one is better', () => {
    const random = seededRandom(7);
    const rows = (shift: number) =>
      Array.from({ length: 2_000 }, (_, i) => ({
        tick: Math.floor(i / 5),
        difference: random() - 0.5 + shift,
      }));

    const even = pairedDifference(rows(0), 12);
    const better = pairedDifference(rows(-0.1), 12);

    expect(even).toMatchObject({ blocks: 34, rows: 2_000 });
    if (even === 'too-few' || better === 'too-few') throw new Error('too few');
    expect(even.low).toBeLessThan(0);
    expect(even.high).toBeGreaterThan(0);
    expect(better.high).toBeLessThan(0);
    expect(pairedDifference(rows(-0.1).slice(0, 400), 12)).toBe('too-few');
  });

  test('rows that share their outcome count as one block: a single long overload proves nothing', () => {
    const rows = Array.from({ length: 1_200 }, (_, tick) => ({
      tick,
      difference: tick < 12 ? -1 : 0.0001,
    }));

    const difference = pairedDifference(rows, 12);

    expect(difference).toMatchObject({ mean: expect.any(Number), blocks: 100 });
    expect(difference === 'too-few' ? NaN : difference.high).toBeGreaterThan(0);
  });

  test('a history is cut half way through what the other has not seen, where that leaves enough', () => {
    const series = { ticks: 1_000, tickMs: 10_000, firstTickAtMs: 0 };

    expect(cutForDuel(series, 599 * 10_000, 12)).toEqual({ atTick: 800 });
    expect(cutForDuel(series, 899 * 10_000, 12)).toBe('too-short');
    expect(cutForDuel(series, 5_000 * 10_000, 12)).toBe('too-short');
  });

  test('the way back leads over the models that served, newest first, each once', () => {
    const history = ['a', 'b', 'a', 'c'].reduce<ReturnType<typeof withActive> | undefined>(
      (active, version) => withActive(active, version),
      undefined,
    );

    expect(history).toEqual({ version: 'c', earlier: ['a', 'b'] });
  });

  test.each([
    ['tick', { tickMs: 60_000 }],
    ['window', { windowTicks: 12 }],
    ['horizon', { horizonTicks: 6 }],
    ['threshold', { thresholdPercent: 80 }],
  ])('a model of another %s does not fit, and it is said', (what, other) => {
    expect(mismatch(info('m', 0), testSettings)).toBe('none');
    expect(mismatch({ ...info('m', 0), ...other }, testSettings)).toContain(`its ${what} is`);
  });
});

describe('a model measured on a stretch', () => {
  const ticks = 100;
  const values = Array.from({ length: ticks }, (_, tick) => (tick >= 50 ? 95 : 20));
  const window = new SampleWindow({
    metrics: ['host.cpuPercent'],
    tickMs,
    firstTickAtMs: 0,
    capacityTicks: ticks,
    slackTicks: 0,
  });
  window.advanceTo((ticks - 1) * tickMs);
  window.put([{ hostId: 'h', metric: 'host.cpuPercent', firstTickAtMs: 0, values }]);
  const model = createPersistenceModel(testSettings, tickMs);
  const stretch = { fromMs: 30 * tickMs, toMs: 99 * tickMs };
  const spec = { ...testSettings, censored: {} };

  test('counts the ticks of which the whole horizon is known', () => {
    expect(measureModel(model, window.series(), spec, stretch).rows).toBe(100 - 30 - 12);
  });

  test('passes over what lies within a horizon of an own move', () => {
    const moved = { fromMs: 60 * tickMs, toMs: 62 * tickMs };

    const { rows } = measureModel(
      model,
      window.series(),
      { ...spec, censored: { h: [moved] } },
      stretch,
    );

    expect(rows).toBe(100 - 30 - 12 - (12 + 3 + 12));
  });

  test('reach is counted from both ends of a move, both included', () => {
    const moves = [{ fromMs: 100, toMs: 200 }];

    expect([79, 80, 150, 220, 221].map((atMs) => isTouched(moves, atMs, 20))).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
    expect(isTouched(undefined, 0, 20)).toBe(false);
  });
});

describe('series of one metric under several labels', () => {
  const part = (metric: string, device: string | null, values: (number | null)[]) => ({
    resource: 'h',
    metric,
    labels: device === null ? {} : { device },
    values,
  });

  test('rates are added up, and a tick that a part lacks is missing', () => {
    const joined = joinSeries(
      [
        part('host.netRxBytesPerSecond', 'eth0', [1, 2, null]),
        part('host.netRxBytesPerSecond', 'eth1', [10, 20, 30]),
      ],
      0,
    );

    expect(joined).toEqual([
      { hostId: 'h', metric: 'host.netRxBytesPerSecond', firstTickAtMs: 0, values: [11, 22, null] },
    ]);
  });

  test('shares are averaged', () => {
    const joined = joinSeries(
      [part('host.memPercent', 'a', [10]), part('host.memPercent', 'b', [30])],
      0,
    );

    expect(joined[0]?.values).toEqual([20]);
  });

  test('one without labels is the host’s own and stands alone', () => {
    const joined = joinSeries(
      [part('host.cpuPercent', 'x', [1]), part('host.cpuPercent', null, [40])],
      0,
    );

    expect(joined).toMatchObject([{ values: [40] }]);
  });
});
