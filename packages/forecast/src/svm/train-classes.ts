import { labelOutcomes } from '../labels.ts';
import type { NotEnoughData } from '../not-enough-data.ts';
import { checkSeries, type FleetSeries } from '../series.ts';
import { specFaults, type TrainingSpec } from '../spec.ts';
import type { TrainingHooks } from '../train.ts';
import { type ClassWindow, fitClasses, knownTicks } from './class-machine.ts';
import { assembleClassModel, type ClassModel, maxClassHosts } from './class-model.ts';

/** How the training of a classifier ended. */
export type ClassTrainingResult =
  | { readonly kind: 'trained'; readonly model: ClassModel; readonly rows: number }
  | { readonly kind: 'not-enough-data'; readonly reason: NotEnoughData }
  | { readonly kind: 'refused'; readonly faults: readonly string[] };

/** Ticks with a known outcome that are needed at least (our choice). */
const minRows = 120;
/** Ticks learnt from at most: each costs as many numbers as the kernel's map has, times all inputs. */
const maxRows = 2_000;

/** Trains the paper's classifier for the hosts of the series, within the specification's time. */
export const trainClasses = (
  series: FleetSeries,
  spec: TrainingSpec,
  hooks: Pick<TrainingHooks, 'now' | 'onProgress'>,
): ClassTrainingResult => {
  const shape = checkSeries(series);
  const target = series.metrics.indexOf(spec.targetMetric);
  const faults = [
    ...specFaults(spec),
    ...(shape.kind === 'malformed' ? [shape.reason] : []),
    ...(target < 0 ? [`the series has no ${spec.targetMetric}`] : []),
    ...(series.hosts.length > maxClassHosts
      ? [`${series.hosts.length} hosts; the classifier tells at most ${maxClassHosts} apart`]
      : []),
    ...(series.hosts.length < 2 ? ['fewer than two hosts: there is nothing to choose from'] : []),
  ];
  if (faults.length > 0) return { kind: 'refused', faults };

  const startedAtMs = hooks.now();
  const { horizonTicks, thresholdPercent, targetMetric, windowTicks } = spec;
  const labels = labelOutcomes(series, target, horizonTicks, thresholdPercent, spec.censored);
  const inputMetrics = [
    targetMetric,
    ...spec.metrics.filter((name) => name !== targetMetric && series.metrics.includes(name)),
  ];
  const window: ClassWindow = {
    hosts: series.hosts.map((_, host) => host),
    metrics: inputMetrics.map((name) => series.metrics.indexOf(name)),
    windowTicks,
  };
  const have = knownTicks(series, labels, window, series.ticks).ticks.length;
  if (have < minRows)
    return {
      kind: 'not-enough-data',
      reason: {
        reason: 'too-few-rows',
        words: `${have} of at least ${minRows} ticks with a known outcome of every host`,
        have,
        need: minRows,
      },
    };
  hooks.onProgress?.({ phase: 'fitting', done: 0.1, words: `${have} ticks with known outcomes` });
  const { machine, rows } = fitClasses(series, labels, window, series.ticks, spec.seed, {
    maxRows: Math.min(maxRows, spec.maxRows),
    outOfTime: () => hooks.now() - startedAtMs >= spec.maxTrainingMs,
  });
  hooks.onProgress?.({ phase: 'done', done: 1, words: `learnt from ${rows} ticks` });
  const head = {
    hosts: series.hosts,
    createdAtMs: startedAtMs,
    dataRange: {
      fromMs: series.firstTickAtMs,
      toMs: series.firstTickAtMs + (series.ticks - 1) * series.tickMs,
      ticks: series.ticks,
      hosts: series.hosts.length,
    },
    tickMs: series.tickMs,
    windowTicks,
    horizonTicks,
    thresholdPercent,
    targetMetric,
    inputMetrics,
  };
  return { kind: 'trained', model: assembleClassModel(head, machine), rows };
};
