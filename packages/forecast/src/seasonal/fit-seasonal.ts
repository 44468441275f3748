import { measureMaximumSpread } from '../added-load.ts';
import { calibrated, fitCalibration } from '../calibration.ts';
import { codeVersion } from '../code-version.ts';
import type { TrainedModel } from '../forecast-model.ts';
import type { FitResult, Forecaster, TrainingHooks } from '../forecaster.ts';
import { type Labels, labelOutcomes, unknownOutcome } from '../labels.ts';
import { forecastMetrics } from '../metrics.ts';
import { notEnoughData } from '../not-enough-data.ts';
import { persistenceRisk } from '../persistence.ts';
import { findSeason } from '../season.ts';
import { dataRangeOf, type FleetSeries, onlyBeginsOf, sampleAt } from '../series.ts';
import { specFaults, type TrainingSpec } from '../spec.ts';
import { pastSeasons, type SeasonSpec, seasonsBack } from './past-seasons.ts';
import { assembleSeasonal, featureOf, meanLogOdds, readSeasonal } from './seasonal-model.ts';

/** Share of the time axis that the calibration is fitted on; measured on the rest. */
const calibrateShare = 0.86;
/** Host-ticks with a known outcome and a known earlier season that are needed at least (our choice). */
const minRows = 300;

/** Host-ticks of known outcome, in order of time, with what the seasons before say. */
type SeasonRows = {
  readonly ticks: number[];
  readonly logOdds: number[];
  readonly maxima: number[];
  readonly crossed: number[];
  readonly futureMax: number[];
  readonly current: number[];
};

const fitSeasonal = async (
  series: FleetSeries,
  spec: TrainingSpec,
  hooks: TrainingHooks,
): Promise<FitResult<TrainedModel>> => {
  const faults = specFaults(spec);
  if (faults.length > 0) return { kind: 'refused', faults };
  const enough = notEnoughData(series, spec);
  if (enough !== 'enough') return { kind: 'not-enough-data', reason: enough };
  const { horizonTicks, thresholdPercent, targetMetric } = spec;
  hooks.onProgress?.({ phase: 'season', done: 0.01, words: 'looking for a season' });
  await pause();
  const target = series.metrics.indexOf(targetMetric);
  const season = findSeason(series, target, horizonTicks);
  if (season === 'none') return noSeason(series, horizonTicks);
  const { periodTicks, strength } = season;
  hooks.onProgress?.({
    phase: 'measuring',
    done: 0.5,
    words: `a season of ${periodTicks} ticks (autocorrelation ${strength.toFixed(2)})`,
  });
  await pause();
  if (hooks.signal?.aborted === true) return { kind: 'cancelled' };
  const about: SeasonSpec = { periodTicks, horizonTicks, thresholdPercent, target };
  const labels = labelOutcomes(series, target, horizonTicks, thresholdPercent, spec.censored);
  const rows = rowsOf(series, labels, about, spec.maxRows);
  const have = rows.ticks.length;
  if (have < minRows)
    return {
      kind: 'not-enough-data',
      reason: {
        reason: 'too-few-rows',
        words: `${have} of at least ${minRows} host-ticks with a known outcome, a season of ${periodTicks} ticks after others`,
        have,
        need: minRows,
      },
    };

  const first = rows.ticks[0] ?? 0;
  const newest = rows.ticks[have - 1] ?? 0;
  const border = first + Math.floor((newest - first + 1) * calibrateShare);
  // A horizon is left out before the border, so that no outcome reaches into the part that is held out.
  const fitted = rows.ticks.findLastIndex((tick) => tick < border - horizonTicks) + 1;
  const from = rows.ticks.findIndex((tick) => tick >= border);
  const weights = rows.ticks.map((tick) =>
    spec.halfLifeTicks === undefined ? 1 : 0.5 ** ((newest - tick) / spec.halfLifeTicks),
  );
  const calibration = fitCalibration(
    rows.logOdds.slice(0, fitted),
    rows.crossed.slice(0, fitted),
    weights,
  );
  const risks = rows.logOdds.map((logOdds) => calibrated(calibration, logOdds));
  const spread = measureMaximumSpread(
    rows.ticks.slice(0, fitted).map((_, i) => ({
      risk: risks[i] ?? 0,
      expectedMaxPercent: rows.maxima[i] ?? 0,
      futureMax: rows.futureMax[i] ?? 0,
      crossed: rows.crossed[i] ?? 0,
    })),
    thresholdPercent,
  );
  const outcomes = rows.crossed.slice(from);
  const current = rows.current.slice(from);
  const persistence = current.map((now) => persistenceRisk(now, thresholdPercent));
  const at = (tick: number) => series.firstTickAtMs + tick * series.tickMs;
  const model = assembleSeasonal(
    {
      kind: 'seasonal',
      codeVersion,
      createdAtMs: hooks.now(),
      dataRange: dataRangeOf(series),
      tickMs: series.tickMs,
      windowTicks: spec.windowTicks,
      horizonTicks,
      thresholdPercent,
      targetMetric,
      inputMetrics: [targetMetric],
      features: Array.from({ length: seasonsBack }, (_, k) => featureOf(periodTicks, k + 1)),
      seasonTicks: periodTicks,
      historyTicks: Math.max(spec.windowTicks, seasonsBack * periodTicks + horizonTicks) + 1,
      calibration,
      maximumSpread: spread,
      metrics: {
        model: forecastMetrics(risks.slice(from), outcomes, current, thresholdPercent),
        persistence: forecastMetrics(persistence, outcomes, current, thresholdPercent),
        heldOut: { fromMs: at(rows.ticks[from] ?? newest), toMs: at(newest) },
      },
      beganAnew: 'a season is looked for anew each time',
      ...(spec.halfLifeTicks === undefined ? {} : { halfLifeTicks: spec.halfLifeTicks }),
      backend: 'none',
    },
    { periodTicks, usualLogOdds: mean(rows.logOdds) },
  );
  hooks.onProgress?.({ phase: 'done', done: 1, words: model.info.version });
  return { kind: 'trained', model };
};

