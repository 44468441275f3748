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
  if (atTick - newest > staleAfterTicks) return 'stale';
  return known < windowTicks * (1 - maxGapRatio) ? 'gaps' : 'ready';
};
