import {
  type FleetSeries,
  type ForecastModel,
  staleAfterTicks,
  type UnknownWhy,
} from '@sidestep/forecast';
import type { JudgedScore } from './suspects.ts';

/** What answers in a model's place, and why. */
export type Fallback = { name: 'persistence' | 'past-rate'; reason: string };

/** The model that answers: a trained one, or the fallback. */
export type Served = {
  model: ForecastModel;
  /** Null while a fallback answers. */
  version: string | null;
  fallback: Fallback | null;
};

/** Everything that was foreseen at one tick. */
export type Forecast = Served & {
  /** End of the newest tick that it rests on. */
  atMs: number;
  series: FleetSeries;
  scores: readonly JudgedScore[];
};

/** Reasons why a risk is unknown: the library's, samples not to be relied on, and a forecast that is itself too old. */
export type RiskUnknown = UnknownWhy | 'suspect' | 'unsigned' | 'stale-tick' | 'no-tick';

/** Whether a forecast still tells about now; else since when it does not. */
export const freshness = (
  forecast: Forecast | undefined,
  nowMs: number,
  tickMs: number,
): { kind: 'fresh' } | { kind: 'stale'; why: RiskUnknown; words: string } => {
  if (forecast === undefined)
    return { kind: 'stale', why: 'no-tick', words: 'nothing has been scored yet' };
  const ageMs = nowMs - forecast.atMs;
  return ageMs > staleAfterTicks * tickMs
    ? {
        kind: 'stale',
        why: 'stale-tick',
        words: `the newest scored tick ended ${Math.round(ageMs / 1000)} s ago`,
      }
    : { kind: 'fresh' };
};

/** The library's reason in words. */
export const unknownWords = (why: RiskUnknown): string =>
  ({
    'no-samples': 'it has sent no CPU samples',
    stale: `its newest CPU sample is older than ${staleAfterTicks} ticks`,
    gaps: 'too many samples of its window are missing',
    'unknown-host': 'no host of this name has sent samples',
    'in-incident': 'an incident lasts; what is foreseen is that one begins',
    suspect: 'Monitoring finds a fault in its samples (skewed, stuck, a wrong unit)',
    unsigned: 'something that it sends is unsigned, and the operator does not allow that',
    'stale-tick': 'the newest scored tick is too old',
    'no-tick': 'nothing has been scored yet',
  })[why];
