import { type Calibration, calibrated, fitCalibration, noCalibration } from '../calibration.ts';
import { persistenceRisk } from '../persistence.ts';
import { type PastSeason, pastSeasons, type SeasonSpec } from '../seasonal/past-seasons.ts';
import { meanLogOdds } from '../seasonal/seasonal-model.ts';
import { knownRows, type Part } from './row-store.ts';
import type { WalkingModel } from './walking-blend.ts';

/** Host-ticks that its two numbers are calibrated on at most. */
const maxRows = 60_000;

/** The seasonal model as it is served, calibrated anew at each step; where no earlier season is known the last value goes on. */
export const seasonalWalker = (
  season: SeasonSpec,
  parts: readonly Part[],
  seed: number,
): WalkingModel => {
  let calibration: Calibration = noCalibration;
  const before = ({ prepared }: Part, host: number, tick: number): PastSeason[] =>
    season.periodTicks > 0 ? pastSeasons(prepared.series, season, host, tick) : [];
  return {
    async refit(tick) {
      const logOdds: number[] = [];
      const outcomes: number[] = [];
      const until = tick - season.horizonTicks;
      for (const { part, host, tick } of knownRows(
        parts,
        season.periodTicks,
        until,
        maxRows,
        seed,
      )) {
        const source = parts[part];
        const seasons = source === undefined ? [] : before(source, host, tick);
        if (source === undefined || seasons.length === 0) continue;
        logOdds.push(meanLogOdds(seasons));
        outcomes.push(source.labels.crossed[host * source.prepared.series.ticks + tick] ?? 0);
      }
      calibration = fitCalibration(logOdds, outcomes);
    },
    learnFrom: () => undefined,
    settle: () => undefined,
    foresee(part, host, tick) {
      const seasons = before(part, host, tick);
      const now = part.prepared.targets[host]?.values[tick] ?? 0;
      if (seasons.length === 0)
        return { risk: persistenceRisk(now, season.thresholdPercent), maxPercent: now };
      const maxima = seasons.reduce((sum, { maxPercent }) => sum + maxPercent, 0);
      return {
        risk: calibrated(calibration, meanLogOdds(seasons)),
        maxPercent: maxima / seasons.length,
      };
    },
    state: () =>
      season.periodTicks > 0
        ? `a season of ${season.periodTicks} ticks, slope ${calibration.slope.toFixed(2)}, intercept ${calibration.intercept.toFixed(2)}`
        : 'no season: the last value goes on',
  };
};
