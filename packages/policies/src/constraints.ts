import type { Capacity, FleetView, Host, HostId, Server, ServerId } from '@sidestep/fleet';
import type { Rejection } from './policy.ts';

/** What the constraints leave of the hosts that were asked about, in their order. */
export type DestinationSieve = { candidates: readonly HostId[]; rejected: readonly Rejection[] };

/**
 * Which hosts could take a server at all, whatever the policy: known, up, enabled, of known load and good data, with
 * room by Placement, and not against a hard server group (soft ones are the scheduler's wish, not a rule). The source is no
 * destination and is not told of. A server that the view does not know has no candidates.
 */
export function possibleDestinations(
  view: FleetView,
  serverId: ServerId,
  asked: readonly HostId[] = view.hosts.map(({ id }) => id),
): DestinationSieve {
  const server = view.servers.find(({ id }) => id === serverId);
  if (server === undefined) return { candidates: [], rejected: [] };
  const hosts = new Map(view.hosts.map((host) => [host.id, host]));
  const groups = groupRules(view, serverId);
  const candidates: HostId[] = [];
  const rejected: Rejection[] = [];
  for (const hostId of new Set(asked)) {
    if (hostId === server.hostId) continue;
    const host = hosts.get(hostId);
    const fault = host === undefined ? unknownHost : (hostFault(host, server) ?? groups(hostId));
    if (fault === undefined) candidates.push(hostId);
    else rejected.push({ hostId, ...fault });
  }
  return { candidates, rejected };
}

type Fault = Omit<Rejection, 'hostId'>;

const unknownHost: Fault = { why: 'host-unknown', detail: 'the inventory has no such host' };

function hostFault(host: Host, server: Server): Fault | undefined {
  if (host.state !== 'up') return { why: 'host-down', detail: 'its compute service is down' };
  if (host.status !== 'enabled')
    return { why: 'host-disabled', detail: 'its compute service is disabled' };
  if (host.cpuPercent === 'unknown')
    return { why: 'load-unknown', detail: 'its CPU is not known or is stale' };
  if (host.quality !== 'good')
    return { why: `data-${host.quality}`, detail: `what it reports is ${host.quality}` };
  const lacks = lacking(host.capacity, server);
  return lacks.length > 0
    ? { why: 'no-room', detail: `it lacks ${lacks.join(' and ')}` }
    : undefined;
}

function lacking(capacity: Capacity, server: Server): string[] {
  const rows = [
    ['vCPU', capacity.vcpus - capacity.vcpusUsed, server.vcpus],
    ['MiB of RAM', capacity.ramMiB - capacity.ramUsedMiB, server.ramMiB],
    ['GiB of disk', capacity.diskGiB - capacity.diskUsedGiB, server.diskGiB],
  ] as const;
  return rows.flatMap(([what, free, needed]) =>
    needed > free ? [`${round(needed - free)} ${what}`] : [],
  );
}

function round(amount: number): number {
  return Math.round(amount * 10) / 10;
}

function groupRules(view: FleetView, serverId: ServerId): (hostId: HostId) => Fault | undefined {
  const rules = view.serverGroups
    .filter(({ memberIds }) => memberIds.includes(serverId))
    .map(({ id, policy, memberIds }) => {
      const others = view.servers.filter(
        (other) => other.id !== serverId && memberIds.includes(other.id) && other.hostId !== null,
      );
      return { id, policy, hostIds: new Set(others.map(({ hostId }) => hostId)) };
    });
  return (hostId) => {
    for (const { id, policy, hostIds } of rules) {
      if (policy === 'anti-affinity' && hostIds.has(hostId))
        return { why: 'anti-affinity', detail: `it has another member of server group ${id}` };
      if (policy === 'affinity' && hostIds.size > 0 && !hostIds.has(hostId))
        return { why: 'affinity', detail: `the others of server group ${id} are elsewhere` };
    }
    return undefined;
  };
}
