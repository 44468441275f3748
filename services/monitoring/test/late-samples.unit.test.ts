import { sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { SampleBatch } from '../src/domain/series.ts';
import { LateSamples } from '../src/usecases/late-samples.ts';
import { RollupMaker, SLICE_ROLLUPS } from '../src/usecases/make-rollups.ts';
import { SeriesCatalogue } from '../src/usecases/series-catalogue.ts';
import { memorySeriesStore } from './fakes/memory-series-store.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

const series = { resource: 'compute1', metric: 'host.cpuPercent', labels: {} };
const DAY_MS = 86_400_000;

/** Monitoring with a store that counts how often it is read. */
async function counted() {
  const store = memorySeriesStore();
  const { samples } = store;
  let reads = 0;
  store.samples = (...question) => {
    reads += 1;
    return samples(...question);
  };
  const service = await monitoringForTests({}, { store });
  return { ...service, store, reads: () => reads };
}

const startsOf = async (store: ReturnType<typeof memorySeriesStore>, stepMs = 10_000) => {
  const [row] = await store.rollups({ metrics: [series.metric] }, stepMs, 0, 1e15);
  return (row?.rollups ?? []).map(({ startMs }) => startMs - START_MS);
};

const idleAt = (timeMs: number) => ({
  values: [40],
  dstypes: ['gauge' as const],
  time: timeMs / 1000,
  interval: 10,
  host: 'compute1',
  plugin: 'cpu',
  type: 'percent',
  type_instance: 'idle',
});

describe('rollups of what comes late', () => {
  test.each([
    ['older than all that is kept', 5000 * DAY_MS, 0],
    ['of three weeks ago', 21 * DAY_MS, 1],
  ])('one sample %s does not hold up the others', async (_, agoMs, rolledUp) => {
    const { write, run, clock, store, reads } = await counted();
    clock.advance(60_000);
    await run('rollups');
    const before = reads();

    await write([
      { ...series, timeMs: START_MS - agoMs, value: 1 },
      { ...series, timeMs: START_MS + 60_000, value: 2 },
    ]);
    clock.advance(30_000);
    await run('rollups');

    expect(reads() - before).toBeLessThan(10);
    expect(await startsOf(store)).toEqual([
      ...(rolledUp === 1 ? [Math.floor(-agoMs / 10_000) * 10_000] : []),
      60_000,
    ]);
  });

  test('a sender whose clock is five minutes behind is rolled up like the others', async () => {
    const { collectd, run, clock, store } = await counted();
    for (let at = 0; at < 30; at += 1) {
      clock.advance(10_000);
      collectd.posted([idleAt(clock.now() - 300_000)]);
      await run('flush');
      await run('rollups');
    }

    const steps = Array.from({ length: 30 }, (_, at) => -290_000 + at * 10_000);
    expect(await startsOf(store)).toEqual(steps);
    expect(await startsOf(store, 60_000)).toEqual([
      -300_000, -240_000, -180_000, -120_000, -60_000, 0,
    ]);
  });

  test('what waited while the store took nothing is rolled up once it does', async () => {
    const store = memorySeriesStore();
    const { append } = store;
    let isFull = true;
    store.append = (batch) => (isFull ? Promise.reject(new Error('disk full')) : append(batch));
    const { collectd, run, clock } = await monitoringForTests({}, { store });
    for (let at = 0; at < 60; at += 1) {
      clock.advance(10_000);
      collectd.posted([idleAt(clock.now())]);
      await run('flush');
      await run('rollups');
    }
    isFull = false;
    await run('flush');
    clock.advance(20_000);
    await run('rollups');

    expect(await startsOf(store)).toEqual(
      Array.from({ length: 60 }, (_, at) => 10_000 + at * 10_000),
    );
  });

  test('history is rolled up although the process was killed after it had said that it is stored', async () => {
    const before = await counted();
    before.clock.advance(60_000);
    await before.run('rollups');
    const { listen } = await import('@sidestep/service-kit');
    const { testToken } = await import('@sidestep/service-kit/testing');
    const http = await listen(before.app, '127.0.0.1', 0);
    const { resource, metric } = series;
    const sample = { resource, metric, timestampMs: START_MS - 3 * DAY_MS, value: 1 };
    const { status } = await fetch(`${http.url}/samples`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${testToken('operator')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ samples: [sample] }),
    });
    await http.close(100);

    const { records, store } = before;
    const after = await monitoringForTests({}, { records, store });
    after.clock.advance(60_000);
    await after.run('rollups');

    expect(status).toBe(200);
    expect(await startsOf(store)).toEqual([-3 * DAY_MS]);
  });

  test('so is what an agent sent late, or waited in the spool, though the process was killed once it was stored', async () => {
    const before = await counted();
    before.clock.advance(60_000);
    await before.run('rollups');
    before.collectd.posted([idleAt(START_MS - 1_200_000)]);
    await before.run('flush');

    const { records, store } = before;
    const after = await monitoringForTests({}, { records, store });
    after.clock.advance(60_000);
    await after.run('rollups');

    expect(await startsOf(store)).toEqual([-1_200_000]);
  });

  test('one late sample does not replace the rollup of samples that are gone', async () => {
    const { write, run, clock, store } = await counted();
    clock.advance(60_000);
    await run('rollups');
    const startMs = START_MS - 20 * DAY_MS;
    const rollup = { startMs, count: 10, mean: 40, min: 1, max: 90, last: 7 };
    await store.appendRollups(10_000, [{ series, rollups: [rollup] }]);

    await write([{ ...series, timeMs: startMs + 5000, value: 3 }]);
    await run('rollups');

    const [row] = await store.rollups({ metrics: [series.metric] }, 10_000, 0, 1e15);
    expect(row?.rollups).toEqual([rollup]);
  });

  test('nor does it after a restart in between', async () => {
    const before = await counted();
    before.clock.advance(60_000);
    await before.run('rollups');
    const startMs = START_MS - 20 * DAY_MS;
    const rollup = { startMs, count: 10, mean: 40, min: 1, max: 90, last: 7 };
    const minute = { ...rollup, count: 60 };
    await before.store.appendRollups(10_000, [{ series, rollups: [rollup] }]);
    await before.store.appendRollups(60_000, [{ series, rollups: [minute] }]);
    const { store, records } = before;
    const late = SampleBatch.of([
      { ...series, timeMs: startMs + 5000, value: 3 },
      { ...series, timeMs: startMs + 90_000, value: 4 },
    ]);
    await store.append(late);
    const progress = { rolledUpToMs: START_MS + 50_000, lateFromMs: startMs + 5000 };
    const expected = (await records.get('rollup', '10000'))?.version ?? 'absent';
    await records.commit([{ kind: 'rollup', id: '10000', expected, value: progress }]);

    const after = await monitoringForTests({}, { records, store });
    after.clock.advance(60_000);
    await after.run('rollups');

    const rollups = async (stepMs: number) =>
      (await store.rollups({ metrics: [series.metric] }, stepMs, 0, 1e15))[0]?.rollups;
    expect((await rollups(10_000))?.[0]).toEqual(rollup);
    expect((await rollups(60_000))?.[0]).toEqual(minute);
    expect(await startsOf(store)).toEqual([-20 * DAY_MS, -20 * DAY_MS + 90_000]);
  });

  test('of a day are read and written a few series at a time', async () => {
    const store = memorySeriesStore();
    const records = sqliteRecords(':memory:', manualClock(START_MS));
    const maker = new RollupMaker(store, records, new SeriesCatalogue());
    await maker.load(START_MS);
    const steps = DAY_MS / 10_000;
    const samples = ['compute1', 'compute2', 'compute3', 'compute4', 'compute5'].flatMap(
      (resource) =>
        Array.from({ length: steps }, (_, at) => ({
          ...series,
          resource,
          timeMs: START_MS - 3 * DAY_MS + at * 10_000,
          value: at % 100,
        })),
    );
    const batch = SampleBatch.of(samples);
    await store.append(batch);
    const { appendRollups, rollups } = store;
    const sizes: number[] = [];
    const noted = <T extends readonly { rollups: readonly unknown[] }[]>(rows: T): T => {
      sizes.push(rows.reduce((sum, row) => sum + row.rollups.length, 0));
      return rows;
    };
    store.appendRollups = (stepMs, rows) => appendRollups(stepMs, noted(rows));
    store.rollups = async (...question) => noted(await rollups(...question));

    // The second time there is something that may be fuller.
    for (const _turn of [1, 2]) {
      maker.stored(batch);
      await maker.run(START_MS);
    }

    expect(Math.max(...sizes)).toBeLessThan(SLICE_ROLLUPS + steps);
    expect(await startsOf(store)).toHaveLength(steps);
  });

  test('are not whole, nor kept as such, while what came late is being rolled up', async () => {
    const store = memorySeriesStore();
    const records = sqliteRecords(':memory:', manualClock(START_MS));
    const maker = new RollupMaker(store, records, new SeriesCatalogue());
    await maker.load(START_MS);
    const lateMs = START_MS - DAY_MS;
    const batch = SampleBatch.of([{ ...series, timeMs: lateMs, value: 1 }]);
    await store.append(batch);
    maker.stored(batch);
    const { appendRollups } = store;
    const kept: unknown[] = [];
    const whole: number[] = [];
    store.appendRollups = async (stepMs, rows) => {
      // As the one does who posts a sample meanwhile.
      await maker.save();
      kept.push((await records.get('rollup', '10000'))?.value);
      whole.push(maker.rolledUpToMs);
      await appendRollups(stepMs, rows);
    };
    await maker.run(START_MS);

    expect(kept).toMatchObject([{ lateFromMs: lateMs }, { lateFromMs: lateMs }]);
    expect(whole).toEqual([lateMs, lateMs]);
    expect(maker.rolledUpToMs).toBe(START_MS);
    expect((await records.get('rollup', '10000'))?.value).toEqual({ rolledUpToMs: START_MS });
  });

  test('a store that is away while they are made loses none', async () => {
    const { write, run, clock, store } = await counted();
    clock.advance(60_000);
    await run('rollups');
    await write([{ ...series, timeMs: START_MS - DAY_MS, value: 1 }]);
    const { appendRollups } = store;
    store.appendRollups = () => Promise.reject(new Error('away'));
    await run('rollups').catch(() => undefined);
    store.appendRollups = appendRollups;

    await run('rollups');

    expect(await startsOf(store)).toEqual([-DAY_MS]);
  });
});

