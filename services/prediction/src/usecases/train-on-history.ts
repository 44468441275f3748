import {
  type ClassModel,
  dataRangeOf,
  type FleetSeries,
  type ForecastModel,
  type Interval,
  incidentMetric,
  loadClassModel,
  loadModel,
  notEnoughData,
  onlyBeginsOf,
  sampleAt,
  sliceTicks,
  type TrainingSpec,
  trainClasses,
  trainModel,
} from '@sidestep/forecast';
import type { Clock } from '@sidestep/service-kit';
import { driftReference, outcomeReference, valuesOf } from '../domain/drift.ts';
import { classDuel, cutForDuel, type Duel, duel } from '../domain/duel.ts';
import { incidentSamples } from '../domain/incident-series.ts';
import { maxAhead } from '../domain/measure-champion.ts';
import { classTraining } from '../domain/outlook.ts';
import { modelInputs } from '../domain/settings.ts';
import { withoutDoubtfulHosts } from '../domain/suspects.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { TrainerOutcome, TrainerProgress, TrainingTask } from '../ports/trainer.ts';
import { loadHistory } from './load-history.ts';

/** Share of the progress that reading takes. */
const readingShare = 0.2;

/**
 * What the training process does: read the history, train, and let the newcomer meet the model that serves on a stretch
 * that neither has seen.
 */
export async function trainOnHistory(
  deps: { telemetry: Telemetry; clock: Clock },
  task: TrainingTask,
  onProgress: (progress: TrainerProgress) => void,
): Promise<TrainerOutcome> {
  const metrics = modelInputs(task.spec.metrics.filter((metric) => metric !== incidentMetric));
  const laidIn = onlyBeginsOf(task.spec.targetMetric) ? [incidentMetric] : [];
  const { hosts } = await deps.telemetry.readInventory();
  const doubts = await deps.telemetry.readDoubts();
  const perTick = Math.max(1, hosts.length) * (metrics.length + laidIn.length);
  const affordableMs = Math.floor(task.maxSamples / perTick) * task.tickMs;
  const fromMs = Math.max(task.fromMs, task.toMs - affordableMs);
  onProgress({ done: 0, words: 'reads the history from Monitoring' });
  const window = await loadHistory(
    deps.telemetry,
    { fromMs, toMs: task.toMs, tickMs: task.tickMs, metrics },
    {
      hosts: Math.max(1, hosts.length),
      slackTicks: 0,
      laidIn,
      onPage: (done) =>
        onProgress({ done: done * readingShare, words: 'reads the history from Monitoring' }),
    },
  );
  if (laidIn.length > 0)
    window.put(
      incidentSamples(task.incidents ?? {}, window.hostIds, {
        fromMs: firstSampleAtMs(window.series()),
        toMs: task.toMs,
        tickMs: task.tickMs,
      }),
    );
  const { series: reliable, left } = withoutDoubtfulHosts(
    window.series(),
    doubts,
    task.spec.targetMetric,
  );
  if (left > 0)
    onProgress({
      done: readingShare,
      words: `leaves ${left} hosts out whose samples are in doubt`,
    });
  const whole = fromFirstSample(reliable);
  if (task.makes === classTraining) return classifier(deps.clock, task, whole, onProgress);
  const cut = task.champion === null ? null : cutOf(task, whole, task.champion.seenUntilMs);
  const series = cut === null || cut === 'too-short' ? whole : sliceTicks(whole, 0, cut.atTick);
  const result = await trainModel(
    series,
    task.spec,
    {
      now: deps.clock.now,
      onProgress: told(onProgress),
    },
    championOf(task),
  );
  switch (result.kind) {
    case 'trained': {
      const { info } = result.model;
      return {
        kind: 'trained',
        bytes: result.model.serialize(),
        rows: countSamples(series, task.spec),
        backend: info.backend,
        duel: met(task, whole, cut, result.model),
        reference: [
          ...info.inputMetrics.flatMap(
            (metric) => driftReference(metric, valuesOf(series, metric)) ?? [],
          ),
          outcomeReference(crossedRate(series, task.spec)),
        ],
      };
    }
    case 'not-enough-data':
      return { kind: 'not-enough-data', words: result.reason.words };
    case 'refused':
      return { kind: 'refused', faults: result.faults };
    case 'cancelled':
      return { kind: 'cancelled' };
  }
}

function classifier(
  { now }: Clock,
  task: TrainingTask,
  whole: FleetSeries,
  onProgress: (progress: TrainerProgress) => void,
): TrainerOutcome {
  const { spec } = task;
  const cut = classCutOf(task, whole);
  const fit = (series: FleetSeries) =>
    trainClasses(series, spec, { now, onProgress: told(onProgress) });
  const before = typeof cut === 'string' ? undefined : fit(sliceTicks(whole, 0, cut.atTick));
  const compared = before?.kind === 'trained' ? before : undefined;
  const result = compared ?? fit(whole);
  switch (result.kind) {
    case 'trained':
      return {
        kind: 'trained',
        bytes: result.model.serialize(),
        rows: result.rows,
        backend: result.model.info.backend,
        duel: classesMet(task, whole, compared === undefined ? 'too-short' : cut, result.model),
        reference: [],
      };
    case 'not-enough-data':
      return { kind: 'not-enough-data', words: result.reason.words };
    case 'refused':
      return result;
  }
}

