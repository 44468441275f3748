import { aggregateSteps } from '../../src/domain/aggregates.ts';
import type { Rollup } from '../../src/domain/rollup.ts';
import { type SampleBatch, type SeriesKey, seriesText } from '../../src/domain/series.ts';
import {
  rollupsKeptMs,
  type SeriesFilter,
  type SeriesStore,
} from '../../src/ports/series-store.ts';

export type MemorySeriesStore = SeriesStore & {
  /** From now on the store is away, or back. */
  away(isAway: boolean): void;
  /** Number of samples held. */
  size(): number;
};

/** A SeriesStore in memory, as plain as can be: what the adapters are compared with. */
export function memorySeriesStore(): MemorySeriesStore {
  const held = new Map<string, { series: SeriesKey; samples: Map<number, number> }>();
  const rolled = new Map<string, { series: SeriesKey; rollups: Map<number, Rollup> }>();
  let isAway = false;
  const demandPresent = (): void => {
    if (isAway) throw new Error('the store is away');
  };
  const matches = (series: SeriesKey, filter: SeriesFilter): boolean =>
    filter.metrics.includes(series.metric) && (filter.resources?.includes(series.resource) ?? true);
  const columnsOf = (samples: Map<number, number>, fromMs: number, toMs: number) => {
    const pairs = [...samples].filter(([timeMs]) => timeMs >= fromMs && timeMs < toMs);
    pairs.sort(([a], [b]) => a - b);
    return { timesMs: pairs.map(([timeMs]) => timeMs), values: pairs.map(([, value]) => value) };
  };
  const sorted = <T>(map: Map<string, T>): T[] =>
    [...map].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);

  return {
    away: (nowAway) => {
      isAway = nowAway;
    },
    size: () => [...held.values()].reduce((sum, { samples }) => sum + samples.size, 0),
    append: async (batch: SampleBatch) => {
      demandPresent();
      for (const [at, series] of batch.series.entries()) {
        const text = seriesText(series);
        const entry = held.get(text) ?? { series, samples: new Map() };
        held.set(text, entry);
        entry.samples.set(Math.floor(batch.timeMs(at)), batch.value(at));
      }
    },
    samples: async function* (filter, fromMs, toMs) {
      demandPresent();
      for (const { series, samples } of sorted(held)) {
        const columns = columnsOf(samples, fromMs, toMs);
        if (matches(series, filter) && columns.values.length > 0) yield { series, columns };
      }
    },
    windows: async (filter, steps, aggregate) => {
      demandPresent();
      const fromMs = aggregate.kind === 'rate' ? steps.fromMs - steps.stepMs : steps.fromMs;
      return sorted(held)
        .filter(({ series }) => matches(series, filter))
        .map(({ series, samples }) => ({
          series,
          values: aggregateSteps(columnsOf(samples, fromMs, steps.toMs), steps, aggregate),
        }))
        .filter(({ values }) => values.some((value) => value !== null));
    },
    series: async () => {
      demandPresent();
      return sorted(held).map(({ series, samples }) => {
        const newest = [...samples].sort(([a], [b]) => a - b).at(-1);
        return {
          series,
          newest: newest === undefined ? undefined : { timeMs: newest[0], value: newest[1] },
        };
      });
    },
    appendRollups: async (stepMs, rows) => {
      demandPresent();
      for (const { series, rollups } of rows) {
        const text = `${stepMs}\0${seriesText(series)}`;
        const entry = rolled.get(text) ?? { series, rollups: new Map() };
        rolled.set(text, entry);
        for (const rollup of rollups) entry.rollups.set(rollup.startMs, rollup);
      }
    },
    rollups: async (filter, stepMs, fromMs, toMs) => {
      demandPresent();
      return sorted(rolled)
        .map((entry, at) => ({ ...entry, step: [...rolled.keys()].sort()[at]?.split('\0')[0] }))
        .filter(({ series, step }) => step === String(stepMs) && matches(series, filter))
        .map(({ series, rollups }) => ({
          series,
          rollups: [...rollups.values()]
            .filter(({ startMs }) => startMs >= fromMs && startMs < toMs)
            .sort((a, b) => a.startMs - b.startMs),
        }))
        .filter(({ rollups }) => rollups.length > 0);
    },
    maintain: async (nowMs, retention) => {
      demandPresent();
      for (const { samples } of held.values()) {
        for (const timeMs of samples.keys())
          if (timeMs < nowMs - retention.samplesMs) samples.delete(timeMs);
      }
      for (const [text, { rollups }] of rolled) {
        const keptMs = rollupsKeptMs(retention, Number(text.split('\0')[0]));
        for (const startMs of rollups.keys()) {
          if (startMs < nowMs - keptMs) rollups.delete(startMs);
        }
      }
    },
    ping: async () => (isAway ? { ok: false, detail: 'away' } : { ok: true, detail: null }),
    close: async () => undefined,
  };
}
