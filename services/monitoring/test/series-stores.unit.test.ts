import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase, transaction } from '../src/adapters/sqlite/schema.ts';
import { sqliteSeriesStore } from '../src/adapters/sqlite/sqlite-series-store.ts';
import { threadedSeriesStore } from '../src/adapters/sqlite/threaded-series-store.ts';
import { SampleBatch } from '../src/domain/series.ts';
import type { SeriesStore } from '../src/ports/series-store.ts';
import { memorySeriesStore } from './fakes/memory-series-store.ts';
import { seriesStoreConformance } from './series-store-conformance.ts';

const cpuOf = (resource: string) => ({ resource, metric: 'host.cpuPercent', labels: {} });

/** All samples of all hosts' CPU, as plain numbers. */
async function toldBy(store: SeriesStore) {
  const told = [];
  for await (const { series, columns } of store.samples(
    { metrics: ['host.cpuPercent'] },
    0,
    1_000_000,
  )) {
    const { timesMs, values } = columns;
    told.push({
      resource: series.resource,
      samples: Array.from(values, (value, at) => [timesMs[at], value]),
    });
  }
  return told;
}

describe('the fake', () => {
  seriesStoreConformance(async () => memorySeriesStore());
});

describe('node:sqlite', () => {
  seriesStoreConformance(async () => sqliteSeriesStore(':memory:'));
});

describe('node:sqlite, packing after each write', () => {
  seriesStoreConformance(async () => {
    const store = sqliteSeriesStore(':memory:', { packAfterSamples: 0, sliceSeries: 1 });
    const keepAll = { samplesMs: Infinity, rollupsMs: Infinity };
    return {
      ...store,
      append: async (batch) => {
        await store.append(batch);
        await store.maintain(1, keepAll);
      },
    };
  });
});

describe('node:sqlite on a thread of its own', () => {
  seriesStoreConformance(async () => threadedSeriesStore(':memory:'));

  test('series are told apart whether or not their objects are kept', async () => {
    const store = threadedSeriesStore(':memory:');
    const plain = memorySeriesStore();
    const kept = ['a', 'b', 'c'].map((resource, place) => ({ ...cpuOf(resource), place }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.nat({ max: 2 }), isKept: fc.boolean(), second: fc.nat(100) }), {
          minLength: 1,
        }),
        async (samples) => {
          const batch = new SampleBatch();
          for (const [number, { at, isKept, second }] of samples.entries()) {
            const key = kept[at];
            if (key === undefined) continue;
            batch.push(isKept ? key : cpuOf(key.resource), second * 1000, number);
          }
          for (const each of [store, plain]) await each.append(batch);
          expect(await toldBy(store)).toEqual(await toldBy(plain));
        },
      ),
      { numRuns: 50 },
    );
    await store.close();
  });

  test('more series than one message holds are all read, and a reading may be left', async () => {
    const store = threadedSeriesStore(':memory:');
    const hosts = Array.from({ length: 1_000 }, (_, at) => `h${String(at).padStart(4, '0')}`);
    await store.append(
      SampleBatch.of(hosts.map((host) => ({ ...cpuOf(host), timeMs: 1, value: 2 }))),
    );

    for await (const { series } of store.samples({ metrics: ['host.cpuPercent'] }, 0, 10)) {
      if (series.resource === 'h0003') break;
    }
    const told = await toldBy(store);
    const newest = await store.series();
    await store.close();

    expect(told.map(({ resource }) => resource)).toEqual(hosts);
    expect(newest.map(({ series }) => series.resource).sort()).toEqual(hosts);
  });

  test('what is asked while it closes, or after, is refused and never left waiting', async () => {
    const store = threadedSeriesStore(':memory:');
    const one = SampleBatch.of([{ ...cpuOf('a'), timeMs: 1, value: 2 }]);
    const during = store.append(one).then(
      () => 'kept',
      (error: Error) => error.message,
    );
    const closing = store.close();

    expect(['kept', 'The series store is closed']).toContain(await during);
    await closing;
    await expect(store.append(one)).rejects.toThrow('The series store is closed');
    await store.close();
  });
});

