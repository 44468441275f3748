import { NotFound, ProblemError } from '@sidestep/service-kit';
import type { Inventory } from '../domain/fleet.ts';
import { CPU_USAGE_TYPE, rawMetricOf } from '../domain/ni-mon-names.ts';
import { isRawMetric, RAW_PREFIX } from '../domain/series.ts';
import type { SeriesStore } from '../ports/series-store.ts';
import { demandSpan } from './demand-span.ts';
import type { SeriesCatalogue, SeriesEntry } from './series-catalogue.ts';

/** One measurement as NI-Mon tells it. */
export interface Measurement {
  readonly timeMs: number;
  readonly componentType: 'node' | 'vnfinstance' | 'chain';
  readonly componentId: string;
  readonly type: string;
  readonly value: number;
}

/** Most measurements of one answer. */
export const MAX_MEASUREMENTS = 200_000;

export interface MeasurementSources {
  readonly catalogue: SeriesCatalogue;
  readonly store: SeriesStore;
  readonly inventory: () => Inventory;
}

/** NI-Mon's measurement types of a node or instance: collectd's raw readings, and the CPU use. */
export function measurementTypesOf(sources: MeasurementSources, id: string): string[] {
  const entries = sources.catalogue.matching({ resource: id });
  if (entries.length === 0) componentTypeOf(sources, id);
  const types = entries.flatMap(({ metric }) => {
    if (isRawMetric(metric)) return [metric.slice(RAW_PREFIX.length)];
    return metric.endsWith('.cpuPercent') ? [CPU_USAGE_TYPE] : [];
  });
  return [...new Set(types)].sort();
}

export async function measurementsOf(
  sources: MeasurementSources,
  id: string,
  type: string,
  fromMs: number,
  toMs: number,
): Promise<Measurement[]> {
  demandSpan(sources.store, fromMs, toMs + 1);
  const entry = entryOf(sources, id, type);
  const componentType = componentTypeOf(sources, id);
  const measurements: Measurement[] = [];
  const filter = { metrics: [entry.metric], resources: [id] };
  // NI-Mon's end is part of its range; ours is not.
  for await (const { columns } of sources.store.samples(filter, fromMs, toMs + 1)) {
    if (columns.values.length > MAX_MEASUREMENTS) {
      throw new ProblemError(
        'QUERY_TOO_LARGE',
        `${columns.values.length} measurements are more than ${MAX_MEASUREMENTS}: ask for a shorter range`,
      );
    }
    for (let at = 0; at < columns.values.length; at += 1) {
      measurements.push({
        timeMs: columns.timesMs[at] ?? 0,
        value: columns.values[at] ?? 0,
        componentType,
        componentId: id,
        type,
      });
    }
  }
  return measurements;
}

export function lastMeasurementOf(
  sources: MeasurementSources,
  id: string,
  type: string,
): Measurement {
  const { newest } = entryOf(sources, id, type);
  if (newest === undefined) throw new NotFound('measurement', `${type} of ${id}`);
  return { ...newest, componentType: componentTypeOf(sources, id), componentId: id, type };
}

function entryOf(sources: MeasurementSources, id: string, type: string): SeriesEntry {
  const entries = sources.catalogue.matching({ resource: id });
  if (entries.length === 0) componentTypeOf(sources, id);
  const raw = rawMetricOf(type);
  const found =
    type === CPU_USAGE_TYPE
      ? entries.find(({ metric }) => metric.endsWith('.cpuPercent'))
      : entries.find(({ metric }) => metric === raw);
  if (found === undefined) throw new NotFound('measurement type', `${type} of ${id}`);
  return found;
}

/** What the id means; one that neither the inventory nor any series knows is refused. */
function componentTypeOf(
  { catalogue, inventory }: MeasurementSources,
  id: string,
): Measurement['componentType'] {
  const { hosts, servers, chains } = inventory();
  if (hosts.some((host) => host.id === id)) return 'node';
  if (servers.some((server) => server.id === id)) return 'vnfinstance';
  if (chains.some((chain) => chain.id === id)) return 'chain';
  const [entry] = catalogue.matching({ resource: id }).filter(({ metric }) => !isRawMetric(metric));
  if (entry === undefined && catalogue.matching({ resource: id }).length === 0) {
    throw new NotFound('node or instance', id);
  }
  if (entry?.metric.startsWith('server.')) return 'vnfinstance';
  return entry?.metric.startsWith('chain.') ? 'chain' : 'node';
}
