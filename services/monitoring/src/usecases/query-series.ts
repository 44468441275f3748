import { ProblemError } from '@sidestep/service-kit';
import { type Aggregate, type Steps, stepCount, stepsCovering } from '../domain/aggregates.ts';
import {
  aggregateRollups,
  type RollupAggregate,
  rollupAggregates,
  type SeriesRollups,
} from '../domain/rollup.ts';
import { isRawMetric } from '../domain/series.ts';
import type { SeriesFilter, SeriesStore, SeriesWindow } from '../ports/series-store.ts';
import { demandReads } from './demand-reads.ts';
import { demandSpan } from './demand-span.ts';
import { MINUTE_MS, ROLLUP_STEP_MS } from './make-rollups.ts';
import { intervalOf, type SeriesCatalogue, type SeriesEntry } from './series-catalogue.ts';

/** A question for windows of samples. */
export interface SeriesQuestion extends SeriesFilter {
  readonly range: { readonly fromMs: number; readonly toMs: number };
  readonly stepMs: number;
  readonly aggregate: Aggregate;
}

export interface SeriesAnswer extends Steps {
  readonly steps: number;
  readonly series: readonly SeriesWindow[];
  /** From when on there is anything to answer from, and why; absent where all of the range is kept. */
  readonly note?: string;
}

interface Matched extends SeriesFilter {
  readonly matching: readonly SeriesEntry[];
}

/** What is kept in which form, as of now. */
export interface QueryContext {
  readonly nowMs: number;
  readonly samplesKeptMs: number;
  /** Of the rollups of less than a minute; default for ever. */
  readonly rollupsKeptMs?: number;
  /** Of those of a minute; default for ever. */
  readonly minutesKeptMs?: number;
  readonly rolledUpToMs: number;
}

/** Most steps that one answer may hold, over all its series. */
export const MAX_STEPS = 2_000_000;

// Beyond so long a range the rollups are read in place of the samples, where they can answer exactly.
const ROLLUPS_BEYOND_MS = 6 * 3_600_000;
// What is past its retention is forgotten within the hour; a range that was meant to fit begins a step earlier.
const SLACK_MS = 3_600_000;
const ROLLUPS_AT_ONCE = 100_000;

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
  const matching = matchingOf(catalogue, filter);
  const count = stepCount(steps);
  if (count * Math.max(1, matching.length) > MAX_STEPS) {
    throw new ProblemError(
      'QUERY_TOO_LARGE',
      `${matching.length} series × ${count} steps are more than ${MAX_STEPS}: ask for fewer resources, a shorter range or a longer step`,
    );
  }
  const old = steps.fromMs < context.nowMs - context.samplesKeptMs;
  const long = steps.toMs - steps.fromMs > ROLLUPS_BEYOND_MS;
  const kind = rollupAggregates.find((known) => known === aggregate.kind);
  const rolled =
    kind !== undefined && stepMs % ROLLUP_STEP_MS === 0 && !filter.metrics.some(isRawMetric);
  const form = (old || long) && rolled ? formOfRollups(steps, context) : samplesForm(context);
  const keptFromMs = Math.max(steps.fromMs, context.nowMs - form.keptMs);
  const note = keptFromMs > steps.fromMs + SLACK_MS ? { note: noteOf(form, keptFromMs) } : {};
  const readMs = Math.max(0, Math.min(steps.toMs, context.nowMs) - keptFromMs);
  demandReads(
    form.of === 'samples'
      ? matching.reduce((sum, entry) => sum + readMs / Math.max(1000, intervalOf(entry)), 0)
      : (matching.length * readMs) / form.stepMs,
    form.of,
  );
  const series =
    form.of === 'rollups' && kind !== undefined
      ? await fromRollups(store, { ...filter, matching }, steps, kind, form.stepMs, context)
      : await store.windows(filter, steps, aggregate);
  return { ...steps, steps: count, series, ...note };
}

/** What an answer is made from, and how far back that is kept. */
type Form =
  | { readonly of: 'samples'; readonly keptMs: number }
  | { readonly of: 'rollups'; readonly stepMs: number; readonly keptMs: number };

const samplesForm = ({ samplesKeptMs }: QueryContext): Form => ({
  of: 'samples',
  keptMs: samplesKeptMs,
});

