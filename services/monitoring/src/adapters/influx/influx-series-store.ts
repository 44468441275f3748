import { InfluxDB } from '@influxdata/influxdb-client';
import { type Aggregate, aggregateSteps, type Steps, stepCount } from '../../domain/aggregates.ts';
import type { SeriesRollups } from '../../domain/rollup.ts';
import { type SampleBatch, type SeriesKey, seriesText } from '../../domain/series.ts';
import {
  rollupsKeptMs,
  type SeriesFilter,
  type SeriesSamples,
  type SeriesStore,
  type SeriesWindow,
} from '../../ports/series-store.ts';
import {
  InfluxError,
  type InfluxOptions,
  type InfluxSeries,
  influxHeaders,
  influxQuery,
} from './influx-http.ts';
import { linePrefix, quoteIdentifier, seriesOfTags, tagValue } from './line-protocol.ts';

/** Lines of one request: well below influxd's limit of 25 MB a body. */
const LINES_PER_REQUEST = 20_000;
/** More resources than this are picked from the answer instead of being named in the query. */
const MAX_NAMED_RESOURCES = 50;
/** Smaller bodies are sent as they are. */
const GZIP_FROM_BYTES = 1000;
const PRUNE_EVERY_MS = 3_600_000;
const ROLLUP_PREFIX = 'rollup.';
const ROLLUP_FIELDS = ['count', 'mean', 'min', 'max', 'last'] as const;

const bySeries = (a: { series: SeriesKey }, b: { series: SeriesKey }): number =>
  seriesText(a.series) < seriesText(b.series) ? -1 : 1;

