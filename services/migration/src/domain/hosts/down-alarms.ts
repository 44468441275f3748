import type { HostId } from '@sidestep/fleet';
import type { Inventory, NewestSample } from '../view-of.ts';

/** What Monitoring's alarms say of a host. */
export type HostAlarms = {
  /** Nova called it down at Monitoring's last look. */
  down: boolean;
  /** Its own agent has not been heard of for a while. */
  silent: boolean;
  /** Does somebody see at least one of the alarms now? */
  seen: boolean;
  /** The rules of the alarms. */
  ruleIds: readonly string[];
  /** When the newest of the alarms was raised, milliseconds since the epoch. */
  raisedAtMs: number;
};

/** Monitoring's series of what Nova says, and of how long a host has not been heard of. */
const metrics = { down: 'telemetry.hostDown', silent: 'telemetry.ageSeconds' } as const;

/** Hosts with an alarm that says down or silent. */
export function silentHosts(
  alarms: readonly {
    hostId: HostId;
    ruleId: string;
    metric: string;
    raisedAtMs: number;
    unseen?: boolean;
  }[],
): Map<HostId, HostAlarms> {
  const found = new Map<HostId, HostAlarms>();
  for (const { hostId, ruleId, metric, unseen, raisedAtMs } of alarms) {
    if (metric !== metrics.down && metric !== metrics.silent) continue;
    const nothing: HostAlarms = {
      down: false,
      silent: false,
      seen: false,
      ruleIds: [],
      raisedAtMs,
    };
    const said = found.get(hostId) ?? nothing;
    found.set(hostId, {
      down: said.down || metric === metrics.down,
      silent: said.silent || metric === metrics.silent,
      seen: said.seen || unseen !== true,
      ruleIds: [...said.ruleIds, ruleId],
      raisedAtMs: Math.max(said.raisedAtMs, raisedAtMs),
    });
  }
  return found;
}

/**
 * Are all series of the host and of the servers on it dead? Where as many hosts are silent as are heard, it is more
 * likely our ears than their tongues: then nobody is dead.
 */
export function seriesAreDead(
  hostId: HostId,
  { hosts, servers }: Pick<Inventory, 'hosts' | 'servers'>,
  samples: readonly NewestSample[],
): boolean {
  const heard = hosts.filter(({ telemetryFresh }) => telemetryFresh).length;
  if (hosts.length > 1 && 2 * heard <= hosts.length) return false;
  const names = new Set(namesOn(hostId, { servers }));
  return !samples.some(({ resource, fresh }) => fresh && names.has(resource));
}

/** By what names a host and its servers send series. */
export const namesOn = (hostId: HostId, { servers }: Pick<Inventory, 'servers'>): string[] => [
  hostId,
  ...servers.flatMap((server) => (server.hostId === hostId ? [server.id, server.name] : [])),
];
