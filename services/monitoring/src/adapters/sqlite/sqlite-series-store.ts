import { aggregateSteps } from '../../domain/aggregates.ts';
import type { Rollup, SeriesRollups } from '../../domain/rollup.ts';
import type { SampleBatch } from '../../domain/series.ts';
import {
  type Retention,
  rollupsKeptMs,
  type SeriesSamples,
  type SeriesStore,
  type SeriesWindow,
} from '../../ports/series-store.ts';
import { inSlices, turnOf } from './in-slices.ts';
import { Journal } from './journal.ts';
import { BLOCK_MS, BlockScratch, OpenMinute } from './open-minute.ts';
import { openDatabase, transaction } from './schema.ts';
import { type SeriesRow, SeriesTable } from './series-table.ts';

/** How the embedded store packs; the defaults are meant for use, smaller ones for tests. */
export interface SqliteStoreOptions {
  /** Pack once a journal has so many samples, or this old. */
  readonly packAfterSamples?: number;
  readonly packAfterMs?: number;
  /** Series that are packed or pruned, and for how long, before other work gets its turn. */
  readonly sliceSeries?: number;
  readonly sliceMs?: number;
  /** A clock that only goes forward, in ms. */
  readonly stopwatch?: () => number;
}

const PRUNE_EVERY_MS = 3_600_000;
/** Of a series that still sends, in memory after packing: from the file the stretch of a rollup costs eight times as much. */
const MINUTES_KEPT = 2;

/**
 * Samples in one SQLite file. What is appended goes to a journal at once and into memory; now and then the memory is packed into
 * blocks of one series and minute, and the journal forgotten. Reading puts blocks and memory together.
 */