const isLoopback = (url: string): boolean =>
  /^(localhost|127(\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);

const rollupMeasurement = (stepMs: number, metric: string): string =>
  `${ROLLUP_PREFIX}${stepMs}.${metric}`;

/**
 * Samples in an InfluxDB: line protocol in, InfluxQL out, which 1.x, 2.x and 3 Core all speak. One measurement a metric, tags
 * `resource` and `label_…`, field `value`; rollups in measurements of their own.
 */
export function influxSeriesStore(options: InfluxOptions): SeriesStore {
  const query = influxQuery(options);
  const timeoutMs = options.timeoutMs ?? 10_000;
  const client = new InfluxDB({
    url: options.url,
    timeout: timeoutMs,
    headers: influxHeaders(options),
  });
  // Flushed by hand and never retried in the background: a sample counts as stored when its flush was answered.
  const writer = client.getWriteApi('', options.database, 'ms', {
    batchSize: LINES_PER_REQUEST * 2,
    maxBatchBytes: 100 * 1024 * 1024,
    flushInterval: 0,
    maxRetries: 0,
    // Compressing takes a third of a batch's CPU (1 us a line): it has to save a network's time.
    gzipThreshold: isLoopback(options.url) ? Number.MAX_SAFE_INTEGER : GZIP_FROM_BYTES,
    // The caller hears of a failure by the rejected flush; the client's own would log to the console as well.
    writeFailed: (error) => Promise.reject(error),
  });
  writer.path = `/write?db=${encodeURIComponent(options.database)}&precision=ms`;
  const prefixes = new WeakMap<SeriesKey, string>();
  let ready: Promise<unknown> | undefined;
  let writing: Promise<void> = Promise.resolve();
  let prunedAtMs = 0;

  /** 1.x has to be told once; 2.x and 3 have the bucket already and refuse, which is no fault. */
  const prepare = (): Promise<unknown> => {
    ready ??= query(`CREATE DATABASE ${quoteIdentifier(options.database)}`, {}, 'POST').catch(
      (error: unknown) => {
        if (options.token !== undefined) return;
        ready = undefined;
        throw error;
      },
    );
    return ready;
  };

  const prefixOf = (series: SeriesKey): string => {
    const known = prefixes.get(series);
    if (known !== undefined) return known;
    const made = linePrefix(series);
    prefixes.set(series, made);
    return made;
  };

  /** One batch at a time: the client's buffer is one, and a flush must answer for its own lines only. */
  const write = (lines: readonly string[]): Promise<void> => {
    const turn = writing.then(async () => {
      await prepare();
      for (let at = 0; at < lines.length; at += LINES_PER_REQUEST) {
        writer.writeRecords(lines.slice(at, at + LINES_PER_REQUEST));
        await writer.flush().catch((error: unknown) => {
          const detail = error instanceof Error ? error.message : String(error);
          throw new InfluxError(`InfluxDB took no samples: ${detail}`, { cause: error });
        });
      }
    });
    writing = turn.catch(() => undefined);
    return turn;
  };

  const select = async (
    fields: string,
    measurement: string,
    filter: SeriesFilter,
    fromMs: number,
    toMs: number,
    grouping = 'GROUP BY *',
  ): Promise<InfluxSeries[]> => {
    const { resources } = filter;
    const params: Record<string, string> = {};
    let where = `time >= ${Math.ceil(fromMs)}ms AND time < ${Math.ceil(toMs)}ms`;
    if (resources !== undefined && resources.length <= MAX_NAMED_RESOURCES) {
      for (const [at, resource] of resources.entries()) params[`r${at}`] = tagValue(resource);
      where += ` AND (${Object.keys(params)
        .map((name) => `resource = $${name}`)
        .join(' OR ')})`;
    }
    const rows = await query(
      `SELECT ${fields} FROM ${quoteIdentifier(measurement)} WHERE ${where} ${grouping}`,
      params,
    );
    if (resources === undefined) return rows;
    const wanted = new Set(resources.map(tagValue));
    return rows.filter(({ tags }) => wanted.has(tags.resource ?? ''));
  };

  const readSamples = async (
    metric: string,
    filter: SeriesFilter,
    fromMs: number,
    toMs: number,
  ): Promise<SeriesSamples[]> => {
    const rows = await select('"value"', metric, filter, fromMs, toMs);
    return rows
      .map(({ tags, values }) => ({
        series: seriesOfTags(metric, tags),
        columns: {
          timesMs: values.map(([time]) => Number(time)),
          values: values.map(([, value]) => Number(value)),
        },
      }))
      .sort(bySeries);
  };

  const metricsOf = (filter: SeriesFilter): string[] =>
    filter.resources?.length === 0 ? [] : [...new Set(filter.metrics)].sort();

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
    const rows = await select(
      `${aggregate.kind}("value")`,
      metric,
      filter,
      fromMs,
      toMs,
      `GROUP BY time(${stepMs}ms), * fill(none)`,
    );
    return rows.map(({ tags, values }) => {
      const row: (number | null)[] = new Array(stepCount(steps)).fill(null);
      for (const [time, value] of values) {
        const step = Math.round((Number(time) - fromMs) / stepMs);
        if (value !== null && step >= 0 && step < row.length) row[step] = Number(value);
      }
      return { series: seriesOfTags(metric, tags), values: row };
    });
  };

  return {
    append: async (batch: SampleBatch) => {
      const lines: string[] = new Array(batch.length);
      for (const [at, series] of batch.series.entries()) {
        lines[at] = `${prefixOf(series)} value=${batch.value(at)} ${Math.floor(batch.timeMs(at))}`;
      }
      await write(lines);
    },

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
      const rows = await query('SELECT last("value") FROM /.*/ GROUP BY *');
      return rows.map(({ name, tags, values }) => {
        const [time, value] = values[0] ?? [];
        return {
          series: seriesOfTags(name, tags),
          newest:
            time === undefined || value === undefined
              ? undefined
              : { timeMs: Number(time), value: Number(value) },
        };
      });
    },

    appendRollups: async (stepMs, rows) => {
      await write(
        rows.flatMap(({ series, rollups }) => {
          const prefix = linePrefix(series, rollupMeasurement(stepMs, series.metric));
          return rollups.map((rollup) => {
            const fields = ROLLUP_FIELDS.map((field) => `${field}=${rollup[field]}`).join(',');
            return `${prefix} ${fields} ${rollup.startMs}`;
          });
        }),
      );
    },

    rollups: async (filter, stepMs, fromMs, toMs) => {
      const result: SeriesRollups[] = [];
      const fields = ROLLUP_FIELDS.map((field) => `"${field}"`).join(', ');
      for (const metric of metricsOf(filter)) {
        const measurement = rollupMeasurement(stepMs, metric);
        for (const { tags, values } of await select(fields, measurement, filter, fromMs, toMs)) {
          const rollups = values.map(([time, count, mean, min, max, last]) => ({
            startMs: Number(time),
            count: Number(count),
            mean: Number(mean),
            min: Number(min),
            max: Number(max),
            last: Number(last),
          }));
          result.push({ series: seriesOfTags(metric, tags), rollups });
        }
      }
      return result.sort(bySeries);
    },

    maintain: async (nowMs, retention) => {
      if (nowMs - prunedAtMs < PRUNE_EVERY_MS) return;
      prunedAtMs = nowMs;
      const measurements = await query('SHOW MEASUREMENTS');
      for (const [name] of measurements.flatMap(({ values }) => values)) {
        const measurement = String(name);
        const keptMs = measurement.startsWith(ROLLUP_PREFIX)
          ? rollupsKeptMs(retention, Number.parseInt(measurement.slice(ROLLUP_PREFIX.length), 10))
          : retention.samplesMs;
        if (!Number.isFinite(keptMs)) continue;
        const before = `${Math.floor(nowMs - keptMs)}ms`;
        await query(
          `DELETE FROM ${quoteIdentifier(measurement)} WHERE time < ${before}`,
          {},
          'POST',
        );
      }
    },

    ping: async () => {
      try {
        await query('SHOW DATABASES');
        return { ok: true, detail: null };
      } catch (error) {
        return { ok: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },

    close: async () => {
      await writing;
      writer.dispose();
    },
  };
}
