import { type Interval, incidentMetric } from '@sidestep/forecast';
import type { Incident } from './incident.ts';
import type { HostSamples } from './sample-window.ts';

/** When each host had incidents, by host. */
export type IncidentTimes = Readonly<Record<string, readonly Interval[]>>;

/** An operator may not have told when it ended: it is taken to have lasted so long. */
const untoldMs = 60_000;

/** The times of incidents by host; one that lasts has no end. */
export const timesOf = (incidents: readonly Incident[]): IncidentTimes => {
  const times: Record<string, Interval[]> = {};
  for (const { resource, source, startedAtMs, endedAtMs } of incidents) {
    const lasting = source === 'operator' ? startedAtMs + untoldMs : Infinity;
    const own = times[resource] ?? [];
    own.push({ fromMs: startedAtMs, toMs: Math.max(startedAtMs, endedAtMs ?? lasting) });
    times[resource] = own;
  }
  return times;
};

/**
 * A series for each host: 100 at the ticks in which an incident lasted, else 0. A host is told of for the whole stretch,
 * whether or not it sent anything: that it went silent is what the incident was.
 */
export const incidentSamples = (
  times: IncidentTimes,
  hostIds: readonly string[],
  stretch: { fromMs: number; toMs: number; tickMs: number },
): HostSamples[] => {
  const { fromMs, toMs, tickMs } = stretch;
  const ticks = Math.max(0, Math.round((toMs - fromMs) / tickMs));
  const none: readonly number[] = new Array<number>(ticks).fill(0);
  return hostIds.map((hostId) => {
    const touching = (times[hostId] ?? []).filter(
      (time) => time.fromMs < toMs && time.toMs >= fromMs,
    );
    if (touching.length === 0)
      return { hostId, metric: incidentMetric, firstTickAtMs: fromMs, values: none };
    const values = [...none];
    for (const time of touching) {
      const first = Math.max(0, Math.floor((time.fromMs - fromMs) / tickMs));
      const last = Math.min(ticks - 1, Math.floor((time.toMs - fromMs) / tickMs));
      values.fill(100, first, last + 1);
    }
    return { hostId, metric: incidentMetric, firstTickAtMs: fromMs, values };
  });
};
