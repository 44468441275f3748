import { measureMaximumSpread } from './added-load.ts';
import { type Calibration, calibrated, fitCalibration, noCalibration } from './calibration.ts';
import { codeVersion } from './code-version.ts';
import { createExtractor, type FeatureExtractor } from './features/extractor.ts';
import type { ModelMetrics, TrainedModel } from './forecast-model.ts';
import type { FitResult, TrainingHooks, TrainingProgress } from './forecaster.ts';
import { labelOutcomes } from './labels.ts';
import { createBlendRunner, type Member } from './learners/member.ts';
import { defaultNeuralOptions } from './learners/neural.ts';
import {
  blendRecipes,
  fitInput,
  fitMember,
  type Recipe,
  singleRecipes,
} from './learners/recipes.ts';
import { pickRows } from './learners/rows.ts';
import { stackWeights } from './learners/stacking.ts';
import { forecastMetrics } from './metrics.ts';
import type { LearnedKind } from './model-kinds.ts';
import { notEnoughData } from './not-enough-data.ts';
import { persistenceRisk } from './persistence.ts';
import { findSeason } from './season.ts';
import { dataRangeOf, type FleetSeries } from './series.ts';
import { specFaults, type TrainingSpec } from './spec.ts';
import { assembleModel } from './trained-model.ts';
import { collectRows, type TrainingRows } from './training-rows.ts';
import { type Start, startFrom } from './warm-start.ts';

/** Shares of the time axis: fitted on the first, calibrated on the second, measured on the rest. */
const fitShare = 0.72;
const calibrateShare = 0.86;

/**
 * Fits learners: one model shared by all hosts of the series; the newest stretch is held out to measure it. Given the model that
 * serves, networks go on from its own, and what it has not seen is what the newcomer is calibrated and measured on.
 */
