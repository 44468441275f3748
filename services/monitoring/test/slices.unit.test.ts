import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inSlices, turnOf } from '../src/adapters/sqlite/in-slices.ts';
import { openDatabase } from '../src/adapters/sqlite/schema.ts';
import { sqliteSeriesStore } from '../src/adapters/sqlite/sqlite-series-store.ts';
import { SampleBatch } from '../src/domain/series.ts';

describe('work in slices', () => {
  /** Which items were done between two turns of the event loop, where each item takes 7 ms. */
  const slicesOf = async (limits: { items: number; ms: number }, over = Infinity) => {
    const db = openDatabase(':memory:');
    let nowMs = 0;
    const done: number[] = [];
    const slices: number[][] = [];
    const watch = async () => {
      for (let seen = 0; seen < 7; await nextTurn()) {
        if (done.length > seen) slices.push(done.slice(seen));
        seen = done.length;
        if (seen >= over) return;
      }
    };
    const work = inSlices(
      db,
      [1, 2, 3, 4, 5, 6, 7],
      { ...limits, clock: () => nowMs },
      () => done.length >= over,
      (item) => {
        nowMs += 7;
        done.push(item);
      },
    );
    await Promise.all([work, watch()]);
    db.close();
    return slices;
  };

  test('a slice ends with the item that goes beyond its time, and others have their turn', async () => {
    expect(await slicesOf({ items: 100, ms: 20 })).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
  });

  test('a slice ends after so many items, however fast they were', async () => {
    expect(await slicesOf({ items: 2, ms: 1_000 })).toEqual([[1, 2], [3, 4], [5, 6], [7]]);
  });

  test('an item that alone takes longer than a slice is done all the same', async () => {
    expect(await slicesOf({ items: 100, ms: 1 })).toHaveLength(7);
  });

  test('what is over ends after the slice under way', async () => {
    expect(await slicesOf({ items: 2, ms: 1_000 }, 3)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });
});

test('a reading lets others have their turn once its time is over, and has the same time again', async () => {
  let nowMs = 0;
  const turn = turnOf({ ms: 20, clock: () => nowMs });
  const over: boolean[] = [];
  const at = (ms: number) => {
    nowMs = ms;
    over.push(turn.isOver());
  };

  at(19);
  at(20);
  await turn.next();
  at(39);
  at(40);

  expect(over).toEqual([false, true, false, true]);
});

describe('packing that is cut off or fails', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'slices-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const sample = (resource: string, timeMs: number, value: number) =>
    SampleBatch.of([{ resource, metric: 'host.cpuPercent', labels: {}, timeMs, value }]);

  test.each([0, 1, 2, 3, 4, 5, 6, 8])(
    'after %i turns loses no sample, and of two of one time the later written counts',
    async (turns) => {
      const path = join(folder, 'series.db');
      const first = sqliteSeriesStore(path, { packAfterSamples: 0, sliceSeries: 1 });
      for (const host of ['a', 'b']) {
        for (const value of [1, 2, 3]) await first.append(sample(host, 1_000, value));
        await first.append(sample(host, 2_000, 4));
      }
      const packing = first.maintain(1, { samplesMs: Infinity, rollupsMs: Infinity });
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      await Promise.all([packing, first.close()]);

      const second = sqliteSeriesStore(path);
      const told = [];
      for await (const one of second.samples({ metrics: ['host.cpuPercent'] }, 0, 10_000)) {
        told.push([one.series.resource, one.columns]);
      }
      await second.close();

      const columns = { timesMs: [1_000, 2_000], values: [3, 4] };
      expect(told).toEqual([
        ['a', columns],
        ['b', columns],
      ]);
    },
  );

  test('a slice that the file refuses is packed again, and what it held is not lost', async () => {
    const path = join(folder, 'series.db');
    const store = sqliteSeriesStore(path, { packAfterSamples: 0 });
    for (const host of ['a', 'b']) await store.append(sample(host, 1_000, 7));
    const other = new DatabaseSync(path);
    other.exec(
      "CREATE TRIGGER full BEFORE INSERT ON block WHEN NEW.series = 2 BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    const pack = () => store.maintain(1, { samplesMs: Infinity, rollupsMs: Infinity });

    await expect(pack()).rejects.toThrow('disk full');
    other.exec('DROP TRIGGER full');
    other.close();
    await pack();
    await store.close();

    const again = sqliteSeriesStore(path);
    const found: string[] = [];
    for await (const { series } of again.samples({ metrics: ['host.cpuPercent'] }, 0, 60_000))
      found.push(series.resource);
    await again.close();
    expect(found.sort()).toEqual(['a', 'b']);
  });

  test('a store whose last packing failed is closed all the same', async () => {
    const path = join(folder, 'series.db');
    const store = sqliteSeriesStore(path, { packAfterSamples: 0 });
    await store.append(sample('a', 1_000, 7));
    const other = new DatabaseSync(path);
    other.exec(
      "CREATE TRIGGER full BEFORE INSERT ON block BEGIN SELECT RAISE(ABORT, 'disk full'); END",
    );
    const packing = store.maintain(1, { samplesMs: Infinity, rollupsMs: Infinity });
    await expect(packing).rejects.toThrow('disk full');
    other.close();

    await expect(store.close()).resolves.toBeUndefined();
  });
});
