import { type FleetSeries, onlyBeginsOf, sampleAt } from '../series.ts';

/** What a seasonal model looks back by. */
export type SeasonSpec = {
  readonly periodTicks: number;
  readonly horizonTicks: number;
  readonly thresholdPercent: number;
  /** Column of the foreseen metric. */
  readonly target: number;
};

/** What followed this point of an earlier season. */
export type PastSeason = {
  /** How many seasons ago; 1 = the last. */
  readonly back: number;
  /** Highest sample of the horizon then; of an incident 100 where one began, else 0. */
  readonly maxPercent: number;
  /** What it says of now, in log-odds. */
  readonly logOdds: number;
};

/** Seasons looked back by at most: older ones tell of another fleet (our choice). */
export const seasonsBack = 4;
/** Points over which a season's maximum goes from speaking for a crossing to speaking against it (our choice). */
const spreadPercent = 5;
/** No season says more than this, however far from the threshold it was. */
const mostLogOdds = 4;

/** Where a level stands to the threshold, as log-odds. */
export const levelLogOdds = (percent: number, thresholdPercent: number): number =>
  Math.max(-mostLogOdds, Math.min(mostLogOdds, (percent - thresholdPercent) / spreadPercent));

/** What followed this point of the last seasons, as far as it is known; reads nothing after `atTick`. */
export const pastSeasons = (
  series: FleetSeries,
  spec: SeasonSpec,
  host: number,
  atTick: number,
): PastSeason[] => {
  const begins = onlyBeginsOf(series.metrics[spec.target] ?? '');
  const seasons: PastSeason[] = [];
  for (let back = 1; back <= seasonsBack; back++) {
    const then = atTick - back * spec.periodTicks;
    if (then < 0) break;
    const maxPercent = begins
      ? begunAfter(series, spec, host, then, atTick)
      : highestAfter(series, spec, host, then);
    if (maxPercent === 'unknown') continue;
    seasons.push({ back, maxPercent, logOdds: levelLogOdds(maxPercent, spec.thresholdPercent) });
  }
  return seasons;
};

/** Known when at least half of the horizon is. */
const highestAfter = (
  series: FleetSeries,
  { target, horizonTicks }: SeasonSpec,
  host: number,
  then: number,
): number | 'unknown' => {
  let max = -Infinity;
  let known = 0;
  for (let ahead = 1; ahead <= horizonTicks; ahead++) {
    const value = sampleAt(series, then + ahead, host, target);
    if (Number.isNaN(value)) continue;
    known++;
    if (value > max) max = value;
  }
  return known * 2 < horizonTicks ? 'unknown' : max;
};

// Jobs that go wrong at night do not do so on the minute: half a horizon of slack on both sides.
const begunAfter = (
  series: FleetSeries,
  { target, horizonTicks, thresholdPercent }: SeasonSpec,
  host: number,
  then: number,
  atTick: number,
): number | 'unknown' => {
  const slack = horizonTicks >> 1;
  const last = Math.min(atTick, then + horizonTicks + slack);
  let known = 0;
  for (let tick = Math.max(1, then + 1 - slack); tick <= last; tick++) {
    const value = sampleAt(series, tick, host, target);
    if (Number.isNaN(value)) continue;
    known++;
    if (value >= thresholdPercent && sampleAt(series, tick - 1, host, target) < thresholdPercent)
      return 100;
  }
  return known * 2 < horizonTicks ? 'unknown' : 0;
};
