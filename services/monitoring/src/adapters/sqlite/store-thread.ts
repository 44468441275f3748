import type { SeriesSamples, SeriesStore } from '../../ports/series-store.ts';
import { type Answers, serveThread } from '../thread/thread-server.ts';
import {
  type PackedSamples,
  packRollups,
  packSamples,
  packStored,
  unpackBatch,
  unpackRollups,
} from './packed-series.ts';
import { type NumberedSeries, SeriesExchange } from './series-exchange.ts';
import { sqliteSeriesStore } from './sqlite-series-store.ts';
import type { StoreCalls, StoreThreadData } from './store-calls.ts';

/** Samples of an answer, and series at most: much for a message, little for whoever waits for another answer. */
const ANSWER_SAMPLES = 20_000;
const ANSWER_SERIES = 200;

function answersOf(store: SeriesStore, exchange: SeriesExchange): Answers<StoreCalls> {
  const readings = new Map<number, AsyncIterator<SeriesSamples>>();
  let lastReading = 0;
  return {
    append: async (batch) => {
      await store.append(unpackBatch(batch, exchange));
      return null;
    },
    read: async ({ filter, fromMs, toMs }) => {
      lastReading += 1;
      readings.set(lastReading, store.samples(filter, fromMs, toMs)[Symbol.asyncIterator]());
      return lastReading;
    },
    readOn: async (id) => {
      const reading = readings.get(id);
      if (reading === undefined) return null;
      const next = await someOf(reading, exchange);
      if (next === null) readings.delete(id);
      return next;
    },
    leave: async (id) => {
      const reading = readings.get(id);
      readings.delete(id);
      await reading?.return?.();
      return null;
    },
    windows: async ({ filter, steps, aggregate }) => {
      const windows = await store.windows(filter, steps, aggregate);
      return {
        series: exchange.numbersOf(windows.map(({ series }) => series)),
        values: windows.map(({ values }) => values),
      };
    },
    series: async () => packStored(await store.series(), exchange),
    appendRollups: async ({ stepMs, ...rows }) => {
      await store.appendRollups(stepMs, unpackRollups(rows, exchange));
      return null;
    },
    rollups: async ({ filter, stepMs, fromMs, toMs }) =>
      packRollups(await store.rollups(filter, stepMs, fromMs, toMs), exchange),
    maintain: async ({ nowMs, retention }) => {
      await store.maintain(nowMs, retention);
      return null;
    },
    ping: () => store.ping(),
    close: async () => {
      await store.close();
      return null;
    },
  };
}

async function someOf(
  reading: AsyncIterator<SeriesSamples>,
  exchange: SeriesExchange,
): Promise<PackedSamples | null> {
  const some: SeriesSamples[] = [];
  for (let samples = 0; samples < ANSWER_SAMPLES && some.length < ANSWER_SERIES; ) {
    const { done, value } = await reading.next();
    if (done === true) break;
    some.push(value);
    samples += value.columns.values.length;
  }
  return some.length === 0 ? null : packSamples(some, exchange);
}

serveThread<StoreThreadData, StoreCalls, NumberedSeries>(({ path }, tell) => {
  const exchange = new SeriesExchange(tell);
  return {
    answers: answersOf(sqliteSeriesStore(path), exchange),
    learn: (news) => exchange.learn(news),
  };
});