export const trainLearned = async (
  kind: LearnedKind,
  series: FleetSeries,
  spec: TrainingSpec,
  hooks: TrainingHooks,
  champion?: TrainedModel,
): Promise<FitResult<TrainedModel>> => {
  const faults = specFaults(spec);
  if (faults.length > 0) return { kind: 'refused', faults };
  const enough = notEnoughData(series, spec);
  if (enough !== 'enough') return { kind: 'not-enough-data', reason: enough };
  const startedAtMs = hooks.now();
  const deadlineMs = startedAtMs + spec.maxTrainingMs;
  const tell = (phase: TrainingProgress['phase'], done: number, words: string) =>
    hooks.onProgress?.({ phase, done, words });
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  const cancelled = () => hooks.signal?.aborted === true;

  tell('season', 0.01, 'looking for a season');
  await pause();
  const target = series.metrics.indexOf(spec.targetMetric);
  const season = findSeason(series, target, spec.horizonTicks);
  tell(
    'season',
    0.05,
    season === 'none'
      ? 'nothing recurs'
      : `a season of ${season.periodTicks} ticks (autocorrelation ${season.strength.toFixed(2)})`,
  );
  await pause();
  const extractor = createExtractor({
    targetMetric: spec.targetMetric,
    otherMetrics: spec.metrics.filter(
      (metric) => metric !== spec.targetMetric && series.metrics.includes(metric),
    ),
    windowTicks: spec.windowTicks,
    horizonTicks: spec.horizonTicks,
    thresholdPercent: spec.thresholdPercent,
    periods: season === 'none' ? [] : [season.periodTicks],
    neighbours: [],
  });
  const prepared = extractor.prepare(series);
  const labels = labelOutcomes(
    series,
    target,
    spec.horizonTicks,
    spec.thresholdPercent,
    spec.censored,
  );
  const rows = collectRows(extractor, prepared, labels, {
    firstTick: spec.windowTicks - 1,
    maxRows: spec.maxRows,
    seed: spec.seed,
    halfLifeTicks: spec.halfLifeTicks,
  });
  tell('features', 0.1, `${rows.count} rows of ${rows.width} features`);
  await pause();
  if (cancelled()) return { kind: 'cancelled' };

  const recipes = recipesOf(kind);
  const begin = startFrom(champion, { series, rows, features: extractor.features, recipes });
  const parts = splitByTime(rows, spec.horizonTicks, begin);
  const fit = async (
    picked: Int32Array,
    phase: 'fitting' | 'refitting',
    start: readonly Member[],
    from: number,
    to: number,
    untilMs: number,
  ): Promise<{ members: Member[]; backend: string }> => {
    const members: Member[] = [];
    let backend = 'none';
    // Copied and sorted into bins once, for all learners.
    const shared = fitInput(pickRows(rows, picked), extractor.features, spec.seed);
    for (const [m, recipe] of recipes.entries()) {
      const begin = from + ((to - from) * m) / recipes.length;
      const onProgress = (done: number, words: string) => {
        tell(phase, begin + (done * (to - from)) / recipes.length, words);
        return cancelled() || hooks.now() > untilMs ? ('stop' as const) : ('go-on' as const);
      };
      const fitted = await fitMember(
        sized(recipe, picked.length, start.length > 0),
        { ...shared, onProgress },
        start[m],
      );
      members.push({
        ...fitted.member,
        weight: start[m]?.weight ?? 1,
        maxWeight:
          fitted.member.maxWeight /
          recipes.filter((r) => r.kind !== 'boosted-trees' || r.foreseesMaximum).length,
      });
      if (recipe.kind === 'neural') backend = fitted.backend;
      await pause();
    }
    return { members, backend };
  };
  const first = await fit(
    parts.fit,
    'fitting',
    begin.kind === 'model' ? begin.members : [],
    0.1,
    0.75,
    startedAtMs + 0.7 * spec.maxTrainingMs,
  );
  if (cancelled()) return { kind: 'cancelled' };

  tell('measuring', 0.76, 'calibrating and measuring on the newest stretch');
  const weights = stackWeights(
    first.members.map(
      (member) => outputsOf([{ ...member, weight: 1 }], rows, parts.calibrate).logits,
    ),
    pick(rows.crossed, parts.calibrate),
  );
  const weighted = first.members.map((member, m) => ({ ...member, weight: weights[m] ?? 0 }));
  const { logits, maxima } = outputsOf(weighted, rows);
  const calibration =
    parts.calibrate.length === 0
      ? noCalibration
      : fitCalibration(pick(logits, parts.calibrate), pick(rows.crossed, parts.calibrate));
  const maximumSpread = measureMaximumSpread(
    Array.from(parts.calibrate, (i) => ({
      risk: calibrated(calibration, logits[i] ?? 0),
      expectedMaxPercent: maxima[i] ?? 0,
      futureMax: rows.futureMax[i] ?? 0,
      crossed: rows.crossed[i] ?? 0,
    })),
    spec.thresholdPercent,
  );
  const metrics = measure(rows, logits, parts.test, calibration, series, extractor);

  // The newest ticks teach most, so the model that serves has seen them too.
  const all = Int32Array.from({ length: rows.count }, (_, i) => i);
  const last = await fit(all, 'refitting', weighted, 0.78, 0.99, deadlineMs);
  if (cancelled()) return { kind: 'cancelled' };
  const model = assembleModel({
    featureSpec: extractor.spec,
    members: last.members,
    info: {
      kind,
      codeVersion,
      createdAtMs: hooks.now(),
      dataRange: dataRangeOf(series),
      tickMs: series.tickMs,
      windowTicks: spec.windowTicks,
      horizonTicks: spec.horizonTicks,
      thresholdPercent: spec.thresholdPercent,
      targetMetric: spec.targetMetric,
      inputMetrics: [spec.targetMetric, ...extractor.spec.otherMetrics],
      features: extractor.features.map(({ name }) => name),
      seasonTicks: season === 'none' ? 'none' : season.periodTicks,
      historyTicks: extractor.historyTicks,
      calibration,
      maximumSpread,
      metrics,
      ...(begin.kind === 'model' ? { startedFrom: begin.version } : { beganAnew: begin.words }),
      ...(spec.halfLifeTicks === undefined ? {} : { halfLifeTicks: spec.halfLifeTicks }),
      backend: last.backend,
    },
  });
  tell('done', 1, `${model.info.version} on ${last.backend}`);
  return { kind: 'trained', model };
};