export function sqliteSeriesStore(path: string, options: SqliteStoreOptions = {}): SeriesStore {
  const packAfterSamples = options.packAfterSamples ?? 5_000_000;
  const packAfterMs = options.packAfterMs ?? 60_000;
  const limits = {
    items: options.sliceSeries ?? 1_000,
    ms: options.sliceMs ?? 20,
    clock: options.stopwatch ?? (() => performance.now()),
  };
  const db = openDatabase(path);
  const table = new SeriesTable(db);
  const journal = new Journal(db);
  const readBlock = db.prepare('SELECT data FROM block WHERE series = ? AND minute = ?');
  const writeBlock = db.prepare(
    'INSERT OR REPLACE INTO block (series, minute, data) VALUES (?, ?, ?)',
  );
  const readBlocks = db.prepare(
    'SELECT minute, data FROM block WHERE series = ? AND minute BETWEEN ? AND ? ORDER BY minute',
  );
  const lastBlock = db.prepare(
    'SELECT minute, data FROM block WHERE series = ? ORDER BY minute DESC LIMIT 1',
  );
  const writeRollup = db.prepare('INSERT OR REPLACE INTO rollup VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const readRollups = db.prepare(
    'SELECT start_ms, count, mean, min, max, last FROM rollup WHERE step_ms = ? AND series = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms',
  );
  const rollupSteps = db.prepare('SELECT DISTINCT step_ms FROM rollup');
  const pruneBlocks = db.prepare('DELETE FROM block WHERE series = ? AND minute < ?');
  const pruneRollups = db.prepare(
    'DELETE FROM rollup WHERE step_ms = ? AND series = ? AND start_ms < ?',
  );

  let unpackedSamples = 0;
  let packedAtMs = 0;
  let prunedAtMs = 0;
  let packing: Promise<void> = Promise.resolve();
  let closed = false;
  const scratch = new BlockScratch();
  const eachInSlices = <T>(
    items: readonly T[],
    work: (item: T) => void,
    kept?: (item: T) => void,
  ): Promise<void> => inSlices(db, items, limits, () => closed, work, kept);

  /** A transaction that may add series: rolled back, it leaves none in memory that the file does not have. */
  const addingSeries = (work: () => void): void => {
    const before = table.lastId;
    try {
      transaction(db, work);
    } catch (error) {
      table.forgetAfter(before);
      throw error;
    }
  };

  const insert = (row: SeriesRow, timeMs: number, value: number): void => {
    const minute = Math.floor(timeMs / BLOCK_MS);
    let open = row.open.at(-1);
    if (open?.minute !== minute) open = openMinute(row, minute);
    open.insert(Math.floor(timeMs - minute * BLOCK_MS), value);
    row.dirty = true;
  };

  const openMinute = (row: SeriesRow, minute: number): OpenMinute => {
    const known = row.open.find((open) => open.minute === minute);
    if (known !== undefined) return known;
    row.newestMinute ??= newestMinuteOf(row);
    const opened = new OpenMinute(minute, minute > row.newestMinute);
    if (minute > row.newestMinute) row.newestMinute = minute;
    row.open.push(opened);
    row.open.sort((a, b) => a.minute - b.minute);
    return opened;
  };

  const newestMinuteOf = (row: SeriesRow): number => {
    const last = lastBlock.get(row.id);
    return Math.max(Number(last?.minute ?? -1), row.open.at(-1)?.minute ?? -1);
  };

  /** What memory and block hold of a minute together. */
  const whole = (row: SeriesRow, open: OpenMinute): OpenMinute => {
    if (open.complete) return open;
    const data = readBlock.get(row.id, open.minute)?.data;
    if (!(data instanceof Uint8Array)) return open;
    return OpenMinute.merge(OpenMinute.unpack(open.minute, data), open);
  };

  const packSeries = (row: SeriesRow): void => {
    for (const open of row.open)
      if (open.dirty) writeBlock.run(row.id, open.minute, scratch.pack(whole(row, open)));
  };

  const forgetPacked = (row: SeriesRow): void => {
    if (!row.dirty) {
      row.open = [];
      return;
    }
    for (const open of row.open) open.dirty = false;
    // The newest minutes stay: one will be written to again, and being complete it is packed without reading; rollups are made of both.
    const keptFrom = (row.newestMinute ?? 0) - MINUTES_KEPT + 1;
    row.open = row.open.filter((open) => open.complete && open.minute >= keptFrom);
    row.dirty = false;
  };

  /** In slices, so that a socket is read in between. A series that gets samples meanwhile is packed with them: no harm. */
  const pack = async (): Promise<void> => {
    const upTo = journal.sequence;
    unpackedSamples = 0;
    await eachInSlices([...table.all()], packSeries, forgetPacked);
    if (closed) return;
    // What is forgotten may be of many megabytes; what a kill leaves of it is read back and does no harm.
    await eachInSlices(journal.upTo(upTo), (sequence) => journal.forget(sequence));
  };

  const prune = async (nowMs: number, retention: Retention): Promise<void> => {
    if (closed) return;
    const firstMinute = Math.floor((nowMs - retention.samplesMs) / BLOCK_MS);
    const steps = rollupSteps.all().map((row) => Number(row.step_ms));
    await eachInSlices([...table.all()], (row) => {
      pruneBlocks.run(row.id, firstMinute);
      for (const step of steps) {
        pruneRollups.run(step, row.id, nowMs - rollupsKeptMs(retention, step));
      }
    });
  };

  /** Whether memory holds all there is of these minutes: then the file need not be asked. */
  const isInMemory = (row: SeriesRow, firstMinute: number, lastMinute: number): boolean => {
    const newest = row.newestMinute;
    if (newest === undefined) return false;
    for (let minute = firstMinute; minute <= Math.min(lastMinute, newest); minute += 1) {
      if (!row.open.some((open) => open.minute === minute && open.complete)) return false;
    }
    return true;
  };

  const read = (row: SeriesRow, fromMs: number, toMs: number): SeriesSamples => {
    const timesMs: number[] = [];
    const values: number[] = [];
    const take = (block: OpenMinute): void => {
      const startMs = block.minute * BLOCK_MS;
      for (let at = 0; at < block.length; at += 1) {
        const timeMs = startMs + block.offset(at);
        if (timeMs < fromMs || timeMs >= toMs) continue;
        timesMs.push(timeMs);
        values.push(block.value(at));
      }
    };
    const firstMinute = Math.floor(fromMs / BLOCK_MS);
    const lastMinute = Math.floor((toMs - 1) / BLOCK_MS);
    const open = row.open.filter(({ minute }) => minute >= firstMinute && minute <= lastMinute);
    const blocks = isInMemory(row, firstMinute, lastMinute)
      ? []
      : readBlocks.iterate(row.id, firstMinute, lastMinute);
    for (const { minute, data } of blocks) {
      if (!(data instanceof Uint8Array)) continue;
      while (open[0] !== undefined && open[0].minute < Number(minute))
        take(open.shift() ?? open[0]);
      const packed = OpenMinute.unpack(Number(minute), data);
      if (open[0]?.minute === packed.minute) take(OpenMinute.merge(packed, open.shift() ?? packed));
      else take(packed);
    }
    for (const rest of open) take(rest);
    return { series: row.key, columns: { timesMs, values } };
  };

  journal.read((id, timeMs, value) => {
    const row = table.byId(id);
    if (row !== undefined) insert(row, timeMs, value);
    unpackedSamples += 1;
  });

  return {
    append: async (batch: SampleBatch) => {
      const ids = new Uint32Array(batch.length);
      const rows: SeriesRow[] = new Array(batch.length);
      addingSeries(() => {
        for (const [at, key] of batch.series.entries()) {
          const row = table.findOrAdd(key);
          rows[at] = row;
          ids[at] = row.id;
        }
        journal.write(batch, ids);
      });
      for (const [at, row] of rows.entries()) insert(row, batch.timeMs(at), batch.value(at));
      unpackedSamples += batch.length;
    },

    samples: async function* (filter, fromMs, toMs) {
      const turn = turnOf(limits);
      for (const row of table.matching(filter)) {
        if (turn.isOver()) await turn.next();
        const samples = read(row, fromMs, toMs);
        if (samples.columns.values.length > 0) yield samples;
      }
    },

    windows: async (filter, steps, aggregate) => {
      const windows: SeriesWindow[] = [];
      const turn = turnOf(limits);
      // A rate begins at the sample before the first step.
      const fromMs = aggregate.kind === 'rate' ? steps.fromMs - steps.stepMs : steps.fromMs;
      for (const row of table.matching(filter)) {
        if (turn.isOver()) await turn.next();
        const { series, columns } = read(row, fromMs, steps.toMs);
        const values = aggregateSteps(columns, steps, aggregate);
        if (values.some((value) => value !== null)) windows.push({ series, values });
      }
      return windows;
    },

    series: async () =>
      [...table.all()].map((row) => {
        const last = lastBlock.get(row.id);
        const packed =
          last?.data instanceof Uint8Array
            ? [OpenMinute.unpack(Number(last.minute), last.data)]
            : [];
        const newest = [...packed, ...row.open].reduce<OpenMinute | undefined>(
          (best, open) => (best === undefined || newestMs(open) >= newestMs(best) ? open : best),
          undefined,
        );
        return {
          series: row.key,
          newest:
            newest === undefined
              ? undefined
              : { timeMs: newestMs(newest), value: newest.value(newest.length - 1) },
        };
      }),

    appendRollups: async (stepMs, rows) => {
      addingSeries(() => {
        for (const { series, rollups } of rows) {
          const { id } = table.findOrAdd(series);
          for (const { startMs, count, mean, min, max, last } of rollups) {
            writeRollup.run(stepMs, id, startMs, count, mean, min, max, last);
          }
        }
      });
    },

    rollups: async (filter, stepMs, fromMs, toMs) => {
      const result: SeriesRollups[] = [];
      const turn = turnOf(limits);
      for (const row of table.matching(filter)) {
        if (turn.isOver()) await turn.next();
        const rollups = readRollups.all(stepMs, row.id, fromMs, toMs).map(
          (read): Rollup => ({
            startMs: Number(read.start_ms),
            count: Number(read.count),
            mean: Number(read.mean),
            min: Number(read.min),
            max: Number(read.max),
            last: Number(read.last),
          }),
        );
        if (rollups.length > 0) result.push({ series: row.key, rollups });
      }
      return result;
    },

    maintain: async (nowMs, retention) => {
      if (packedAtMs === 0) packedAtMs = nowMs;
      if (unpackedSamples >= packAfterSamples || nowMs - packedAtMs >= packAfterMs) {
        packedAtMs = nowMs;
        packing = pack();
        await packing;
      }
      if (!closed && nowMs - prunedAtMs >= PRUNE_EVERY_MS) {
        prunedAtMs = nowMs;
        // What is still in memory can be old as well: imported history.
        packing = pack().then(() => prune(nowMs, retention));
        await packing;
      }
    },

    ping: async () => {
      db.prepare('SELECT 1').get();
      return { ok: true, detail: null };
    },

    close: async () => {
      closed = true;
      // One that failed has been told to whoever asked for it; its samples are in the journal.
      await packing.catch(() => undefined);
      db.close();
    },
  };
}

const newestMs = (block: OpenMinute): number =>
  block.minute * BLOCK_MS + block.offset(block.length - 1);
