import { type Columns, firstAtOrAfter } from './aggregates.ts';
import type { SeriesKey } from './series.ts';

/** What is kept of the samples of one step when the samples themselves are gone. */
export interface Rollup {
  readonly startMs: number;
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
  readonly last: number;
}

/** A series' rollups, oldest first. */
export interface SeriesRollups {
  readonly series: SeriesKey;
  readonly rollups: readonly Rollup[];
}

/** The aggregates that rollups can answer exactly. */
export const rollupAggregates = ['mean', 'max', 'min', 'last', 'count'] as const;
export type RollupAggregate = (typeof rollupAggregates)[number];

/** Rolls the samples of [fromMs, toMs) up by step; steps without a sample are absent. */
export function rollUp(
  { timesMs, values }: Columns,
  fromMs: number,
  toMs: number,
  stepMs: number,
): Rollup[] {
  const rollups: Rollup[] = [];
  let at = firstAtOrAfter(timesMs, fromMs);
  const end = firstAtOrAfter(timesMs, toMs);
  while (at < end) {
    const startMs = Math.floor((timesMs[at] ?? 0) / stepMs) * stepMs;
    let [sum, count, min, max, last] = [0, 0, Infinity, -Infinity, 0];
    for (; at < end && (timesMs[at] ?? 0) < startMs + stepMs; at += 1) {
      last = values[at] ?? 0;
      sum += last;
      count += 1;
      if (last < min) min = last;
      if (last > max) max = last;
    }
    rollups.push({ startMs, count, mean: sum / count, min, max, last });
  }
  return rollups;
}

/** Aggregates rollups into larger steps; means are weighted by their counts. */
export function aggregateRollups(
  rollups: readonly Rollup[],
  steps: { readonly fromMs: number; readonly toMs: number; readonly stepMs: number },
  aggregate: RollupAggregate,
): (number | null)[] {
  const length = Math.max(0, Math.round((steps.toMs - steps.fromMs) / steps.stepMs));
  const result: (number | null)[] = new Array(length).fill(null);
  const counts = new Float64Array(length);
  for (const rollup of rollups) {
    const step = Math.floor((rollup.startMs - steps.fromMs) / steps.stepMs);
    if (step < 0 || step >= length) continue;
    const before = result[step] ?? null;
    const countBefore = counts[step] ?? 0;
    counts[step] = countBefore + rollup.count;
    result[step] =
      before === null ? startOf(rollup, aggregate) : merge(before, countBefore, rollup, aggregate);
  }
  return result;
}

function startOf(rollup: Rollup, aggregate: RollupAggregate): number {
  return rollup[aggregate];
}

function merge(
  before: number,
  countBefore: number,
  rollup: Rollup,
  aggregate: RollupAggregate,
): number {
  switch (aggregate) {
    case 'mean':
      return (before * countBefore + rollup.mean * rollup.count) / (countBefore + rollup.count);
    case 'max':
      return Math.max(before, rollup.max);
    case 'min':
      return Math.min(before, rollup.min);
    case 'last':
      return rollup.last;
    case 'count':
      return before + rollup.count;
  }
}
