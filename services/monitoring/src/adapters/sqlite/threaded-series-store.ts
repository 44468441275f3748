import type { SeriesStore } from '../../ports/series-store.ts';
import { ThreadClient } from '../thread/thread-client.ts';
import {
  packBatch,
  packRollups,
  unpackRollups,
  unpackSamples,
  unpackStored,
} from './packed-series.ts';
import { type NumberedSeries, SeriesExchange } from './series-exchange.ts';
import type { StoreCalls, StoreThreadData } from './store-calls.ts';

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
  const exchange: SeriesExchange = new SeriesExchange((news) => thread.tell(news));
  const thread = new ThreadClient<StoreCalls, NumberedSeries>({
    program: new URL('./store-thread.ts', import.meta.url),
    data,
    closed: 'The series store is closed',
    onNews: (news) => exchange.learn(news),
  });

  return {
    opened: thread.opened,
    append: async (batch) => {
      await thread.call('append', () => packBatch(batch, exchange));
    },
    samples: async function* (filter, fromMs, toMs) {
      const id = await thread.call('read', () => ({ filter, fromMs, toMs }));
      const more = () => {
        const some = thread.call('readOn', () => id);
        // Whoever reads is told when it asks: until then a failure is nobody's, and would end the process.
        some.catch(() => undefined);
        return some;
      };
      let next = more();
      try {
        for (let some = await next; some !== null; some = await next) {
          // The thread reads on while these are used.
          next = more();
          yield* unpackSamples(some, exchange);
        }
      } finally {
        await next.catch(() => null);
        if (!thread.isClosed) await thread.call('leave', () => id).catch(() => null);
      }
    },
    windows: async (filter, steps, aggregate) => {
      const { series, values } = await thread.call('windows', () => ({ filter, steps, aggregate }));
      return Array.from(series, (number, at) => ({
        series: exchange.keyOf(number),
        values: values[at] ?? [],
      }));
    },
    series: async () => unpackStored(await thread.call('series', () => null), exchange),
    appendRollups: async (stepMs, rows) => {
      await thread.call('appendRollups', () => ({ stepMs, ...packRollups(rows, exchange) }));
    },
    rollups: async (filter, stepMs, fromMs, toMs) => {
      const told = await thread.call('rollups', () => ({ filter, stepMs, fromMs, toMs }));
      return unpackRollups(told, exchange);
    },
    maintain: async (nowMs, retention) => {
      await thread.call('maintain', () => ({ nowMs, retention }));
    },
    ping: () => thread.call('ping', () => null),
    close: () => thread.close('close', null),
  };
}
