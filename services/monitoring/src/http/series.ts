import type { monitoring } from '@sidestep/contracts';
import { type Clock, type FieldFault, type Handlers, ProblemError } from '@sidestep/service-kit';
import type { Aggregate } from '../domain/aggregates.ts';
import type { Inventory } from '../domain/fleet.ts';
import type { SeriesStore } from '../ports/series-store.ts';
import { groupWindows } from '../usecases/group-windows.ts';
import type { LiveSamples } from '../usecases/live-samples.ts';
import type { RollupMaker } from '../usecases/make-rollups.ts';
import { querySeries, type SeriesAnswer } from '../usecases/query-series.ts';
import {
  freshnessOfEntry,
  type SeriesCatalogue,
  type SeriesEntry,
} from '../usecases/series-catalogue.ts';
import type { SampleIntake } from '../usecases/take-samples.ts';
import { topSeries } from '../usecases/top-series.ts';
import { csvOf } from './csv.ts';
import { pageOf } from './pages.ts';
import { timestamp, timestampOrNull } from './times.ts';

type Operation =
  | 'listLatest'
  | 'queryLatest'
  | 'listSeries'
  | 'querySeries'
  | 'querySeriesCsv'
  | 'queryTop'
  | 'streamSamples'
  | 'writeSamples';
type SeriesQuery = monitoring.components['schemas']['SeriesQuery'];

/** A sample from further ahead would make its series look fresh long after it fell silent. */
const MAX_AHEAD_MS = 60_000;

export interface SeriesRoutes {
  readonly catalogue: SeriesCatalogue;
  readonly store: SeriesStore;
  readonly intake: SampleIntake;
  readonly rollups: RollupMaker;
  readonly clock: Clock;
  readonly samplesKeptMs: number;
  readonly rollupsKeptMs: number;
  readonly minutesKeptMs: number;
  readonly live: LiveSamples;
  readonly inventory: () => Inventory;
}

export function seriesHandlers(
  parts: SeriesRoutes,
): Pick<Handlers<monitoring.operations>, Operation> {
  const {
    catalogue,
    store,
    intake,
    rollups,
    clock,
    samplesKeptMs,
    rollupsKeptMs,
    minutesKeptMs,
    live,
    inventory,
  } = parts;
  const ask = async (body: SeriesQuery): Promise<SeriesAnswer> => {
    const nowMs = clock.now();
    const { metrics, resources, stepMs, groupBy, groupAggregate = 'mean' } = body;
    const question = {
      metrics,
      resources,
      stepMs,
      range: rangeOf(body, nowMs),
      aggregate: aggregateOf(body),
    };
    const { rolledUpToMs } = rollups;
    const context = { nowMs, samplesKeptMs, rollupsKeptMs, minutesKeptMs, rolledUpToMs };
    const answer = await querySeries(store, catalogue, question, context);
    if (groupBy === undefined) return answer;
    const series = groupWindows(answer.series, inventory(), groupBy, groupAggregate);
    return { ...answer, series };
  };
  return {
    listLatest: ({ query }) => latest(catalogue.matching(query), clock.now()),
    queryLatest: ({ body: { metric, resources } }) =>
      latest(
        [...new Set(resources)].flatMap((resource) => catalogue.matching({ resource, metric })),
        clock.now(),
      ),

    listSeries: ({ query }) => {
      const { page, nextCursor } = pageOf(catalogue.matching(query), ({ text }) => text, query);
      const series = page.map(({ resource, metric, labels, intervalMs, newest }) => ({
        resource,
        metric,
        labels: { ...labels },
        intervalMs: intervalMs === 'unknown' ? null : intervalMs,
        newest: timestampOrNull(newest?.timeMs),
      }));
      return { status: 200, body: { series, nextCursor } };
    },

    querySeries: async ({ body }) => {
      const answer = await ask(body);
      const series = answer.series.map(({ series: key, values }) => ({
        resource: key.resource,
        metric: key.metric,
        labels: { ...key.labels },
        values: [...values],
      }));
      return { status: 200, body: { ...answer, series } };
    },

    querySeriesCsv: async ({ body }) => ({
      status: 200,
      body: csvOf(await ask(body)),
      headers: { 'content-type': 'text/csv; charset=utf-8' },
    }),

    queryTop: async ({ body }) => {
      const { metric, resources, lastMs, limit, order = 'highest' } = body;
      const toMs = clock.now() + 1;
      const question = {
        metrics: [metric],
        resources,
        fromMs: toMs - lastMs,
        toMs,
        aggregate: aggregateOf({ ...body, aggregate: body.aggregate ?? 'mean' }),
        limit,
        order,
      };
      const top = await topSeries(store, catalogue, question);
      const series = top.map(({ labels, ...rest }) => ({ ...rest, labels: { ...labels } }));
      return { status: 200, body: { series } };
    },

    streamSamples: ({ query, signal }) => ({
      status: 200,
      stream: live.read({ metric: query.metric, resource: query.resource }, signal),
    }),

    writeSamples: async ({ body }) => {
      const latestMs = clock.now() + MAX_AHEAD_MS;
      const faults = body.samples.flatMap(({ timestampMs }, at): FieldFault[] =>
        timestampMs > latestMs
          ? [{ pointer: `/samples/${at}/timestampMs`, detail: 'lies more than a minute ahead' }]
          : [],
      );
      if (faults.length > 0) {
        throw new ProblemError('INVALID_REQUEST', 'Samples from the future are not taken', {
          errors: faults,
        });
      }
      const samples = body.samples.map(({ resource, metric, labels, timestampMs, value }) => ({
        resource,
        metric,
        labels: labels ?? {},
        timeMs: timestampMs,
        value,
      }));
      const { stored } = await intake.write(samples);
      await rollups.save();
      return { status: 200, body: { stored } };
    },
  };
}

