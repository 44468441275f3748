import { createExtractor } from '../features/extractor.ts';
import { labelOutcomes } from '../labels.ts';
import type { FitPool } from '../learners/fit-pool.ts';
import { blendRecipes, patientRecipes, type Recipe, singleRecipes } from '../learners/recipes.ts';
import { forecastMetrics } from '../metrics.ts';
import { findSeason } from '../season.ts';
import { destinationMetrics, findDecisions, pickDestination } from './destinations.ts';
import type { FolderReader } from './fleet-folder.ts';
import { persistenceWalker } from './naive-models.ts';
import { defaultPickRule } from './pick-rule.ts';
import type { EvaluatedModel, EvaluationOptions, EvaluationReport } from './report.ts';
import { knownRows, type Part } from './row-store.ts';
import { seasonalWalker } from './seasonal-walker.ts';
import { svmWalker } from './svm-model.ts';
import { createWalkingBlend, type WalkingModel } from './walking-blend.ts';
import { readWideFleet } from './wide-fleet.ts';

/** `meta.json` of a fleet whose hosts share one time axis. */
export type WideMeta = {
  readonly name: string;
  readonly interval_s: number;
  readonly threshold: number;
  readonly W: number;
  readonly H: number;
  readonly train_ticks: number;
  readonly cells: readonly (readonly string[])[];
};

const dayS = 86_400;
/** Rows that one fit sees at most. */
const maxRows = 200_000;
/** How much longer the next fit may take than the one before. */
const slack = 1.3;
/** Larger fleets have too many hosts for each to be a feature of all others. */
const maxNeighbours = 30;

/** The learners that a model of the benchmark consists of. */
export const recipesFor = (
  model: EvaluatedModel,
  neighbours: boolean,
  blend: readonly Recipe[] = blendRecipes,
): readonly Recipe[] =>
  model === 'boosted-trees' || model === 'neural' || model === 'logistic'
    ? [singleRecipes[model]]
    : blend.filter(({ name }) => neighbours || !name.endsWith('neighbour-trees'));

