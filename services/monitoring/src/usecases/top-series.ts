import type { Aggregate } from '../domain/aggregates.ts';
import type { SeriesKey } from '../domain/series.ts';
import type { SeriesFilter, SeriesStore } from '../ports/series-store.ts';
import { demandReads } from './demand-reads.ts';
import { intervalOf, type SeriesCatalogue } from './series-catalogue.ts';

/** A question for the series that stand out. */
export interface TopQuestion extends SeriesFilter {
  readonly fromMs: number;
  readonly toMs: number;
  readonly aggregate: Aggregate;
  readonly limit: number;
  readonly order: 'highest' | 'lowest';
}

/** The series whose aggregate over the whole range is highest or lowest, the furthest first. */
export async function topSeries(
  store: Pick<SeriesStore, 'windows'>,
  catalogue: SeriesCatalogue,
  { metrics, resources, fromMs, toMs, aggregate, limit, order }: TopQuestion,
): Promise<(SeriesKey & { readonly value: number })[]> {
  const wanted = resources === undefined ? undefined : new Set(resources);
  const expected = metrics
    .flatMap((metric) => catalogue.matching({ metric }))
    .filter(({ resource }) => wanted?.has(resource) ?? true)
    .reduce((sum, entry) => sum + (toMs - fromMs) / Math.max(1000, intervalOf(entry)), 0);
  demandReads(expected, 'samples');
  const steps = { fromMs, toMs, stepMs: toMs - fromMs };
  const windows = await store.windows({ metrics, resources }, steps, aggregate);
  const sign = order === 'highest' ? -1 : 1;
  return windows
    .flatMap(({ series, values }) => {
      const value = values[0] ?? null;
      const { resource, metric, labels } = series;
      return value === null ? [] : [{ resource, metric, labels, value }];
    })
    .sort((a, b) => sign * (a.value - b.value))
    .slice(0, limit);
}