function latest(entries: readonly SeriesEntry[], nowMs: number) {
  const samples = entries.flatMap((entry) => {
    const { resource, metric, labels, newest } = entry;
    if (newest === undefined) return [];
    const { timeMs, value } = newest;
    const fresh = freshnessOfEntry(entry, nowMs) === 'fresh';
    const ageMs = Math.max(0, nowMs - timeMs);
    return [
      {
        resource,
        metric,
        labels: { ...labels },
        timestamp: timestamp(timeMs),
        value,
        ageMs,
        fresh,
      },
    ];
  });
  samples.sort((a, b) => (a.resource < b.resource ? -1 : 1));
  return { status: 200 as const, body: { samples } };
}

function rangeOf(body: SeriesQuery, nowMs: number): { fromMs: number; toMs: number } {
  const { from, to, lastMs } = body;
  const refuse = (pointer: string, detail: string): never => {
    throw new ProblemError('INVALID_REQUEST', detail, { errors: [{ pointer, detail }] });
  };
  if (lastMs !== undefined) {
    if (from !== undefined || to !== undefined) refuse('/lastMs', 'Give lastMs, or from and to');
    return { fromMs: nowMs - lastMs, toMs: nowMs };
  }
  if (from === undefined || to === undefined) {
    return refuse(from === undefined ? '/from' : '/to', 'Give lastMs, or from and to');
  }
  const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
  return range.toMs > range.fromMs ? range : refuse('/to', 'to must lie after from');
}

function aggregateOf({
  aggregate,
  percentile,
}: Pick<SeriesQuery, 'aggregate' | 'percentile'>): Aggregate {
  if (aggregate === 'percentile' && percentile !== undefined)
    return { kind: aggregate, percentile };
  if (aggregate !== 'percentile' && percentile === undefined) return { kind: aggregate };
  const detail = 'belongs to the aggregate percentile, and to no other';
  throw new ProblemError('INVALID_REQUEST', `percentile ${detail}`, {
    errors: [{ pointer: '/percentile', detail }],
  });
}