describe('node:sqlite, whatever is in memory and whatever is packed', () => {
  const keepAll = { samplesMs: Infinity, rollupsMs: Infinity };
  const steps = fc.array(
    fc.oneof(
      fc.constant('pack' as const),
      fc.record({
        resource: fc.constantFrom('a', 'b', 'c'),
        second: fc.nat({ max: 400 }),
        value: fc.nat(),
      }),
    ),
    { minLength: 1, maxLength: 40 },
  );

  test('a range of samples is the one that a plain store tells, series that come later included', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.nat({ max: 400 }),
        fc.nat({ max: 400 }),
        async (all, from, more) => {
          const store = sqliteSeriesStore(':memory:', { packAfterSamples: 0, sliceSeries: 1 });
          const plain = memorySeriesStore();
          const read = async (each: SeriesStore) => {
            const filter = { metrics: ['host.cpuPercent'] };
            const told = [];
            for await (const one of each.samples(filter, from * 1000, (from + more + 1) * 1000)) {
              told.push({ resource: one.series.resource, columns: one.columns });
            }
            return told;
          };
          for (const [at, step] of all.entries()) {
            if (step === 'pack') {
              await store.maintain(at, keepAll);
              continue;
            }
            const { resource, second, value } = step;
            const sample = {
              resource,
              metric: 'host.cpuPercent',
              labels: {},
              timeMs: second * 1000,
              value,
            };
            for (const each of [store, plain]) await each.append(SampleBatch.of([sample]));

            expect(await read(store)).toEqual(await read(plain));
          }
          await store.close();
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('node:sqlite on disk', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'series-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const key = { resource: 'a', metric: 'host.cpuPercent', labels: {} };
  const all = async (store: SeriesStore, fromMs = 0) => {
    const samples = [];
    for await (const { columns } of store.samples({ metrics: [key.metric] }, fromMs, 1e15)) {
      samples.push(...Array.from(columns.values, (value, at) => [columns.timesMs[at], value]));
    }
    return samples;
  };
  const write = (store: SeriesStore, from: number, to: number) => {
    const batch = new SampleBatch();
    for (let at = from; at < to; at += 1) batch.push(key, at * 1000, at);
    return store.append(batch);
  };
  const keepAll = { samplesMs: Infinity, rollupsMs: Infinity };

  test('nothing is lost when the process ends without closing, packed or not', async () => {
    const path = join(folder, 'series.db');
    const first = sqliteSeriesStore(path, { packAfterSamples: 0 });
    await write(first, 0, 100);
    await first.maintain(1, keepAll);
    await write(first, 100, 130);

    // Never closed: what a killed process leaves is what another one finds in the files.
    const second = sqliteSeriesStore(path, { packAfterSamples: 0 });
    await write(second, 130, 150);
    await second.maintain(2, keepAll);
    await second.close();
    const third = sqliteSeriesStore(path);

    expect(await all(third)).toEqual(Array.from({ length: 150 }, (_, at) => [at * 1000, at]));
    await third.close();
  });

  test('the journal is forgotten once its samples are packed', async () => {
    const path = join(folder, 'series.db');
    const store = sqliteSeriesStore(path, { packAfterSamples: 0 });
    await write(store, 0, 1000);
    await store.maintain(1, keepAll);
    await store.close();

    const db = new DatabaseSync(path);
    expect(db.prepare('SELECT count(*) AS n FROM journal').get()?.n).toBe(0);
    expect(db.prepare('SELECT count(*) AS n FROM block').get()?.n).toBe(17);
    db.close();
  });

  test('the last minute and the one before are read without the file, packed or not', async () => {
    const path = join(folder, 'series.db');
    const store = sqliteSeriesStore(path, { packAfterSamples: 0 });
    await write(store, 0, 180);
    await store.maintain(1, keepAll);
    const db = new DatabaseSync(path);
    db.exec('DELETE FROM block');
    db.close();

    const read = await all(store, 60_000);
    await store.close();

    expect(read).toEqual(Array.from({ length: 120 }, (_, at) => [(at + 60) * 1000, at + 60]));
  });

  test('a file of a later version is refused', () => {
    const path = join(folder, 'series.db');
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();

    expect(() => sqliteSeriesStore(path)).toThrow(/schema 99/);
  });

  test('on a thread as well: whoever waits for it to open, or asks it, is told why', async () => {
    const path = join(folder, 'series.db');
    const db = new DatabaseSync(path);
    db.exec('PRAGMA user_version = 99');
    db.close();

    const store = threadedSeriesStore(path);

    await expect(store.opened).rejects.toThrow(/schema 99/);
    await expect(store.ping()).rejects.toThrow(/schema 99/);
    await store.close();
  });

  test('what the file refuses is refused across threads, and the next batch is taken', async () => {
    const path = join(folder, 'series.db');
    const store = threadedSeriesStore(path);
    await store.opened;
    const other = new DatabaseSync(path);
    other.exec(
      "CREATE TRIGGER full BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );

    await expect(write(store, 0, 10)).rejects.toThrow('disk full');
    other.exec('DROP TRIGGER full');
    other.close();
    await write(store, 0, 10);

    expect(await all(store)).toHaveLength(10);
    await store.close();
  });

  test('a reading that fails while its reader is busy is told to the reader, and to nobody else', async () => {
    const path = join(folder, 'series.db');
    const hosts = Array.from({ length: 1_000 }, (_, at) => `h${String(at).padStart(4, '0')}`);
    const filling = sqliteSeriesStore(path, { packAfterSamples: 0 });
    const samples = hosts.flatMap((host) => [
      { ...cpuOf(host), timeMs: 1, value: 2 },
      { ...cpuOf(host), timeMs: 600_000, value: 3 },
    ]);
    await filling.append(SampleBatch.of(samples));
    await filling.maintain(1, keepAll);
    await filling.close();
    const store = threadedSeriesStore(path);
    const untold: unknown[] = [];
    const onUntold = (reason: unknown) => untold.push(reason);
    process.on('unhandledRejection', onUntold);
    const read = store.samples({ metrics: [key.metric] }, 0, 10)[Symbol.asyncIterator]();
    await read.next();
    const other = new DatabaseSync(path);
    other.exec('DROP TABLE block');
    other.close();

    const rest = async () => {
      for (let next = await read.next(); next.done !== true; next = await read.next()) {
        // Whoever reads is slow: the thread's next answer is there before it is asked for.
        await store.ping();
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await expect(rest()).rejects.toThrow('block');
    process.off('unhandledRejection', onUntold);
    expect(untold).toEqual([]);
    await store.close();
  });

  test('a series that a refused rollup would have begun is no series: what is kept of it later is read back', async () => {
    const path = join(folder, 'series.db');
    const first = sqliteSeriesStore(path);
    const impossible = { startMs: 0, count: 1, mean: Number.NaN, min: 1, max: 1, last: 1 };
    await expect(
      first.appendRollups(10_000, [{ series: key, rollups: [impossible] }]),
    ).rejects.toThrow();
    await write(first, 0, 10);

    // Never closed: what a killed process leaves is what another one finds in the files.
    const second = sqliteSeriesStore(path);

    expect(await all(second)).toHaveLength(10);
    await second.close();
    await first.close();
  });

  test.each([1, 4_000_000])(
    'the end does not wait until all is packed, at %i ms, and loses nothing by it',
    async (nowMs) => {
      const path = join(folder, 'series.db');
      const store = sqliteSeriesStore(path, { packAfterSamples: 0, sliceSeries: 1 });
      const hosts = Array.from({ length: 300 }, (_, at) => `h${at}`);
      await store.append(
        SampleBatch.of(hosts.map((host) => ({ ...cpuOf(host), timeMs: 1, value: 2 }))),
      );
      const upkeep = store.maintain(nowMs, keepAll);
      await store.close();
      await upkeep;

      const db = new DatabaseSync(path);
      expect(Number(db.prepare('SELECT count(*) AS n FROM block').get()?.n)).toBeLessThan(300);
      db.close();
      const next = sqliteSeriesStore(path);
      expect(await toldBy(next)).toHaveLength(300);
      await next.close();
    },
  );

  test('a disk that is full is told as such, and what came before is kept', async () => {
    const db = openDatabase(join(folder, 'series.db'));
    db.exec('PRAGMA max_page_count = 20');
    const store = db.prepare('INSERT INTO journal (sequence, data) VALUES (?, ?)');
    transaction(db, () => store.run(1, new Uint8Array(10)));

    expect(() => transaction(db, () => store.run(2, new Uint8Array(1_000_000)))).toThrow(
      'database or disk is full',
    );
    expect(db.prepare('SELECT count(*) AS n FROM journal').get()?.n).toBe(1);
    db.close();
  });
});