const recipesOf = (kind: LearnedKind): readonly Recipe[] =>
  kind === 'blend'
    ? // Hosts come and go in a service, so no member knows a host by name.
      blendRecipes.filter(({ name }) => name !== 'neighbour-trees')
    : [singleRecipes[kind]];

// A small fleet needs many passes, a large one is learnt in few; a warm start needs a few more only.
const sized = (recipe: Recipe, rows: number, warm: boolean): Recipe =>
  recipe.kind === 'boosted-trees'
    ? recipe
    : {
        ...recipe,
        options: {
          ...recipe.options,
          epochs: Math.max(2, Math.round(Math.min(40, 240_000 / rows) * (warm ? 0.3 : 1))),
          learningRate: defaultNeuralOptions.learningRate * (warm ? 0.4 : 1),
        },
      };

const splitByTime = (rows: TrainingRows, horizonTicks: number, begin: Start) => {
  const firstTick = rows.ticks[0] ?? 0;
  const span = (rows.ticks[rows.count - 1] ?? 0) - firstTick + 1;
  // What the model that the training goes on from has learnt cannot judge it.
  const fitUntil =
    begin.kind === 'model' ? begin.seenTick + 1 : firstTick + Math.floor(span * fitShare);
  const calibrateUntil =
    begin.kind === 'model'
      ? Math.floor((fitUntil + firstTick + span) / 2)
      : firstTick + Math.floor(span * calibrateShare);
  const where = (keep: (tick: number) => boolean) =>
    Int32Array.from({ length: rows.count }, (_, i) => i).filter((i) => keep(rows.ticks[i] ?? 0));
  return {
    // A horizon is left out before each border, so that no outcome reaches into the next part.
    fit: where((tick) => tick < fitUntil - horizonTicks),
    calibrate: where((tick) => tick >= fitUntil && tick < calibrateUntil - horizonTicks),
    test: where((tick) => tick >= calibrateUntil),
  };
};

const outputsOf = (members: readonly Member[], rows: TrainingRows, picked?: Int32Array) => {
  const { data, count } = picked === undefined ? rows : pickRows(rows, picked);
  const outputs = { logits: new Float64Array(count), maxima: new Float64Array(count) };
  createBlendRunner(members, rows.width).run(data, count, outputs);
  return outputs;
};

const pick = (values: ArrayLike<number>, picked: Int32Array): Float64Array =>
  Float64Array.from(picked, (i) => values[i] ?? 0);

const measure = (
  rows: TrainingRows,
  logits: Float64Array,
  test: Int32Array,
  calibration: Calibration,
  series: FleetSeries,
  { spec }: FeatureExtractor,
): ModelMetrics => {
  const outcomes = pick(rows.crossed, test);
  const current = pick(rows.current, test);
  const risks = pick(logits, test).map((logit) => calibrated(calibration, logit));
  const persistence = current.map((now) => persistenceRisk(now, spec.thresholdPercent));
  const at = (i: number | undefined) =>
    series.firstTickAtMs + (rows.ticks[i ?? 0] ?? 0) * series.tickMs;
  return {
    model: forecastMetrics(risks, outcomes, current, spec.thresholdPercent),
    persistence: forecastMetrics(persistence, outcomes, current, spec.thresholdPercent),
    heldOut: { fromMs: at(test[0]), toMs: at(test[test.length - 1]) },
  };
};
