import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteSeriesStore } from '../src/adapters/sqlite/sqlite-series-store.ts';
import { SampleBatch } from '../src/domain/series.ts';
import type { SeriesStore } from '../src/ports/series-store.ts';
import { memorySeriesStore } from './fakes/memory-series-store.ts';
import { seriesStoreConformance } from './series-store-conformance.ts';

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
});