test.each(['at first', 'late'])(
  'the end does not wait for rollups that are made %s: the next process makes them',
  async (when) => {
    const ageMs = when === 'late' ? DAY_MS : 0;
    const store = memorySeriesStore();
    const records = sqliteRecords(':memory:', manualClock(START_MS));
    const makerOf = async () => {
      const catalogue = new SeriesCatalogue();
      catalogue.load(await store.series());
      const maker = new RollupMaker(store, records, catalogue);
      await maker.load(START_MS);
      return maker;
    };
    await makerOf();
    const hosts = Array.from({ length: 1_000 }, (_, at) => `compute${at}`);
    const batch = SampleBatch.of(
      hosts.map((resource) => ({ ...series, resource, timeMs: START_MS - ageMs, value: 1 })),
    );
    await store.append(batch);
    const ended = await makerOf();
    ended.stored(batch);
    await ended.save();
    const { appendRollups } = store;
    let written = 0;
    store.appendRollups = async (stepMs, rows) => {
      written += rows.length;
      ended.end();
      await appendRollups(stepMs, rows);
    };

    await ended.run(START_MS + 30_000);
    const byTheEnd = written;
    await (await makerOf()).run(START_MS + 30_000);

    expect(byTheEnd).toBeLessThan(1_000);
    const made = await store.rollups({ metrics: [series.metric] }, 10_000, 0, 1e15);
    expect(made.filter(({ rollups }) => rollups.length === 1)).toHaveLength(1_000);
  },
);

test('late samples are kept apart by metric and resource, and raw readings are none', () => {
  const late = new LateSamples();
  const of = (metric: string, resource: string, timeMs: number) => ({
    ...{ metric, resource, labels: {} },
    timeMs,
    value: 1,
  });

  late.note(
    SampleBatch.of([
      of('a.b', 'one', 50),
      of('a.b', 'two', 20),
      of('a.b', 'two', 5),
      of('a.c', 'one', 100),
      of('collectd.x', 'one', 30),
    ]),
    10,
    100,
  );

  expect(late.earliestMs).toBe(20);
  expect(late.take()).toEqual([
    { filter: { metrics: ['a.b'], resources: ['one', 'two'] }, fromMs: 20, toMs: 50 },
  ]);
  expect(late.isEmpty).toBe(true);
});
