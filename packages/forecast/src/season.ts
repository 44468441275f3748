import { type FleetSeries, sampleAt } from './series.ts';

/** A recurring pattern found in the data: its period and the autocorrelation at that lag. */
export type Season = { readonly periodTicks: number; readonly strength: number };

/** Below this autocorrelation a lag is taken for chance, not for a season (our choice). */
const minStrength = 0.12;
const maxHosts = 48;

/**
 * Finds the season shared by the fleet: the highest peak of the hosts' mean autocorrelation, at least two
 * horizons long and seen at least twice and a half; `none` when nothing recurs.
 */
export const findSeason = (
  series: FleetSeries,
  target: number,
  horizonTicks: number,
  ticks: number = series.ticks,
): Season | 'none' => {
  const minLag = 2 * horizonTicks;
  const maxLag = Math.floor(ticks / 2.5);
  if (maxLag <= minLag + 2) return 'none';
  const correlation = new Float64Array(maxLag + 1);
  const step = Math.max(1, Math.floor(series.hosts.length / maxHosts));
  let counted = 0;
  for (let host = 0; host < series.hosts.length; host += step) {
    const own = autocorrelation(centred(series, host, target, ticks), maxLag);
    if (own === 'flat') continue;
    counted++;
    for (let lag = 0; lag <= maxLag; lag++)
      correlation[lag] = (correlation[lag] ?? 0) + (own[lag] ?? 0);
  }
  if (counted === 0) return 'none';
  return highestPeak(correlation, counted, minLag);
};

const centred = (
  series: FleetSeries,
  host: number,
  target: number,
  ticks: number,
): Float64Array => {
  const values = new Float64Array(ticks);
  let sum = 0;
  let known = 0;
  for (let tick = 0; tick < ticks; tick++) {
    const value = sampleAt(series, tick, host, target);
    values[tick] = value;
    if (!Number.isNaN(value)) {
      sum += value;
      known++;
    }
  }
  const mean = known === 0 ? 0 : sum / known;
  for (let tick = 0; tick < ticks; tick++) {
    const value = values[tick] ?? NaN;
    values[tick] = Number.isNaN(value) ? 0 : value - mean;
  }
  return values;
};

const autocorrelation = (values: Float64Array, maxLag: number): Float64Array | 'flat' => {
  let power = 0;
  for (const value of values) power += value * value;
  if (power < 1e-9) return 'flat';
  const result = new Float64Array(maxLag + 1);
  for (let lag = 1; lag <= maxLag; lag++) {
    let sum = 0;
    for (let tick = lag; tick < values.length; tick++)
      sum += (values[tick] ?? 0) * (values[tick - lag] ?? 0);
    // Undoing the taper of the shorter overlap keeps long periods comparable with short ones.
    result[lag] = (sum / power) * (values.length / (values.length - lag));
  }
  return result;
};

const highestPeak = (
  correlation: Float64Array,
  counted: number,
  minLag: number,
): Season | 'none' => {
  const peaks: Season[] = [];
  for (let lag = minLag; lag < correlation.length - 1; lag++) {
    const here = correlation[lag] ?? 0;
    let isPeak = true;
    const reach = Math.max(2, Math.floor(lag / 10));
    for (let near = 1; isPeak && near <= reach; near++)
      isPeak =
        here >= (correlation[lag - near] ?? -Infinity) &&
        here >= (correlation[lag + near] ?? -Infinity);
    if (isPeak) peaks.push({ periodTicks: lag, strength: here / counted });
  }
  const highest = Math.max(-Infinity, ...peaks.map(({ strength }) => strength));
  if (highest < minStrength) return 'none';
  // Multiples of the period peak as high as the period itself: the shortest of them is the season.
  return peaks.find(({ strength }) => strength >= 0.8 * highest) ?? 'none';
};