/** The model of the season: what followed this point of the last seasons follows again. */
export const seasonalForecaster: Forecaster<TrainedModel> = {
  kind: 'seasonal',
  answers: 'risk',
  needs:
    'A season: a lag of two horizons up to 40 % of the history at which the load resembles itself (autocorrelation 0.12 or more).',
  chooseWhen:
    'The load follows the clock, and each risk has to be told in one sentence. Where bursts come between seasons it is worse than persistence.',
  fit: fitSeasonal,
  read: readSeasonal,
};

const pause = () => new Promise((resolve) => setImmediate(resolve));

const noSeason = ({ ticks }: FleetSeries, horizonTicks: number): FitResult<TrainedModel> => {
  const shortest = 2 * horizonTicks;
  const longest = Math.floor(ticks / 2.5);
  return {
    kind: 'not-enough-data',
    reason: {
      reason: 'no-season',
      words: `nothing recurs: at no lag from ${shortest} to ${longest} ticks does the load resemble itself, and a season has to be seen two and a half times`,
      have: 0,
      need: 1,
    },
  };
};

const rowsOf = (
  series: FleetSeries,
  labels: Labels,
  about: SeasonSpec,
  maxRows: number,
): SeasonRows => {
  const rows: SeasonRows = {
    ticks: [],
    logOdds: [],
    maxima: [],
    crossed: [],
    futureMax: [],
    current: [],
  };
  const hosts = series.hosts.length;
  const expected = hosts * Math.max(0, series.ticks - about.periodTicks);
  // Whole ticks are left out, so that every host is judged at the same moments.
  const step = Math.max(1, Math.ceil(expected / maxRows));
  for (let tick = about.periodTicks; tick < series.ticks; tick += step)
    for (let host = 0; host < hosts; host++) {
      const label = host * series.ticks + tick;
      if ((labels.crossed[label] ?? unknownOutcome) === unknownOutcome) continue;
      const seasons = pastSeasons(series, about, host, tick);
      if (seasons.length === 0) continue;
      rows.ticks.push(tick);
      rows.logOdds.push(meanLogOdds(seasons));
      rows.maxima.push(
        onlyBeginsOf(series.metrics[about.target] ?? '')
          ? 0
          : mean(seasons.map(({ maxPercent }) => maxPercent)),
      );
      rows.crossed.push(labels.crossed[label] ?? 0);
      rows.futureMax.push(labels.futureMax[label] ?? 0);
      rows.current.push(sampleAt(series, tick, host, about.target));
    }
  return rows;
};

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
