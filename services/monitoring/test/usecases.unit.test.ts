import { sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import type { Aggregate } from '../src/domain/aggregates.ts';
import { SampleBatch } from '../src/domain/series.ts';
import { RollupMaker } from '../src/usecases/make-rollups.ts';
import { querySeries } from '../src/usecases/query-series.ts';
import { SampleBuffer } from '../src/usecases/sample-buffer.ts';
import { SeriesCatalogue } from '../src/usecases/series-catalogue.ts';
import { memorySeriesStore } from './fakes/memory-series-store.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

const series = { resource: 'compute1', metric: 'host.cpuPercent', labels: {} };

describe('the buffer', () => {
  test('samples wait while the store is away, and are stored in order when it is back', async () => {
    const store = memorySeriesStore();
    const buffer = new SampleBuffer(store, 100);
    store.away(true);
    for (let at = 0; at < 60; at += 1) {
      buffer.push(series, at, at);
      await buffer.flush();
    }
    const waiting = { pending: buffer.pending, problem: buffer.problem };
    store.away(false);
    await buffer.flush();

    expect(waiting).toEqual({ pending: 60, problem: 'the store is away' });
    expect(buffer).toMatchObject({ pending: 0, dropped: 0, stored: 60, problem: null });
    expect(store.size()).toBe(60);
  });

  test('what was taken while a flush was under way is stored before it is said to be', async () => {
    const store = memorySeriesStore();
    const waiting: (() => void)[] = [];
    const slow = {
      append: async (batch: SampleBatch) => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        await store.append(batch);
      },
    };
    const buffer = new SampleBuffer(slow, 100);
    buffer.push(series, 1, 1);
    const first = buffer.flush();
    for (const at of [2, 3]) buffer.push(series, at, at);
    let isSaid = 0;
    const second = Promise.all([
      buffer.flushAll().then(() => {
        isSaid = store.size();
      }),
      buffer.flushAll(),
    ]);
    let isOver = false;
    const over = Promise.all([first, second]).then(() => {
      isOver = true;
    });
    while (!isOver) {
      waiting.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
    await over;

    expect(isSaid).toBe(3);
    expect(buffer.inMemory).toBe(0);
  });

  test('beyond its bound the oldest are dropped and counted', async () => {
    const store = memorySeriesStore();
    const buffer = new SampleBuffer(store, 100);
    store.away(true);
    for (let at = 0; at < 150; at += 1) {
      buffer.push(series, at, at);
      await buffer.flush();
    }
    store.away(false);
    await buffer.flush();

    expect(buffer).toMatchObject({ pending: 0, dropped: 50, stored: 100 });
    const [window] = await store.windows(
      { metrics: [series.metric] },
      { fromMs: 0, toMs: 150, stepMs: 150 },
      { kind: 'min' },
    );
    expect(window?.values).toEqual([50]);
  });

  test('a batch that is dropped while it is on its way, and arrives, was not lost', async () => {
    const store = memorySeriesStore();
    let release: () => void = () => undefined;
    const slow = {
      append: async (batch: SampleBatch) => {
        await new Promise<void>((resolve) => {
          release = resolve;
        });
        await store.append(batch);
      },
    };
    const buffer = new SampleBuffer(slow, 10);
    for (let at = 0; at < 10; at += 1) buffer.push(series, at, at);
    const flushing = buffer.flush();
    await Promise.resolve();
    for (let at = 10; at < 60_010; at += 1) buffer.push(series, at, at);
    release();
    await flushing.catch(() => undefined);

    expect(buffer.stored).toBeGreaterThanOrEqual(10);
    expect(buffer.dropped + buffer.stored + buffer.pending).toBe(60_010);
  });
});

describe('rollups', () => {
  const sampleAt = (timeMs: number, value: number) => ({ ...series, timeMs, value });

  test('every ended step is rolled up, once its late samples have come', async () => {
    const service = await monitoringForTests();
    await service.store.append(
      SampleBatch.of(Array.from({ length: 35 }, (_, at) => sampleAt(START_MS + at * 1000, at))),
    );
    service.clock.set(START_MS + 35_000);
    await service.load();
    await service.run('rollups');

    const [row] = await service.store.rollups({ metrics: [series.metric] }, 10_000, 0, 1e15);
    expect(
      row?.rollups.map(({ startMs, count, mean }) => [startMs - START_MS, count, mean]),
    ).toEqual([
      [0, 10, 4.5],
      [10_000, 10, 14.5],
    ]);
  });

  test('history that is written later is rolled up as well', async () => {
    const service = await monitoringForTests();
    const { listen } = await import('@sidestep/service-kit');
    const { testToken } = await import('@sidestep/service-kit/testing');
    const http = await listen(service.app, '127.0.0.1', 0);
    service.clock.advance(60_000);
    await service.run('rollups');
    const samples = Array.from({ length: 720 }, (_, at) => {
      const { metric, resource } = series;
      return { metric, resource, timestampMs: START_MS - 7_200_000 + at * 10_000, value: at };
    });
    const response = await fetch(`${http.url}/samples`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${testToken('operator')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ samples }),
    });
    await service.run('rollups');
    await http.close(100);

    expect(response.status).toBe(200);
    const [row] = await service.store.rollups({ metrics: [series.metric] }, 10_000, 0, 1e15);
    expect(row?.rollups).toHaveLength(720);
    const [minutes] = await service.store.rollups({ metrics: [series.metric] }, 60_000, 0, 1e15);
    expect(minutes?.rollups).toHaveLength(120);
  });

  /** Rollups of `count` hosts with a sample each, due now; `onSlice` is called whenever some have been made. */
  const makerOf = async (count: number, onSlice: () => Promise<void> = async () => undefined) => {
    const plain = memorySeriesStore();
    const catalogue = new SeriesCatalogue();
    const hostAt = (at: number) => ({
      ...series,
      resource: `compute${String(at).padStart(4, '0')}`,
    });
    const write = async (at: number, timeMs: number, value: number) => {
      catalogue.entry(hostAt(at));
      const batch = SampleBatch.of([{ ...hostAt(at), timeMs, value }]);
      await plain.append(batch);
      return batch;
    };
    for (let at = 0; at < count; at += 1) await write(at, START_MS + 1_000, 1);
    const store: typeof plain = {
      ...plain,
      appendRollups: async (stepMs, rows) => {
        await plain.appendRollups(stepMs, rows);
        await onSlice();
      },
    };
    const maker = new RollupMaker(
      store,
      sqliteRecords(':memory:', manualClock(START_MS)),
      catalogue,
    );
    await maker.load(START_MS);
    const made = async (...hosts: number[]) => {
      const filter = {
        metrics: [series.metric],
        resources: hosts.map((at) => hostAt(at).resource),
      };
      return plain.rollups(filter, 10_000, 0, 1e15);
    };
    return { maker, write, made };
  };

  test('while those of many series are made, other work has its turn', async () => {
    const { made, maker } = await makerOf(1_000);
    let turns = 0;
    let over = false;
    const otherWork = (): void => {
      turns += 1;
      if (!over) setImmediate(otherWork);
    };
    setImmediate(otherWork);
    await maker.run(START_MS + 30_000);
    over = true;

    expect(await made(0, 999)).toHaveLength(2);
    expect(turns).toBeGreaterThanOrEqual(4);
  });

  test('what is written into a stretch after its series had its turn gets into it', async () => {
    let wrote = false;
    const { made, maker, write } = await makerOf(400, async () => {
      if (wrote) return;
      wrote = true;
      maker.stored(await write(0, START_MS + 2_000, 3));
    });
    await maker.run(START_MS + 30_000);
    await maker.run(START_MS + 30_000);

    expect(await made(0)).toMatchObject([{ rollups: [{ count: 2, mean: 2 }] }]);
    expect(maker.rolledUpToMs).toBe(START_MS + 20_000);
  });
});

