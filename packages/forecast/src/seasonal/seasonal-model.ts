import { withAddedLoad } from '../added-load.ts';
import { calibrated, sigmoid } from '../calibration.ts';
import type {
  HostScore,
  PairScore,
  Reason,
  ScoredPair,
  ScoreOptions,
  TrainedModel,
  UnknownWhy,
} from '../forecast-model.ts';
import type { LoadedFile } from '../forecaster.ts';
import { isRecord, type ModelFile } from '../model-file.ts';
import { beginsAt } from '../past-rate.ts';
import { fleetReadiness, hostReadiness } from '../readiness.ts';
import { nounOf } from '../reasons.ts';
import { readInfo, refuseFile, sealModel, type UnsealedInfo } from '../seal-model.ts';
import { type FleetSeries, onlyBeginsOf, sampleAt } from '../series.ts';
import { levelLogOdds, type PastSeason, pastSeasons } from './past-seasons.ts';

/** What a seasonal model consists of beside what is told of it. */
export type SeasonalParts = {
  readonly periodTicks: number;
  /** Log-odds for a host of which no earlier season is known, where the begin of an incident is foreseen. */
  readonly usualLogOdds: number;
};

/** What it makes of one host. */
type Foreseen = {
  readonly risk: number;
  readonly expectedMaxPercent: number;
  readonly currentPercent: number;
  /** Empty where no earlier season is known of the host. */
  readonly seasons: readonly PastSeason[];
};

const defaultExplainTop = 32;

/** A seasonal model from its parts: what followed this point of the last seasons follows again. */
export const assembleSeasonal = (unsealed: UnsealedInfo, parts: SeasonalParts): TrainedModel => {
  const { info, bytes } = sealModel(unsealed, { seasonal: parts });
  const begins = onlyBeginsOf(info.targetMetric);

  const foresee = (
    series: FleetSeries,
    host: number,
    atTick: number,
    ready: 'ready' | UnknownWhy,
  ): Foreseen | UnknownWhy => {
    const why = ready === 'ready' ? beginsAt(series, info, host, atTick) : ready;
    if (why !== 'ready') return why;
    const target = series.metrics.indexOf(info.targetMetric);
    const { horizonTicks, thresholdPercent } = info;
    const season = { periodTicks: parts.periodTicks, horizonTicks, thresholdPercent, target };
    const seasons = pastSeasons(series, season, host, atTick);
    const currentPercent = newestKnown(series, host, target, atTick);
    if (seasons.length > 0)
      return {
        risk: calibrated(info.calibration, meanLogOdds(seasons)),
        expectedMaxPercent: begins ? 0 : mean(seasons.map(({ maxPercent }) => maxPercent)),
        currentPercent,
        seasons,
      };
    // What serves hosts that are new here is no season but the fallback's way: each reason says so.
    const logOdds = begins
      ? info.calibration.slope * parts.usualLogOdds + info.calibration.intercept
      : levelLogOdds(currentPercent, info.thresholdPercent);
    return {
      risk: sigmoid(logOdds),
      expectedMaxPercent: begins ? 0 : currentPercent,
      currentPercent,
      seasons,
    };
  };

  const reasonsOf = ({ seasons, currentPercent }: Foreseen): Reason[] => {
    const noun = nounOf(info.targetMetric);
    if (seasons.length === 0)
      return [
        {
          theme: 'level',
          feature: 'cpu[-0]',
          value: currentPercent,
          contribution: begins ? 0 : levelLogOdds(currentPercent, info.thresholdPercent),
          words: `no earlier season of this host is known${begins ? '' : `; ${noun} is at ${currentPercent.toFixed(0)} % now`}`,
        },
      ];
    return seasons
      .map(
        ({ back, maxPercent, logOdds }): Reason => ({
          theme: 'season',
          feature: featureOf(parts.periodTicks, back),
          value: maxPercent,
          contribution: (info.calibration.slope * logOdds) / seasons.length,
          words: begins
            ? `${ago(back)} ${maxPercent > 0 ? 'an' : 'no'} incident began about this time`
            : `${ago(back)} ${noun} rose to ${maxPercent.toFixed(0)} % within the next ${info.horizonTicks} ticks`,
        }),
      )
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution));
  };

  return {
    answers: 'risk',
    info,
    serialize: () => bytes.slice(),
    score(series, atTick, { explainTop = defaultExplainTop, explainHost }: ScoreOptions = {}) {
      const foreseen = fleetReadiness(series, info.targetMetric, info.windowTicks, atTick).map(
        (ready, host) => foresee(series, host, atTick, ready),
      );
      const explained = new Set(
        foreseen
          .flatMap((own, host) => (typeof own === 'string' ? [] : [{ host, risk: own.risk }]))
          .sort((a, b) => b.risk - a.risk)
          .slice(0, explainTop)
          .map(({ host }) => host),
      );
      return series.hosts.map((host, hostIndex): HostScore => {
        const own = foreseen[hostIndex] ?? 'unknown-host';
        if (typeof own === 'string') return { host, hostIndex, risk: 'unknown', why: own };
        const { risk, expectedMaxPercent } = own;
        const isExplained = explained.has(hostIndex) || hostIndex === explainHost;
        const reasons = isExplained ? reasonsOf(own) : [];
        return { host, hostIndex, risk, expectedMaxPercent, reasons };
      });
    },
    scorePairs: (series, atTick, pairs: readonly ScoredPair[]) =>
      pairs.map((pair): PairScore => {
        const { hostIndex } = pair;
        const ready = hostReadiness(series, info.targetMetric, info.windowTicks, hostIndex, atTick);
        const own = foresee(series, hostIndex, atTick, ready);
        if (typeof own === 'string') return { ...pair, risk: 'unknown', why: own };
        const { thresholdPercent, maximumSpread } = info;
        return {
          ...pair,
          ...withAddedLoad(own, pair.addedCpuPercent, thresholdPercent, maximumSpread),
        };
      }),
  };
};

/** A seasonal model from its file, or why the file is refused. */
export const readSeasonal = (file: ModelFile): LoadedFile<TrainedModel> => {
  const info = readInfo(file);
  if (info.kind === 'refused') return info;
  const { seasonal } = file.header;
  return isSeason(seasonal, info.horizonTicks)
    ? { kind: 'loaded', model: assembleSeasonal(info, seasonal) }
    : refuseFile('malformed-header', 'the season is not described');
};

// A season shorter than the horizon would read what comes after the tick.
const isSeason = (value: unknown, horizonTicks: number): value is SeasonalParts =>
  isRecord(value) &&
  Number.isInteger(horizonTicks) &&
  horizonTicks > 0 &&
  horizonTicks < 1e4 &&
  typeof value.periodTicks === 'number' &&
  Number.isInteger(value.periodTicks) &&
  value.periodTicks >= horizonTicks &&
  typeof value.usualLogOdds === 'number' &&
  Math.abs(value.usualLogOdds) <= 100;

/** The name under which a past season's maximum is told. */
export const featureOf = (periodTicks: number, back: number): string =>
  `season${periodTicks}.nextMax-${back}`;

/** Mean of what the seasons say. */
export const meanLogOdds = (seasons: readonly PastSeason[]): number =>
  mean(seasons.map(({ logOdds }) => logOdds));

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const ago = (back: number): string => (back === 1 ? 'one season ago' : `${back} seasons ago`);

const newestKnown = (series: FleetSeries, host: number, target: number, atTick: number): number => {
  for (let tick = atTick; tick >= 0; tick--) {
    const value = sampleAt(series, tick, host, target);
    if (!Number.isNaN(value)) return value;
  }
  return NaN;
};
