import { ProblemError } from '@sidestep/service-kit';
import { type Aggregate, type Steps, stepCount, stepsCovering } from '../domain/aggregates.ts';
import { aggregateRollups, type RollupAggregate, rollupAggregates } from '../domain/rollup.ts';
import { isRawMetric } from '../domain/series.ts';
import type { SeriesFilter, SeriesStore, SeriesWindow } from '../ports/series-store.ts';
import { demandSpan } from './demand-span.ts';
import { MINUTE_MS, ROLLUP_STEP_MS } from './make-rollups.ts';
import type { SeriesCatalogue } from './series-catalogue.ts';

/** A question for windows of samples. */
export interface SeriesQuestion extends SeriesFilter {
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly stepMs: number;
  readonly aggregate: Aggregate;
}

export interface SeriesAnswer extends Steps {
  readonly steps: number;
  readonly series: readonly SeriesWindow[];
}

/** What is kept in which form, as of now. */
export interface QueryContext {
  readonly nowMs: number;
  readonly samplesKeptMs: number;
  /** Of the rollups of less than a minute; default for ever. */
  readonly rollupsKeptMs?: number;
  readonly rolledUpToMs: number;
}

/** Most steps that one answer may hold, over all its series. */
export const MAX_STEPS = 2_000_000;

// Beyond so long a range the rollups are read in place of the samples, where they can answer exactly.
const ROLLUPS_BEYOND_MS = 6 * 3_600_000;

/** Answers a question, or says how to narrow it. */
export async function querySeries(
  store: SeriesStore,
  catalogue: SeriesCatalogue,
  question: SeriesQuestion,
  context: QueryContext,
): Promise<SeriesAnswer> {
  const { range, stepMs, aggregate, ...filter } = question;
  const steps = stepsCovering(range.fromMs, range.toMs, stepMs);
  demandSpan(store, steps.fromMs, steps.toMs);
  const matching = countMatching(catalogue, filter);
  const count = stepCount(steps);
  if (count * Math.max(1, matching) > MAX_STEPS) {
    throw new ProblemError(
      'QUERY_TOO_LARGE',
      `${matching} series × ${count} steps are more than ${MAX_STEPS}: ask for fewer resources, a shorter range or a longer step`,
    );
  }
  const old = steps.fromMs < context.nowMs - context.samplesKeptMs;
  const long = steps.toMs - steps.fromMs > ROLLUPS_BEYOND_MS;
  const kind = rollupAggregates.find((known) => known === aggregate.kind);
  const rolled =
    kind !== undefined && stepMs % ROLLUP_STEP_MS === 0 && !filter.metrics.some(isRawMetric);
  const series =
    (old || long) && rolled
      ? await fromRollups(store, filter, steps, kind, context)
      : await store.windows(filter, steps, aggregate);
  return { ...steps, steps: count, series };
}

function countMatching(catalogue: SeriesCatalogue, filter: SeriesFilter): number {
  const resources = filter.resources === undefined ? undefined : new Set(filter.resources);
  return filter.metrics
    .flatMap((metric) => catalogue.matching({ metric }))
    .filter(({ resource }) => resources?.has(resource) ?? true).length;
}

/** Rollups for what is rolled up for certain, samples for the newest steps. */
async function fromRollups(
  store: SeriesStore,
  filter: SeriesFilter,
  steps: Steps,
  aggregate: RollupAggregate,
  { nowMs, rolledUpToMs, rollupsKeptMs = Number.POSITIVE_INFINITY }: QueryContext,
): Promise<SeriesWindow[]> {
  const { fromMs, toMs, stepMs } = steps;
  const borderMs =
    Math.floor(Math.min(nowMs - ROLLUPS_BEYOND_MS / 6, rolledUpToMs) / stepMs) * stepMs;
  const splitMs = Math.min(toMs, Math.max(fromMs, borderMs));
  const beyond = fromMs < nowMs - rollupsKeptMs && stepMs % MINUTE_MS === 0;
  const rollupStepMs = beyond ? MINUTE_MS : ROLLUP_STEP_MS;
  const older = await store.rollups(filter, rollupStepMs, fromMs, splitMs);
  const newer =
    splitMs < toMs
      ? await store.windows(filter, { fromMs: splitMs, toMs, stepMs }, { kind: aggregate })
      : [];
  const windows = new Map<string, { series: SeriesWindow['series']; values: (number | null)[] }>();
  const windowOf = (series: SeriesWindow['series']) => {
    const key = JSON.stringify([
      series.metric,
      series.resource,
      Object.entries(series.labels).sort(),
    ]);
    const known = windows.get(key);
    if (known !== undefined) return known;
    const values: (number | null)[] = new Array(stepCount(steps)).fill(null);
    const made = { series, values };
    windows.set(key, made);
    return made;
  };
  for (const { series, rollups } of older) {
    const values = aggregateRollups(rollups, { fromMs, toMs: splitMs, stepMs }, aggregate);
    for (const [at, value] of values.entries()) windowOf(series).values[at] = value;
  }
  const offset = Math.round((splitMs - fromMs) / stepMs);
  for (const { series, values } of newer) {
    for (const [at, value] of values.entries()) windowOf(series).values[offset + at] = value;
  }
  return [...windows.values()];
}