describe('queries', () => {
  test('what is older than the short rollups is answered from those of a minute', async () => {
    const store = memorySeriesStore();
    const catalogue = new SeriesCatalogue();
    catalogue.entry(series);
    const dayMs = 86_400_000;
    const rollup = { startMs: START_MS - 90 * dayMs, count: 6, mean: 42, min: 1, max: 90, last: 7 };
    await store.appendRollups(60_000, [{ series, rollups: [rollup] }]);

    const answer = await querySeries(
      store,
      catalogue,
      {
        metrics: [series.metric],
        stepMs: dayMs,
        range: { fromMs: START_MS - 91 * dayMs, toMs: START_MS },
        aggregate: { kind: 'max' },
      },
      {
        nowMs: START_MS,
        samplesKeptMs: 7 * dayMs,
        rollupsKeptMs: 30 * dayMs,
        rolledUpToMs: START_MS,
      },
    );

    expect(answer.series[0]?.values.filter((value) => value !== null)).toEqual([90]);
  });

  describe('of what is not kept', () => {
    const dayMs = 86_400_000;
    const context = {
      nowMs: START_MS,
      samplesKeptMs: 7 * dayMs,
      rollupsKeptMs: 30 * dayMs,
      minutesKeptMs: 400 * dayMs,
      rolledUpToMs: START_MS,
    };
    const ask = async (
      over: { metric?: string; lastMs: number; stepMs: number; aggregate: Aggregate },
      hosts = 1,
      store = memorySeriesStore(),
      rolledUpToMs = context.rolledUpToMs,
    ) => {
      const { metric = series.metric, lastMs, stepMs, aggregate } = over;
      const catalogue = new SeriesCatalogue();
      for (let at = 0; at < hosts; at += 1) {
        catalogue.entry({ ...series, metric, resource: `compute${at}` });
      }
      const range = { fromMs: START_MS - lastMs, toMs: START_MS };
      return querySeries(
        store,
        catalogue,
        { metrics: [metric], range, stepMs, aggregate },
        { ...context, rolledUpToMs },
      );
    };

    test('a sample that came late from before all samples hides no rollup of older ones', async () => {
      const store = memorySeriesStore();
      const own = { ...series, resource: 'compute0' };
      const startMs = START_MS - 10 * dayMs;
      const rollup = { startMs, count: 6, mean: 42, min: 1, max: 90, last: 7 };
      await store.appendRollups(10_000, [{ series: own, rollups: [rollup] }]);
      await store.append(SampleBatch.of([{ ...own, timeMs: START_MS - dayMs, value: 50 }]));
      const question = { lastMs: 14 * dayMs, stepMs: dayMs, aggregate: { kind: 'max' } } as const;

      const answer = await ask(question, 1, store, START_MS - 12 * dayMs);

      expect(answer.series[0]?.values.filter((value) => value !== null)).toEqual([90, 50]);
    });

    test.each([
      [{ lastMs: 7 * dayMs, stepMs: 60_000, aggregate: { kind: 'rate' } }, undefined],
      [{ lastMs: 8 * dayMs, stepMs: dayMs, aggregate: { kind: 'max' } }, undefined],
      [{ lastMs: 8 * dayMs, stepMs: dayMs, aggregate: { kind: 'rate' } }, /needs samples/],
      [{ lastMs: 8 * dayMs, stepMs: 15_000, aggregate: { kind: 'max' } }, /multiples of 10000 ms/],
      [
        { metric: 'collectd.x', lastMs: 8 * dayMs, stepMs: dayMs, aggregate: { kind: 'max' } },
        /needs samples/,
      ],
      [{ lastMs: 31 * dayMs, stepMs: 90_000, aggregate: { kind: 'max' } }, /multiples of 60000 ms/],
      [{ lastMs: 399 * dayMs, stepMs: dayMs, aggregate: { kind: 'max' } }, undefined],
      [{ lastMs: 450 * dayMs, stepMs: dayMs, aggregate: { kind: 'max' } }, /nothing is kept/],
    ] as const)('a question of %o is told so: %s', async (question, note) => {
      const answer = await ask(question);

      if (note === undefined) expect(answer.note).toBeUndefined();
      else expect(answer.note).toMatch(note);
    });

    test.each([
      [{ lastMs: 7 * dayMs, stepMs: 7 * dayMs, aggregate: { kind: 'rate' } }, 'samples'],
      [{ lastMs: 390 * dayMs, stepMs: 30 * dayMs, aggregate: { kind: 'mean' } }, 'rollups'],
    ] as const)(
      'a question of %o of 2,000 hosts is refused, few steps as it has: too much would be read',
      async (question, what) => {
        await expect(ask(question, 2000)).rejects.toMatchObject({
          code: 'QUERY_TOO_LARGE',
          message: expect.stringMatching(new RegExp(`${what} would be read.*fewer resources`)),
        });
      },
    );

    test('rollups of many hosts are read some hosts at a time', async () => {
      const store = memorySeriesStore();
      const { rollups } = store;
      const asked: number[] = [];
      store.rollups = (filter, ...rest) => {
        asked.push(filter.resources?.length ?? 0);
        return rollups(filter, ...rest);
      };
      const rollup = { startMs: START_MS - dayMs, count: 1, mean: 4, min: 4, max: 4, last: 4 };
      await store.appendRollups(
        10_000,
        Array.from({ length: 50 }, (_, at) => ({
          series: { ...series, resource: `compute${at}` },
          rollups: [rollup],
        })),
      );

      const question = { lastMs: dayMs, stepMs: dayMs, aggregate: { kind: 'max' } } as const;
      const answer = await ask(question, 50, store);

      expect(asked.length).toBeGreaterThan(3);
      expect(asked.reduce((sum, count) => sum + count)).toBe(50);
      expect(answer.series.map(({ values }) => values[0])).toEqual(new Array(50).fill(4));
    });
  });

  test('a range beyond the samples’ retention is answered from the rollups, the newest part from the samples', async () => {
    const store = memorySeriesStore();
    const catalogue = new SeriesCatalogue();
    catalogue.entry(series);
    const dayMs = 86_400_000;
    const rollup = { startMs: START_MS - 9 * dayMs, count: 10, mean: 42, min: 1, max: 90, last: 7 };
    await store.appendRollups(10_000, [{ series, rollups: [rollup] }]);
    await store.append(SampleBatch.of([{ ...series, timeMs: START_MS - 1000, value: 5 }]));
    const ask = (kind: 'mean' | 'max') =>
      querySeries(
        store,
        catalogue,
        {
          metrics: [series.metric],
          stepMs: dayMs,
          range: { fromMs: START_MS - 9 * dayMs, toMs: START_MS },
          aggregate: { kind },
        },
        { nowMs: START_MS, samplesKeptMs: 7 * dayMs, rolledUpToMs: START_MS },
      );

    const mean = await ask('mean');
    expect(mean.series).toHaveLength(1);
    expect(mean.series[0]?.values).toHaveLength(mean.steps);
    expect(mean.series[0]?.values.filter((value) => value !== null)).toEqual([42, 5]);
    expect((await ask('max')).series[0]?.values[0]).toBe(90);
  });
});
