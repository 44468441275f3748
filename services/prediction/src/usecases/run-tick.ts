import {
  type FleetSeries,
  incidentMetric,
  notEnoughData,
  onlyBeginsOf,
  WarmFleet,
} from '@sidestep/forecast';
import type { Clock, Log } from '@sidestep/service-kit';
import type { Forecast } from '../domain/forecast-board.ts';
import { type IncidentTimes, incidentSamples } from '../domain/incident-series.ts';
import { outlookId, riskMetricOf } from '../domain/outlook.ts';
import type { SampleWindow } from '../domain/sample-window.ts';
import { modelInputs, type PredictionSettings, trainingSpecOf } from '../domain/settings.ts';
import { type Doubts, type JudgedScore, withoutDoubtful } from '../domain/suspects.ts';
import { newestWholeTick } from '../domain/ticks.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { TickObserver } from '../ports/tick-observer.ts';
import { loadHistory } from './load-history.ts';
import type { ServingModel } from './serving-model.ts';

/** Ticks that are read again at each tick, for the samples that came late. */
const lateTicks = 2;
/** Ticks held at least: enough to see that there is enough data for a training. */
const minWindowTicks = 720;
const inventoryEveryMs = 60_000;
/** Of a tick's time, what the side outlooks may take together. */
const sideShare = 0.25;
const doubtsEveryMs = 30_000;
const readinessEveryMs = 60_000;

/** One outlook beside the chief one, with the model that serves for it. */
export type SideOutlook = { settings: PredictionSettings; serving: ServingModel };

/** The running forecast of the fleet. */
export type TickRunner = {
  /** Reads and scores the newest whole tick; answers false when that has been done already. Throws while Monitoring is away. */
  run(): Promise<boolean>;
  /** What was foreseen last, however old. */
  forecast(): Forecast | undefined;
  /** The same of a side outlook, by its name. */
  sideForecast(outlook: string): Forecast | undefined;
  /** Scores the samples in hand once more, with the model that serves now. */
  rescore(): void;
  /** What the data in hand lacks for a training. */
  lacking(): 'enough' | string;
  /** The same for a side outlook; judged when asked, at most once a minute. */
  sideLacking(outlook: string): 'enough' | string;
};