/** Tasks (i) and (iii) on a fleet whose hosts share one time axis: fitted on the train part, refitted daily in the stream. */
export const evaluateWide = async (
  read: FolderReader,
  meta: WideMeta,
  options: EvaluationOptions & { readonly fits: FitPool },
): Promise<EvaluationReport> => {
  const startedMs = options.now();
  const { times, ...series } = await readWideFleet(read, meta.interval_s * 1000);
  const { H: horizonTicks, threshold: thresholdPercent, train_ticks: split } = meta;
  const season = findSeason(series, 0, horizonTicks, split);
  const day = Math.round(dayS / meta.interval_s);
  const periods = new Set(season === 'none' ? [] : [season.periodTicks]);
  // People and their jobs live by the day, whether or not it is the strongest rhythm.
  if (split >= 5 * day && day > horizonTicks) periods.add(day);
  const few = series.hosts.length <= maxNeighbours;
  const extractor = createExtractor({
    targetMetric: series.metrics[0] ?? '',
    otherMetrics: series.metrics.slice(1),
    windowTicks: meta.W,
    horizonTicks,
    thresholdPercent,
    periods: [...periods],
    neighbours: few ? series.hosts : [],
  });
  const part: Part = {
    prepared: extractor.prepare(series),
    labels: labelOutcomes(series, 0, horizonTicks, thresholdPercent),
  };
  const cells = meta.cells.map((cell) => cell.map((host) => series.hosts.indexOf(host)));
  const model = walkerFor();
  const testTicks = series.ticks - split;
  const oftenest = testTicks >= 2 * day ? day : Math.max(horizonTicks, Math.ceil(testTicks / 8));
  let step = oftenest;
  // Members are weighed on a stretch of the train part that they were not fitted on.
  const warmUp = Math.floor(split * 0.7);
  const folds = 3;
  let refitMs = 0;
  const timedRefit = async (tick: number) => {
    const beforeMs = options.now();
    await model.refit(tick);
    refitMs = options.now() - beforeMs;
  };
  const leftMs = () => options.maxMs - (options.now() - startedMs);
  for (let fold = 0; fold < folds && isBlend(options.model); fold++) {
    const from = warmUp + Math.floor(((split - warmUp) * fold) / folds);
    const to = warmUp + Math.floor(((split - warmUp) * (fold + 1)) / folds);
    // On a busy machine one fit serves all folds, so that there is time left to foresee the test part.
    if (fold === 0 || (folds - fold) * refitMs * slack < leftMs() / 4) await timedRefit(from);
    model.learnFrom(
      knownRows([part], from, Math.min(to, split - horizonTicks), 30_000, options.seed),
    );
    options.onProgress?.(`weighing members: fold ${fold + 1} of ${folds}`);
  }
  const risks = new Float32Array(series.hosts.length * testTicks).fill(NaN);
  const maxima = new Float32Array(series.hosts.length * testTicks).fill(NaN);
  let refits = 0;
  for (let from = split; from < series.ticks; ) {
    if (refits === 0 || refitMs * slack < leftMs()) {
      await timedRefit(from);
      refits++;
    } else model.settle();
    const to = Math.min(series.ticks, from + step);
    for (let tick = from; tick < to; tick++)
      series.hosts.forEach((_, host) => {
        const { risk, maxPercent } = model.foresee(part, host, tick);
        risks[host * testTicks + tick - split] = risk;
        maxima[host * testTicks + tick - split] = maxPercent;
      });
    if (isBlend(options.model))
      // Outcomes of the newest horizon are not known yet: they are left to nobody.
      model.learnFrom(knownRows([part], from, to - horizonTicks, 30_000, options.seed));
    options.onProgress?.(`tick ${to} of ${series.ticks}: ${model.state()}`);
    from = to;
    // As often as the time that is left allows, but not more often than at first.
    const affordable = Math.max(1, Math.floor(leftMs() / Math.max(1, refitMs * slack)));
    step = oftenest * Math.ceil(Math.max(1, (series.ticks - from) / oftenest) / affordable);
  }

  const riskOf = (host: number, tick: number) => risks[host * testTicks + tick - split] ?? NaN;
  const decisions = findDecisions(
    series,
    0,
    cells,
    split,
    series.ticks,
    horizonTicks,
    thresholdPercent,
  );
  const picks = decisions.map(({ tick, candidates }) =>
    pickDestination(
      candidates,
      (host) => riskOf(host, tick),
      (host) => maxima[host * testTicks + tick - split] ?? NaN,
      defaultPickRule,
    ),
  );
  return {
    fleet: meta.name,
    model: options.model,
    overload: overloadMetrics(part, split, riskOf, thresholdPercent),
    destinations: destinationMetrics(decisions, picks, thresholdPercent),
    files: {
      'predictions.csv': predictionsCsv(
        series.hosts,
        Array.from({ length: testTicks }, (_, i) => split + i),
        (tick) => times[tick] ?? 0,
        riskOf,
      ),
      'destinations.csv': [
        't,source,dest',
        ...decisions.map(
          ({ tick, source }, i) =>
            `${times[tick]},${series.hosts[source]},${series.hosts[picks[i] ?? -1]}`,
        ),
        '',
      ].join('\n'),
    },
    notes: [
      `seasons: ${[...periods].join(', ') || 'none'} ticks; ${refits} ${refits === 1 ? 'fit' : 'fits'} of the test stream`,
      model.state(),
    ],
  };

  function walkerFor(): WalkingModel {
    if (options.model === 'persistence') return persistenceWalker(thresholdPercent);
    if (options.model === 'seasonal') {
      const periodTicks = season === 'none' ? 0 : season.periodTicks;
      const about = { periodTicks, horizonTicks, thresholdPercent, target: 0 };
      return seasonalWalker(about, [part], options.seed);
    }
    if (options.model === 'svm') return svmWalker(part, cells, horizonTicks, options.seed);
    return createWalkingBlend(extractor, [part], recipesFor(options.model, few, patientRecipes), {
      firstTick: meta.W - 1,
      maxRows,
      seed: options.seed,
      fits: options.fits,
    });
  }
};

const isBlend = (model: EvaluatedModel): boolean =>
  model !== 'persistence' && model !== 'seasonal' && model !== 'svm';

const overloadMetrics = (
  part: Part,
  split: number,
  riskOf: (host: number, tick: number) => number,
  thresholdPercent: number,
) => {
  const rows = knownRows([part], split, Infinity, Infinity, 0);
  const { ticks } = part.prepared.series;
  return forecastMetrics(
    rows.map(({ host, tick }) => riskOf(host, tick)),
    rows.map(({ host, tick }) => part.labels.crossed[host * ticks + tick] ?? 0),
    rows.map(({ host, tick }) => part.prepared.targets[host]?.values[tick] ?? NaN),
    thresholdPercent,
  );
};

/** The wide table of risks: one row a tick, one column a host. */
export const predictionsCsv = (
  hosts: readonly string[],
  ticks: readonly number[],
  timeOf: (tick: number) => number,
  riskOf: (host: number, tick: number) => number,
): string =>
  [
    ['t', ...hosts].join(','),
    ...ticks.map((tick) =>
      [
        timeOf(tick),
        ...hosts.map((_, host) => {
          const risk = riskOf(host, tick);
          return Number.isNaN(risk) ? '' : risk.toFixed(6);
        }),
      ].join(','),
    ),
    '',
  ].join('\n');