function formOfRollups(
  { fromMs, stepMs }: Steps,
  {
    nowMs,
    rollupsKeptMs = Number.POSITIVE_INFINITY,
    minutesKeptMs = Number.POSITIVE_INFINITY,
  }: QueryContext,
): Form {
  const beyond = fromMs < nowMs - rollupsKeptMs && stepMs % MINUTE_MS === 0;
  return beyond
    ? { of: 'rollups', stepMs: MINUTE_MS, keptMs: minutesKeptMs }
    : { of: 'rollups', stepMs: ROLLUP_STEP_MS, keptMs: rollupsKeptMs };
}

function noteOf(form: Form, keptFromMs: number): string {
  const from = new Date(keptFromMs).toISOString();
  if (form.of === 'samples') {
    return `Nothing from before ${from}: this needs samples, and they are kept no longer. Mean, max, min, last and count of canonical metrics, in steps that are multiples of ${ROLLUP_STEP_MS} ms, are kept for longer`;
  }
  return form.stepMs < MINUTE_MS
    ? `Nothing from before ${from}: of what is older only steps that are multiples of ${MINUTE_MS} ms are kept`
    : `Nothing from before ${from}: nothing is kept for longer`;
}

function matchingOf(catalogue: SeriesCatalogue, filter: SeriesFilter): SeriesEntry[] {
  const resources = filter.resources === undefined ? undefined : new Set(filter.resources);
  return filter.metrics
    .flatMap((metric) => catalogue.matching({ metric }))
    .filter(({ resource }) => resources?.has(resource) ?? true);
}

/** Rollups of the series, not too many resources at once: each rollup is an object until it is in its step. */
async function* rollupsOf(
  store: SeriesStore,
  { metrics, resources: named, matching }: Matched,
  stepMs: number,
  fromMs: number,
  toMs: number,
): AsyncGenerator<SeriesRollups> {
  const resources = [...new Set(matching.map(({ resource }) => resource))].sort();
  const each = ((toMs - fromMs) / stepMs) * (matching.length / Math.max(1, resources.length));
  const atOnce = Math.max(1, Math.floor(ROLLUPS_AT_ONCE / Math.max(1, each)));
  for (let at = 0; at < resources.length; at += atOnce) {
    // All at once by the names that were asked for, if any: a store may know series that were silent for too long to be listed.
    const filter = {
      metrics,
      resources: resources.length <= atOnce ? named : resources.slice(at, at + atOnce),
    };
    yield* await store.rollups(filter, stepMs, fromMs, toMs);
  }
}

/** Rollups for what is rolled up for certain, samples for the newest steps. */
async function fromRollups(
  store: SeriesStore,
  filter: Matched,
  steps: Steps,
  aggregate: RollupAggregate,
  rollupStepMs: number,
  { nowMs, samplesKeptMs, rolledUpToMs }: QueryContext,
): Promise<SeriesWindow[]> {
  const { fromMs, toMs, stepMs } = steps;
  const wholeMs = Math.floor(rolledUpToMs / stepMs) * stepMs;
  // Though something old came late: of what is older than any sample the rollups are all there is.
  const samplesFromMs = Math.ceil((nowMs - samplesKeptMs) / stepMs) * stepMs;
  const newestMs = Math.floor((nowMs - ROLLUPS_BEYOND_MS / 6) / stepMs) * stepMs;
  const borderMs = Math.min(newestMs, Math.max(wholeMs, samplesFromMs));
  const splitMs = Math.min(toMs, Math.max(fromMs, borderMs));
  const newer =
    splitMs < toMs
      ? await store.windows(
          { metrics: filter.metrics, resources: filter.resources },
          { fromMs: splitMs, toMs, stepMs },
          { kind: aggregate },
        )
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
  const older = rollupsOf(store, filter, rollupStepMs, fromMs, splitMs);
  for await (const { series, rollups } of older) {
    const values = aggregateRollups(rollups, { fromMs, toMs: splitMs, stepMs }, aggregate);
    for (const [at, value] of values.entries()) windowOf(series).values[at] = value;
  }
  const offset = Math.round((splitMs - fromMs) / stepMs);
  for (const { series, values } of newer) {
    for (const [at, value] of values.entries()) windowOf(series).values[offset + at] = value;
  }
  return [...windows.values()];
}