export function createTickRunner(deps: {
  clock: Clock;
  settings: PredictionSettings;
  telemetry: Telemetry;
  serving: ServingModel;
  sides?: readonly SideOutlook[];
  observer: TickObserver;
  /** Incidents by host, as they are known now. */
  incidents?: () => IncidentTimes;
  /** Told of each forecast once it is written back, with its outlook's name. */
  onScored?: (outlook: string, forecast: Forecast) => Promise<void>;
  log: Log;
}): TickRunner {
  const { clock, settings, telemetry, serving, sides = [], observer, onScored, log } = deps;
  const incidents = deps.incidents ?? ((): IncidentTimes => ({}));
  const { tickMs } = settings;
  const targets = [settings, ...sides.map((side) => side.settings)];
  const all = new Set([
    ...settings.inputMetrics,
    ...targets.map(({ targetMetric }) => targetMetric),
  ]);
  // Incidents are Prediction's own records: Monitoring is not asked for them.
  const metrics = modelInputs([...all].filter((metric) => metric !== incidentMetric));
  const laidIn = all.has(incidentMetric) ? [incidentMetric] : [];
  const spec = trainingSpecOf(settings, { seed: 1, censored: {} });
  let window: SampleWindow | undefined;
  // What features need of the window, kept from tick to tick; made anew with it, as after a restart.
  let warm = new WarmFleet(1);
  let series: FleetSeries | undefined;
  let laidIncidents = '';
  let filledFor = -1;
  let lastTickAtMs = -Infinity;
  let forecast: Forecast | undefined;
  const sideForecasts = new Map<string, Forecast>();
  const sideLacks = new Map<string, { words: 'enough' | string; atMs: number }>();
  let inventoryHosts: readonly string[] = [];
  let doubts: Doubts = new Map();
  let inventoryReadAtMs = -Infinity;
  let nextSide = 0;
  let doubtsReadAtMs = -Infinity;
  let lack: 'enough' | string = 'no tick has been read yet';
  let lackJudgedAtMs = -Infinity;

  const refreshInventory = async () => {
    if (clock.now() - inventoryReadAtMs < inventoryEveryMs) return;
    try {
      inventoryHosts = (await telemetry.readInventory()).hosts.map(({ id }) => id);
      inventoryReadAtMs = clock.now();
    } catch (error) {
      inventoryReadAtMs = clock.now() - inventoryEveryMs + tickMs;
      // Hosts that send samples are scored without it; only silent ones would not be named.
      log.warn({ error }, 'The inventory could not be read');
    }
  };

  const refreshDoubts = async () => {
    if (clock.now() - doubtsReadAtMs < doubtsEveryMs) return;
    doubtsReadAtMs = clock.now();
    try {
      doubts = await telemetry.readDoubts();
    } catch (error) {
      // What was found last goes on: a host does not become trustworthy by nobody's looking.
      log.warn({ error }, 'The quality of the series could not be read');
    }
  };

  const fill = async (newestAtMs: number): Promise<SampleWindow> => {
    const hosts = Math.max(inventoryHosts.length, window?.hostIds.length ?? 0, 1);
    const affordable = Math.floor(settings.maxWindowSamples / (hosts * metrics.length));
    const models = [serving, ...sides.map((side) => side.serving)].map(
      (each) => each.current().model,
    );
    const wanted = Math.max(...models.map(({ info }) => info.historyTicks), minWindowTicks);
    const ticks = Math.max(settings.windowTicks + lateTicks, Math.min(wanted, affordable));
    return loadHistory(
      telemetry,
      { fromMs: newestAtMs - (ticks - 1) * tickMs, toMs: newestAtMs + tickMs, tickMs, metrics },
      { hosts, slackTicks: Math.ceil(ticks / 4), laidIn },
    );
  };

  /** Nothing of it is left in time, or so many hosts have come that it holds too much. */
  const mustRefill = ({ capacityTicks, hostIds }: SampleWindow, newestAtMs: number): boolean =>
    newestAtMs - lastTickAtMs > capacityTicks * tickMs ||
    (hostIds.length * metrics.length * capacityTicks > 1.25 * settings.maxWindowSamples &&
      capacityTicks > settings.windowTicks + lateTicks);

  /** The oldest tick that may have changed since the last tick: what came late is read again. */
  const changedFrom = (held: SampleWindow): number =>
    Math.max(held.firstTickAtMs, lastTickAtMs - (lateTicks - 1) * tickMs);

  const readNewTicks = async (held: SampleWindow, newestAtMs: number): Promise<void> => {
    const samples = await telemetry.readSamples({
      fromMs: changedFrom(held),
      toMs: newestAtMs + tickMs,
      tickMs,
      metrics,
    });
    held.advanceTo(newestAtMs);
    held.put(samples);
  };

  /** Brings the window up to a tick. */
  const hold = async (newestAtMs: number): Promise<void> => {
    const generation = sides.reduce(
      (sum, side) => sum + side.serving.generation(),
      serving.generation(),
    );
    let changedFromMs = -Infinity;
    if (window === undefined || filledFor !== generation || mustRefill(window, newestAtMs)) {
      window = await fill(newestAtMs);
      warm = new WarmFleet(window.capacityTicks);
    } else {
      changedFromMs = changedFrom(window);
      await readNewTicks(window, newestAtMs);
    }
    filledFor = generation;
    window.addHosts(inventoryHosts);
    series = window.series();
    const earlier = layIncidents(window, newestAtMs, changedFromMs);
    warm.follow(series, Math.max(series.firstTickAtMs, changedFromMs), earlier);
  };

  /** Lays the incidents beside the samples: at the new ticks, and everywhere once others are known than before. */
  const layIncidents = (
    held: SampleWindow,
    newestAtMs: number,
    changedFromMs: number,
  ): Record<string, number> => {
    if (laidIn.length === 0) return {};
    const times = incidents();
    const known = JSON.stringify(times);
    const fromMs = known === laidIncidents ? changedFromMs : -Infinity;
    laidIncidents = known;
    const from = Math.max(held.firstTickAtMs, fromMs);
    held.put(
      incidentSamples(times, held.hostIds, { fromMs: from, toMs: newestAtMs + tickMs, tickMs }),
    );
    return { [incidentMetric]: from };
  };

  const scoredBy = (by: ServingModel, series: FleetSeries, targetMetric: string): Forecast => {
    const served = by.current();
    const atMs = lastTickAtMs + tickMs;
    try {
      const made = served.model.score(series, series.ticks - 1);
      const scores = withoutDoubtful(made, doubts, targetMetric);
      // Where a host's load is not known, it is not known either whether an incident is about to begin.
      const known = onlyBeginsOf(targetMetric) ? asKnownAsLoad(scores) : scores;
      return { ...served, atMs, series, scores: known };
    } catch (error) {
      if (served.version === null) throw error;
      log.error({ error, model: served.version }, 'The model failed; the fallback answers');
      by.fallBack(`${served.version} failed while it scored`);
      return scoredBy(by, series, targetMetric);
    }
  };

  const asKnownAsLoad = (scores: readonly JudgedScore[]): JudgedScore[] =>
    scores.map((score, host) => {
      const load = forecast?.scores[host];
      return load?.risk === 'unknown' && load.host === score.host ? load : score;
    });

  const score = (): void => {
    if (series !== undefined) forecast = scoredBy(serving, series, settings.targetMetric);
  };

  const scoreSides = async (): Promise<void> => {
    const startedAt = performance.now();
    for (let scored = 0; scored < sides.length; scored++) {
      // At least one a tick, each in its turn: a fleet too large for all of them still has its chief risks in time.
      if (scored > 0 && performance.now() - startedAt > sideShare * tickMs) return;
      const side = sides[nextSide];
      nextSide = (nextSide + 1) % sides.length;
      if (series === undefined || side === undefined) return;
      const forecastOfSide = scoredBy(side.serving, series, side.settings.targetMetric);
      sideForecasts.set(outlookId(side.settings), forecastOfSide);
      await writeBack(forecastOfSide, side.settings);
      await onScored?.(outlookId(side.settings), forecastOfSide);
    }
  };

  const judgeData = (): void => {
    const { version, fallback } = serving.current();
    const judgedLately = clock.now() - lackJudgedAtMs < readinessEveryMs;
    if (window === undefined || version !== null || judgedLately) return;
    lackJudgedAtMs = clock.now();
    const judged = notEnoughData(window.series(), spec);
    lack = judged === 'enough' ? 'enough' : judged.words;
    if (neverTrained(fallback?.reason))
      serving.fallBack(lack === 'enough' ? neverTrainedWords : `${neverTrainedWords}: ${lack}`);
  };

  const writeBack = async (
    { scores, model, atMs }: Forecast,
    { targetMetric, horizonTicks }: PredictionSettings,
  ): Promise<void> => {
    const risks = scores.flatMap(({ host, risk }) =>
      risk === 'unknown' ? [] : [{ hostId: host, risk }],
    );
    try {
      await telemetry.writeRisks(risks, {
        metric: riskMetricOf(targetMetric),
        atMs,
        horizonMs: horizonTicks * tickMs,
        model: model.info.version,
      });
      observer.risksWritten(risks.length);
    } catch (error) {
      // Not kept for later: a forecast that arrives late tells of a future that has begun.
      observer.risksDropped(risks.length);
      log.warn({ error, dropped: risks.length }, 'The risks could not be written back');
    }
  };

  return {
    run: async () => {
      const newestAtMs = newestWholeTick(clock.now() - settings.settleMs, tickMs);
      if (newestAtMs <= lastTickAtMs) return false;
      const startedAt = performance.now();
      try {
        await refreshInventory();
        await refreshDoubts();
        await hold(newestAtMs);
        lastTickAtMs = newestAtMs;
        judgeData();
        score();
      } catch (error) {
        observer.tickFailed();
        throw error;
      }
      if (forecast === undefined) return true;
      const unknown = forecast.scores.filter(({ risk }) => risk === 'unknown').length;
      observer.ticked({
        durationMs: performance.now() - startedAt,
        scored: forecast.scores.length - unknown,
        unknown,
      });
      await writeBack(forecast, settings);
      await onScored?.(outlookId(settings), forecast);
      await scoreSides();
      return true;
    },
    forecast: () => forecast,
    sideForecast: (outlook) => sideForecasts.get(outlook),
    rescore: score,
    lacking: () => lack,
    sideLacking: (outlook) => {
      const side = sides.find((each) => outlookId(each.settings) === outlook);
      const known = sideLacks.get(outlook);
      if (known !== undefined && clock.now() - known.atMs < readinessEveryMs) return known.words;
      if (side === undefined || window === undefined) return 'no tick has been read yet';
      const judged = notEnoughData(
        window.series(),
        trainingSpecOf(side.settings, { seed: 1, censored: {} }),
      );
      const words = judged === 'enough' ? 'enough' : judged.words;
      sideLacks.set(outlook, { words, atMs: clock.now() });
      if (neverTrained(side.serving.current().fallback?.reason))
        side.serving.fallBack(
          words === 'enough' ? neverTrainedWords : `${neverTrainedWords}: ${words}`,
        );
      return words;
    },
  };
}

const neverTrainedWords = 'no model has been trained yet';
const neverTrained = (reason: string | undefined): boolean =>
  reason?.startsWith(neverTrainedWords) === true;
