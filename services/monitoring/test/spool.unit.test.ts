import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileSpool } from '../src/adapters/spool/file-spool.ts';
import { packBatch, unpackBatch } from '../src/adapters/spool/packed-batch.ts';
import { SampleBatch } from '../src/domain/series.ts';
import type { Spool } from '../src/ports/spool.ts';
import { SampleBuffer } from '../src/usecases/sample-buffer.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'spool-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const series = { resource: 'h', metric: 'host.cpuPercent', labels: { a: 'b' } };

/** A store that can be away; what it was given, in order. */
function storeThatMayBeAway() {
  const values: number[] = [];
  const store = {
    isAway: true,
    values,
    append: async (batch: SampleBatch) => {
      if (store.isAway) throw new Error('away');
      for (let at = 0; at < batch.length; at += 1) values.push(batch.value(at));
    },
  };
  return store;
}
async function feed(buffer: SampleBuffer, from: number, to: number): Promise<void> {
  for (let value = from; value < to; value += 1) {
    buffer.push(series, 1000 * value, value);
    await buffer.flush();
  }
}
const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, at) => from + at);

describe('while the store is away', () => {
  test('samples wait on disk and are stored in the order they came', async () => {
    const store = storeThatMayBeAway();
    const buffer = new SampleBuffer(store, 1e6, fileSpool(folder, 1e6));
    await feed(buffer, 0, 41);
    const files = readdirSync(folder).length;
    store.isAway = false;
    await feed(buffer, 41, 42);

    expect(files).toBe(10);
    expect(store.values).toEqual(upTo(42));
    expect(buffer).toMatchObject({ pending: 0, dropped: 0, stored: 42, problem: null });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('what was on disk outlives the process', async () => {
    const store = storeThatMayBeAway();
    const first = new SampleBuffer(store, 1e6, fileSpool(folder, 1e6));
    await feed(first, 0, 8);
    writeFileSync(join(folder, '000000000099.batch.part'), 'cut off');
    store.isAway = false;
    const second = new SampleBuffer(store, 1e6, fileSpool(folder, 1e6));
    await feed(second, 8, 9);

    expect(store.values).toEqual(upTo(9));
  });

  test('beyond its bound the oldest go, and the gap is told', async () => {
    const store = storeThatMayBeAway();
    const batchBytes = packBatch(
      SampleBatch.of(upTo(4).map((value) => ({ ...series, timeMs: value, value }))),
    ).length;
    const buffer = new SampleBuffer(store, 1e6, fileSpool(folder, 2 * batchBytes));
    await feed(buffer, 0, 12);
    store.isAway = false;
    await buffer.flush();

    expect(store.values).toEqual(upTo(12, 4));
    expect(buffer.dropped).toBe(4);
    expect(buffer.gaps).toEqual([{ samples: 4, fromMs: 0, toMs: 3000 }]);
  });

  test('a file that cannot be read any more is a gap, and holds nothing up', async () => {
    const store = storeThatMayBeAway();
    const buffer = new SampleBuffer(store, 1e6, fileSpool(folder, 1e6));
    await feed(buffer, 0, 8);
    const [first = ''] = readdirSync(folder).sort();
    writeFileSync(join(folder, first), 'nonsense');
    store.isAway = false;
    await buffer.flush();

    expect(store.values).toEqual(upTo(8, 4));
    expect(buffer.gaps).toEqual([{ samples: 4, fromMs: 0, toMs: 3000 }]);
  });
});

describe('while the store is away and the disk is full', () => {
  const fullSpool = (): Spool => ({
    samples: 0,
    push: () => {
      throw new Error('no space left on device');
    },
    oldest: () => undefined,
    dropOldest: () => undefined,
  });

  test('memory keeps as much as it may: beyond that only the oldest go', async () => {
    const store = storeThatMayBeAway();
    const buffer = new SampleBuffer(store, 10, fullSpool());
    await feed(buffer, 0, 13);
    store.isAway = false;
    await buffer.flush();

    expect(store.values).toEqual(upTo(13, 3));
    expect(buffer).toMatchObject({ pending: 0, dropped: 3 });
  });

  test.skipIf(process.platform !== 'linux')(
    'nothing stays of a file that could not be written, and what had to go for it is told',
    async () => {
      const batchOf = (value: number) => SampleBatch.of([{ ...series, timeMs: 1000, value }]);
      const spool = fileSpool(folder, packBatch(batchOf(1)).length);
      const gaps: unknown[] = [];
      spool.push(batchOf(1), (gap) => gaps.push(gap));
      // Where the next one is written there is no room.
      symlinkSync('/dev/full', join(folder, '000000000002-1-1000-1000.batch.part'));

      expect(() => spool.push(batchOf(2), (gap) => gaps.push(gap))).toThrow('ENOSPC');
      expect(gaps).toEqual([{ samples: 1, fromMs: 1000, toMs: 1000 }]);
      expect(readdirSync(folder)).toEqual([]);
    },
  );
});

test('a packed batch comes back as it was, whatever it holds', () => {
  const sample = fc.record({
    resource: fc.string(),
    metric: fc.string(),
    labels: fc.dictionary(fc.string(), fc.string(), { maxKeys: 3, noNullPrototype: true }),
    timeMs: fc.integer({ min: 0, max: 4e12 }),
    value: fc.double({ noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 20 }), (samples) => {
      const batch = SampleBatch.of(samples);
      const again = unpackBatch(packBatch(batch));

      expect(JSON.stringify(again.series)).toBe(JSON.stringify(batch.series));
      for (const [at] of samples.entries()) {
        expect(again.timeMs(at)).toBe(batch.timeMs(at));
        expect(again.value(at)).toBe(batch.value(at));
      }
    }),
  );
});
