import { type Aggregate, aggregateSteps, type Steps, stepCount } from '../../domain/aggregates.ts';
import type { SeriesRollups } from '../../domain/rollup.ts';
import { type SeriesKey, seriesText } from '../../domain/series.ts';
import {
  rollupsKeptMs,
  type SeriesFilter,
  type SeriesSamples,
  type SeriesStore,
  type SeriesWindow,
  type StoredSeries,
} from '../../ports/series-store.ts';
import { mannersOf } from './generations.ts';
import {
  InfluxError,
  type InfluxOptions,
  type InfluxSeries,
  influxQuery,
  influxVersion,
} from './influx-http.ts';
import { influxWriter } from './influx-writer.ts';
import { decodeTag, quoteIdentifier, quoteTag, seriesOfTags, tagsOf } from './line-protocol.ts';
import { type MetricPlace, placeOf, RAW_TABLE } from './metric-place.ts';
import { PointLines } from './point-lines.ts';
import {
  isRollupTable,
  ROLLUP_FIELDS,
  rollupLines,
  rollupTable,
  stepOfRollup,
} from './rollup-lines.ts';

/** More resources than this are picked from the answer instead of being named in the query. */
const MAX_NAMED_RESOURCES = 50;
const PRUNE_EVERY_MS = 3_600_000;
const QUESTIONS_AT_ONCE = 4;

const bySeries = (a: { series: SeriesKey }, b: { series: SeriesKey }): number =>
  seriesText(a.series) < seriesText(b.series) ? -1 : 1;

const metricsOf = (filter: SeriesFilter): string[] =>
  filter.resources?.length === 0 ? [] : [...new Set(filter.metrics)].sort();

/**
 * Samples in an InfluxDB: line protocol in, InfluxQL out, which 1.x, 2.x and 3 Core all speak. What was measured of a resource at
 * one time are fields of one point, see placeOf; rollups stand in tables of their own.
 */
