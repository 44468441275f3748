import { maxGapRatio, staleAfterTicks, type UnknownWhy } from './forecast-model.ts';
import { type FleetSeries, sampleAt } from './series.ts';

/** Whether a host's samples suffice for a risk at a tick, and if not, why. */
export const hostReadiness = (
  series: FleetSeries,
  targetMetric: string,
  windowTicks: number,
  host: number,
  atTick: number,
): 'ready' | UnknownWhy => {
  const target = series.metrics.indexOf(targetMetric);
  if (host < 0 || host >= series.hosts.length) return 'unknown-host';
  if (target < 0 || atTick < 0 || atTick >= series.ticks) return 'no-samples';
  let known = 0;
  let newest = -1;
  for (let tick = Math.max(0, atTick - windowTicks + 1); tick <= atTick; tick++)
    if (!Number.isNaN(sampleAt(series, tick, host, target))) {
      known++;
      newest = tick;
    }
  if (newest < 0) {
    for (let tick = 0; tick <= atTick; tick++)
      if (!Number.isNaN(sampleAt(series, tick, host, target))) return 'stale';
    return 'no-samples';
  }
  return readinessOf(known, newest, windowTicks, atTick);
};

/** The same of every host: the samples are read in the order in which they lie in memory. */
export const fleetReadiness = (
  series: FleetSeries,
  targetMetric: string,
  windowTicks: number,
  atTick: number,
): ('ready' | UnknownWhy)[] => {
  const { hosts, metrics, values } = series;
  const target = metrics.indexOf(targetMetric);
  const known = new Int32Array(hosts.length);
  const newest = new Int32Array(hosts.length).fill(-1);
  const within = target >= 0 && atTick < series.ticks;
  for (let tick = Math.max(0, atTick - windowTicks + 1); within && tick <= atTick; tick++)
    for (let host = 0; host < hosts.length; host++) {
      const value = values[(tick * hosts.length + host) * metrics.length + target] ?? NaN;
      if (Number.isNaN(value)) continue;
      known[host] = (known[host] ?? 0) + 1;
      newest[host] = tick;
    }
  return hosts.map((_, host) => {
    const last = newest[host] ?? -1;
    // Whether it has ever sent anything is looked up for the few that are silent.
    if (last < 0) return hostReadiness(series, targetMetric, windowTicks, host, atTick);
    return readinessOf(known[host] ?? 0, last, windowTicks, atTick);
  });
};

const readinessOf = (
  known: number,
  newest: number,
  windowTicks: number,
  atTick: number,
): 'ready' | UnknownWhy => {
  if (atTick - newest > staleAfterTicks) return 'stale';
  return known < windowTicks * (1 - maxGapRatio) ? 'gaps' : 'ready';
};
