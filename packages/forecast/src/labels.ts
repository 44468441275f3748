import { type FleetSeries, onlyBeginsOf, sampleAt } from './series.ts';
import type { Interval } from './spec.ts';

/** What became of each host-tick: did the target cross the threshold within the horizon, and how high did it rise. */
export type Labels = {
  /** Per `host × ticks + tick`: 1 crossed, 0 stayed below, 255 not known (a sample is missing, or censored). */
  readonly crossed: Uint8Array;
  /** Highest value within the horizon; meaningful where `crossed` is known. */
  readonly futureMax: Float32Array;
};

/** The value of `Labels.crossed` where the outcome is not known. */
export const unknownOutcome = 255;

/**
 * Outcomes of every host-tick: `y = 1` if the maximum of the next `horizonTicks` samples reaches the threshold.
 * Known only where the current and all those samples exist and no own move lies within a horizon; of an incident that
 * lasts there is no begin to tell.
 */
export const labelOutcomes = (
  series: FleetSeries,
  target: number,
  horizonTicks: number,
  thresholdPercent: number,
  censored: Readonly<Record<string, readonly Interval[]>> = {},
): Labels => {
  const { ticks } = series;
  const crossed = new Uint8Array(series.hosts.length * ticks).fill(unknownOutcome);
  const futureMax = new Float32Array(series.hosts.length * ticks);
  const onlyBegins = onlyBeginsOf(series.metrics[target] ?? '');
  series.hosts.forEach((name, host) => {
    const intervals = censored[name] ?? [];
    for (let tick = 0; tick + horizonTicks < ticks; tick++) {
      let known = !Number.isNaN(sampleAt(series, tick, host, target));
      let max = -Infinity;
      for (let ahead = 1; known && ahead <= horizonTicks; ahead++) {
        const value = sampleAt(series, tick + ahead, host, target);
        if (Number.isNaN(value)) known = false;
        else if (value > max) max = value;
      }
      if (known && onlyBegins && sampleAt(series, tick, host, target) >= thresholdPercent)
        known = false;
      if (!known || isCensored(series, tick, horizonTicks, intervals)) continue;
      futureMax[host * ticks + tick] = max;
      crossed[host * ticks + tick] = max >= thresholdPercent ? 1 : 0;
    }
  });
  return { crossed, futureMax };
};

// A move changes the load from its start on; a tick is tainted when the move lies in its future
// horizon (its outcome is the cure's) or within one horizon of its past (its inputs still settle).
const isCensored = (
  series: FleetSeries,
  tick: number,
  horizonTicks: number,
  intervals: readonly Interval[],
): boolean => {
  const atMs = series.firstTickAtMs + tick * series.tickMs;
  const reachMs = horizonTicks * series.tickMs;
  return intervals.some(({ fromMs, toMs }) => atMs + reachMs >= fromMs && atMs - reachMs <= toMs);
};