export function influxSeriesStore(options: InfluxOptions): SeriesStore {
  const generation = options.generation ?? '1';
  const manners = mannersOf[generation];
  const query = influxQuery(options);
  const points = new PointLines();
  let ready: Promise<unknown> | undefined;
  let prunedAtMs = 0;

  const prepare = (): Promise<unknown> => {
    const create = `CREATE DATABASE ${quoteIdentifier(options.database)}`;
    ready ??= manners.createsDatabases ? query(create, 'POST') : Promise.resolve();
    ready.catch(() => {
      ready = undefined;
    });
    return ready;
  };
  const writer = influxWriter(options, prepare);

  const select = async (
    fields: string,
    table: string,
    place: MetricPlace,
    filter: SeriesFilter,
    fromMs: number,
    toMs: number,
    grouping = '',
  ): Promise<InfluxSeries[]> => {
    const { resources } = filter;
    const conditions = [`time >= ${Math.ceil(fromMs)}ms`, `time < ${Math.ceil(toMs)}ms`];
    if (place.part !== undefined) conditions.push(`"part" = ${quoteTag(place.part)}`);
    if (resources !== undefined && resources.length <= MAX_NAMED_RESOURCES) {
      const named = resources.map((resource) => `"resource" = ${quoteTag(resource)}`);
      conditions.push(`(${named.join(' OR ')})`);
    }
    const rows = await query(
      `SELECT ${fields} FROM ${quoteIdentifier(table)} WHERE ${conditions.join(' AND ')} GROUP BY ${groupsOf(place, grouping)}`,
    );
    if (resources === undefined) return rows;
    const wanted = new Set(resources);
    return rows.filter(({ tags }) => wanted.has(decodeTag(tags.resource ?? '')));
  };

  /** A metric's labelled series can stand elsewhere than its others. */
  const placesOf = (metric: string): MetricPlace[] => {
    const places = [placeOf(metric, false), placeOf(metric, true)];
    return places[0]?.table === places[1]?.table ? places.slice(0, 1) : places;
  };

  const readSamples = async (
    metric: string,
    filter: SeriesFilter,
    fromMs: number,
    toMs: number,
  ): Promise<SeriesSamples[]> => {
    const found: SeriesSamples[] = [];
    for (const place of placesOf(metric)) {
      const { table, field } = place;
      for (const { tags, values } of await select(
        quoteIdentifier(field),
        table,
        place,
        filter,
        fromMs,
        toMs,
      )) {
        const rows = values.filter(([, value]) => value !== null);
        const columns = {
          timesMs: rows.map(([time]) => Number(time)),
          values: rows.map(([, value]) => Number(value)),
        };
        found.push({ series: seriesOfTags(table, field, tags), columns });
      }
    }
    return found.sort(bySeries);
  };

  const windowsOf = async (
    metric: string,
    filter: SeriesFilter,
    steps: Steps,
    aggregate: Aggregate,
  ): Promise<SeriesWindow[]> => {
    const { fromMs, toMs, stepMs } = steps;
    if (aggregate.kind === 'percentile' || aggregate.kind === 'rate') {
      // InfluxQL's percentile rounds its rank in another way, and it knows no rate that forgives resets.
      const backMs = aggregate.kind === 'rate' ? stepMs : 0;
      const samples = await readSamples(metric, filter, fromMs - backMs, toMs);
      return samples.map(({ series, columns }) => ({
        series,
        values: aggregateSteps(columns, steps, aggregate),
      }));
    }
    const windows: SeriesWindow[] = [];
    for (const place of placesOf(metric)) {
      const { table, field } = place;
      const asked = `${aggregate.kind}(${quoteIdentifier(field)})`;
      const grouping = `time(${stepMs}ms), `;
      for (const { tags, values } of await select(
        asked,
        table,
        place,
        filter,
        fromMs,
        toMs,
        grouping,
      )) {
        const row: (number | null)[] = new Array(stepCount(steps)).fill(null);
        for (const [time, value] of values) {
          const step = Math.round((Number(time) - fromMs) / stepMs);
          const isCounted = value !== null && !(aggregate.kind === 'count' && value === 0);
          if (isCounted && step >= 0 && step < row.length) row[step] = Number(value);
        }
        windows.push({ series: seriesOfTags(table, field, tags), values: row });
      }
    }
    return windows;
  };

  /** The newest sample of each series of a field. */
  const newestOf = async (table: string, field: string): Promise<StoredSeries[]> => {
    const { newestWithinMs } = manners;
    const part = table === RAW_TABLE ? '' : undefined;
    const since = newestWithinMs === undefined ? '' : ` WHERE time > now() - ${newestWithinMs}ms`;
    const rows = await query(
      `SELECT last(${quoteIdentifier(field)}) FROM ${quoteIdentifier(table)}${since} GROUP BY ${groupsOf({ part })}`,
    );
    return rows.map(({ tags, values }) => {
      const [time, value] = values[0] ?? [];
      const isThere = time !== undefined && value !== undefined && value !== null;
      return {
        series: seriesOfTags(table, field, tags),
        newest: isThere ? { timeMs: Number(time), value: Number(value) } : undefined,
      };
    });
  };

  return {
    limits: manners.limits,

    append: (batch) => writer.write(points.lines(batch)),

    samples: async function* (filter, fromMs, toMs) {
      for (const metric of metricsOf(filter))
        yield* await readSamples(metric, filter, fromMs, toMs);
    },

    windows: async (filter, steps, aggregate) => {
      const windows: SeriesWindow[] = [];
      for (const metric of metricsOf(filter)) {
        windows.push(...(await windowsOf(metric, filter, steps, aggregate)));
      }
      return windows.filter(({ values }) => values.some((value) => value !== null)).sort(bySeries);
    },

    series: async () => {
      await prepare();
      const tables = await query('SHOW FIELD KEYS');
      const fields = tables
        .map(({ name, values }) => ({ table: decodeTag(name), values }))
        .filter(({ table }) => !isRollupTable(table))
        .flatMap(({ table, values }) =>
          values.map(([field]) => ({ table, field: decodeTag(String(field)) })),
        );
      const found: StoredSeries[] = [];
      const ask = async (): Promise<void> => {
        for (let next = fields.pop(); next !== undefined; next = fields.pop()) {
          found.push(...(await newestOf(next.table, next.field)));
        }
      };
      await Promise.all(Array.from({ length: QUESTIONS_AT_ONCE }, ask));
      return found;
    },

    appendRollups: (stepMs, rows) => writer.write(rollupLines(stepMs, rows)),

    rollups: async (filter, stepMs, fromMs, toMs) => {
      const result: SeriesRollups[] = [];
      for (const metric of metricsOf(filter)) {
        for (const place of placesOf(metric)) {
          const { field } = place;
          const fields = ROLLUP_FIELDS.map((name) => quoteIdentifier(`${field}.${name}`)).join(
            ', ',
          );
          const table = rollupTable(stepMs, place.table);
          for (const { tags, values } of await select(fields, table, place, filter, fromMs, toMs)) {
            const rollups = values.map(([time, count, mean, min, max, last]) => ({
              startMs: Number(time),
              count: Number(count),
              mean: Number(mean),
              min: Number(min),
              max: Number(max),
              last: Number(last),
            }));
            result.push({ series: seriesOfTags(place.table, field, tags), rollups });
          }
        }
      }
      return result.sort(bySeries);
    },

    maintain: async (nowMs, retention) => {
      if (!manners.deletes || nowMs - prunedAtMs < PRUNE_EVERY_MS) return;
      prunedAtMs = nowMs;
      const measurements = await query('SHOW MEASUREMENTS');
      for (const [name] of measurements.flatMap(({ values }) => values)) {
        const table = decodeTag(String(name));
        const stepMs = stepOfRollup(table);
        const keptMs =
          stepMs === undefined ? retention.samplesMs : rollupsKeptMs(retention, stepMs);
        if (!Number.isFinite(keptMs)) continue;
        const before = `${Math.floor(nowMs - keptMs)}ms`;
        await query(`DELETE FROM ${quoteIdentifier(table)} WHERE time < ${before}`, 'POST');
      }
    },

    ping: async () => {
      try {
        await demandGeneration();
        await query('SHOW DATABASES');
        return { ok: true, detail: null };
      } catch (error) {
        return { ok: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },

    close: () => writer.close(),
  };

  async function demandGeneration(): Promise<void> {
    const version = await influxVersion(options);
    if (version === undefined || version.startsWith(`${generation}.`)) return;
    throw new InfluxError(
      `InfluxDB ${version} answers, and SIDESTEP_INFLUXDB_GENERATION says ${generation}`,
    );
  }
}

const groupsOf = (place: Pick<MetricPlace, 'part'>, before = ''): string =>
  `${before}${tagsOf(place).map(quoteIdentifier).join(', ')}${before === '' ? '' : ' fill(none)'}`;