const classChampionOf = ({ champion }: TrainingTask): ClassModel | undefined => {
  const loaded = champion === null ? undefined : loadClassModel(champion.bytes);
  return loaded?.kind === 'loaded' ? loaded.model : undefined;
};

/** One that serves for other hosts is not met: it could not name some of those that there are. */
const isOfHosts = ({ hosts }: ClassModel, series: FleetSeries): boolean =>
  hosts.length === series.hosts.length && series.hosts.every((host) => hosts.includes(host));

function classCutOf(task: TrainingTask, series: FleetSeries): Cut {
  const champion = classChampionOf(task);
  if (champion === undefined || !isOfHosts(champion, series)) return 'too-short';
  return cutForDuel(series, champion.info.dataRange.toMs, task.spec.horizonTicks);
}

function classesMet(
  task: TrainingTask,
  series: FleetSeries,
  cut: Cut,
  challenger: ClassModel,
): Duel | null {
  const champion = classChampionOf(task);
  if (champion === undefined) return null;
  const against = champion.info.version;
  if (!isOfHosts(champion, series))
    return {
      against,
      of: 'regret',
      difference: null,
      otherHosts: true,
      detail: `${against} was made for other hosts (${champion.hosts.length}, now ${series.hosts.length})`,
    };
  if (typeof cut === 'string') return { of: 'regret', ...tooLittle(against) };
  return classDuel({ challenger, champion }, series, task.spec, stretchFrom(series, cut.atTick));
}

const tooLittle = (against: string): Duel => ({
  against,
  difference: null,
  detail: `too little is new since ${against} was trained`,
});

const stretchFrom = (series: FleetSeries, tick: number): Interval => ({
  fromMs: series.firstTickAtMs + tick * series.tickMs,
  toMs: dataRangeOf(series).toMs,
});

/** Progress of the fitting, as that of the whole training. */
const told =
  (onProgress: (progress: TrainerProgress) => void) =>
  ({ done, words }: TrainerProgress) =>
    onProgress({ done: readingShare + done * (1 - readingShare), words });

/** The model that serves, for the newcomer to go on from; none where its file is refused. */
function championOf({ champion }: TrainingTask) {
  const loaded = champion === null ? undefined : loadModel(champion.bytes);
  return loaded?.kind === 'loaded' ? loaded.model : undefined;
}

type Cut = ReturnType<typeof cutForDuel>;

/** Where the newcomer's history ends; a history too short to be cut is learnt whole, and nothing is compared. */
function cutOf({ spec }: TrainingTask, series: FleetSeries, seenUntilMs: number): Cut {
  const cut = cutForDuel(series, seenUntilMs, spec.horizonTicks);
  if (cut === 'too-short') return cut;
  return notEnoughData(sliceTicks(series, 0, cut.atTick), spec) === 'enough' ? cut : 'too-short';
}

function met(
  { champion, spec }: TrainingTask,
  series: FleetSeries,
  cut: Cut | null,
  challenger: ForecastModel,
): Duel | null {
  if (champion === null || cut === null) return null;
  const against = champion.version;
  if (cut === 'too-short') return tooLittle(against);
  const loaded = loadModel(champion.bytes);
  if (loaded.kind === 'refused') return null;
  const stretch = stretchFrom(series, cut.atTick);
  return duel({ challenger, champion: loaded.model }, series, spec, stretch);
}

/** How often the threshold was crossed within the horizon, where that is known. */
function crossedRate(series: FleetSeries, spec: TrainingSpec): number {
  const target = series.metrics.indexOf(spec.targetMetric);
  let known = 0;
  let crossed = 0;
  // Outcomes of neighbouring ticks are nearly the same: one a horizon will do.
  for (let tick = 0; tick + spec.horizonTicks < series.ticks; tick += spec.horizonTicks)
    for (let host = 0; host < series.hosts.length; host++) {
      const max = maxAhead(series, host, target, tick, spec.horizonTicks);
      if (Number.isNaN(max)) continue;
      known++;
      if (max >= spec.thresholdPercent) crossed++;
    }
  return known === 0 ? 0 : crossed / known;
}

/** Without the empty time before anything was measured: it is no history. */
function fromFirstSample(series: FleetSeries): FleetSeries {
  const perTick = series.hosts.length * series.metrics.length;
  const ticks = Math.round((firstSampleAtMs(series) - series.firstTickAtMs) / series.tickMs);
  return {
    ...series,
    firstTickAtMs: series.firstTickAtMs + ticks * series.tickMs,
    ticks: series.ticks - ticks,
    values: series.values.subarray(ticks * perTick),
  };
}

/** Start of the first tick at which anything was measured. */
function firstSampleAtMs(series: FleetSeries): number {
  const perTick = series.hosts.length * series.metrics.length;
  const first = series.values.findIndex((value) => !Number.isNaN(value));
  const ticks = first < 0 ? series.ticks : Math.floor(first / Math.max(1, perTick));
  return series.firstTickAtMs + ticks * series.tickMs;
}

function countSamples(series: FleetSeries, { targetMetric }: TrainingSpec): number {
  const target = series.metrics.indexOf(targetMetric);
  let rows = 0;
  for (let tick = 0; tick < series.ticks; tick++)
    for (let host = 0; host < series.hosts.length; host++)
      if (!Number.isNaN(sampleAt(series, tick, host, target))) rows++;
  return rows;
}
