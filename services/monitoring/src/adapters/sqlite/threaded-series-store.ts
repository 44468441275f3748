import { Worker } from 'node:worker_threads';
import type { SeriesStore } from '../../ports/series-store.ts';
import {
  packBatch,
  packRollups,
  unpackRollups,
  unpackSamples,
  unpackStored,
} from './packed-series.ts';
import { SeriesExchange } from './series-exchange.ts';
import {
  type FromStoreThread,
  memoryOf,
  type StoreCall,
  type StoreCalls,
  type StoreThreadData,
  type ToStoreThread,
} from './store-calls.ts';

const CLOSED = 'The series store is closed';

/** A store on a thread, and the promise that its file could be opened. */
export interface ThreadedSeriesStore extends SeriesStore {
  /** Rejects with the reason when the file cannot be opened: so does then whatever the store is asked. */
  readonly opened: Promise<void>;
}

/**
 * The store of `sqliteSeriesStore` on a thread of its own: what it commits, packs and reads of a large fleet, and the garbage of
 * that, keeps nobody waiting who judges a sample or answers a request. What is asked is answered in the order of asking as far as
 * the store does so; a batch is kept once its promise resolves.
 */
export function threadedSeriesStore(path: string): ThreadedSeriesStore {
  const data: StoreThreadData = { path };
  const thread = new Worker(new URL('./store-thread.ts', import.meta.url), { workerData: data });
  const tell = (message: ToStoreThread, memory: ArrayBuffer[] = []): void =>
    thread.postMessage(message, memory);
  const exchange = new SeriesExchange((news) => tell({ kind: 'series', news }));
  const waiting = new Map<number, (answer: { told: unknown } | { error: Error }) => void>();
  let asked = 0;
  let closed: Promise<void> | undefined;

  const settle = (id: number, answer: { told: unknown } | { error: Error }): void => {
    const waits = waiting.get(id);
    waiting.delete(id);
    waits?.(answer);
  };
  const opened = new Promise<void>((resolve, reject) => {
    thread.on('message', (message: FromStoreThread) => {
      if (message.kind === 'told') settle(message.id, { told: message.told });
      else if (message.kind === 'failed') settle(message.id, { error: new Error(message.message) });
      else if (message.kind === 'series') exchange.learn(message.news);
      else if (message.kind === 'opened') resolve();
      else reject(new Error(message.message));
    });
    // A process that stores nothing any more must not look well: it ends, and is started again.
    thread.once('error', (error) => {
      reject(error);
      throw error;
    });
  });
  opened.catch(() => undefined);

  const call = async <Call extends StoreCall>(
    name: Call,
    askOf: () => StoreCalls[Call]['ask'],
  ): Promise<StoreCalls[Call]['told']> => {
    await opened;
    if (closed !== undefined) throw new Error(CLOSED);
    return ask(name, askOf());
  };
  const ask = <Call extends StoreCall>(
    name: Call,
    what: StoreCalls[Call]['ask'],
  ): Promise<StoreCalls[Call]['told']> => {
    asked += 1;
    const id = asked;
    return new Promise((resolve, reject) => {
      waiting.set(id, (answer) => {
        if ('error' in answer) reject(answer.error);
        else resolve(answer.told as StoreCalls[Call]['told']);
      });
      tell({ kind: 'call', id, call: name, ask: what }, memoryOf(what));
    });
  };

  return {
    opened,
    append: async (batch) => {
      await call('append', () => packBatch(batch, exchange));
    },
    samples: async function* (filter, fromMs, toMs) {
      const id = await call('read', () => ({ filter, fromMs, toMs }));
      const more = () => call('readOn', () => id);
      let next = more();
      try {
        for (let some = await next; some !== null; some = await next) {
          // The thread reads on while these are used.
          next = more();
          yield* unpackSamples(some, exchange);
        }
      } finally {
        await next.catch(() => null);
        if (closed === undefined) await call('leave', () => id).catch(() => null);
      }
    },
    windows: async (filter, steps, aggregate) => {
      const { series, values } = await call('windows', () => ({ filter, steps, aggregate }));
      return Array.from(series, (number, at) => ({
        series: exchange.keyOf(number),
        values: values[at] ?? [],
      }));
    },
    series: async () => unpackStored(await call('series', () => null), exchange),
    appendRollups: async (stepMs, rows) => {
      await call('appendRollups', () => ({ stepMs, ...packRollups(rows, exchange) }));
    },
    rollups: async (filter, stepMs, fromMs, toMs) => {
      const told = await call('rollups', () => ({ filter, stepMs, fromMs, toMs }));
      return unpackRollups(told, exchange);
    },
    maintain: async (nowMs, retention) => {
      await call('maintain', () => ({ nowMs, retention }));
    },
    ping: () => call('ping', () => null),
    close: () => {
      closed ??= opened
        .then(() => ask('close', null))
        .catch(() => undefined)
        .then(() => thread.terminate())
        .then(() => {
          for (const id of [...waiting.keys()]) settle(id, { error: new Error(CLOSED) });
        });
      return closed;
    },
  };
}
