import type { TrainingHooks, TrainingProgress } from '../forecaster.ts';
import { labelOutcomes } from '../labels.ts';
import type { NotEnoughData } from '../not-enough-data.ts';
import { checkSeries, dataRangeOf, type FleetSeries } from '../series.ts';
import { specFaults, type TrainingSpec } from '../spec.ts';
import { type ClassWindow, fitClasses, knownTicks, marginsAt } from './class-machine.ts';
import { assembleClassModel, type ClassModel, maxClassHosts } from './class-model.ts';
import { measurePicks, pickTicks } from './measure-picks.ts';

/** How the training of a classifier ended. */
export type ClassTrainingResult =
  | { readonly kind: 'trained'; readonly model: ClassModel; readonly rows: number }
  | { readonly kind: 'not-enough-data'; readonly reason: NotEnoughData }
  | { readonly kind: 'refused'; readonly faults: readonly string[] };

/** Ticks with a known outcome that are needed at least (our choice). */
const minRows = 120;
/** Ticks learnt from at most: each costs as many numbers as the kernel's map has, times all inputs. */
const maxRows = 2_000;
/** Share of the known ticks that it is fitted on before it is measured on the rest. */
const fitShare = 0.86;
/** Share of the training's time that this first fit may take. */
const fitTimeShare = 0.45;

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
  const known = knownTicks(series, labels, window, series.ticks).ticks;
  const have = known.length;
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
  const tell = (phase: TrainingProgress['phase'], done: number, words: string) =>
    hooks.onProgress?.({ phase, done, words });
  const fit = (untilTick: number, timeShare: number) =>
    fitClasses(series, labels, window, untilTick, spec.seed, {
      maxRows: Math.min(maxRows, spec.maxRows),
      outOfTime: () => hooks.now() - startedAtMs >= timeShare * spec.maxTrainingMs,
    });
  tell('fitting', 0.1, `${have} ticks with known outcomes`);
  const border = known[Math.floor(have * fitShare)] ?? series.ticks;
  // A horizon is left out before the border, so that no outcome reaches into the part that is held out.
  const first = fit(border - horizonTicks, fitTimeShare);
  tell('measuring', 0.5, 'measuring on the newest stretch');
  const picks = measurePicks(
    (tick) => highestOf(marginsAt(first.machine, series, window, tick)),
    series,
    pickTicks(series, labels, { from: border, to: series.ticks }),
    spec,
  );
  // The newest ticks teach most, so the one that serves has seen them too.
  tell('refitting', 0.6, 'fitting to the whole history');
  const { machine, rows } = fit(series.ticks, 1);
  hooks.onProgress?.({ phase: 'done', done: 1, words: `learnt from ${rows} ticks` });
  const head = {
    hosts: series.hosts,
    createdAtMs: startedAtMs,
    dataRange: dataRangeOf(series),
    tickMs: series.tickMs,
    windowTicks,
    horizonTicks,
    thresholdPercent,
    targetMetric,
    inputMetrics,
    ...(picks === 'not-measured' ? {} : { picks }),
  };
  return { kind: 'trained', model: assembleClassModel(head, machine), rows };
};

const highestOf = (margins: readonly number[]): number => margins.indexOf(Math.max(...margins));
