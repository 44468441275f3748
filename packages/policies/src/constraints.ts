import {
  type Capacity,
  chainsOf,
  type FleetView,
  groupsOf,
  type Host,
  type HostId,
  hostOf,
  type Server,
  type ServerId,
  serverOf,
  underWayOf,
  underWayTo,
} from '@sidestep/fleet';
import type { Rejection } from './policy.ts';

/** What the constraints leave of the hosts that were asked about, in their order. */
export type DestinationSieve = { candidates: readonly HostId[]; rejected: readonly Rejection[] };

/**
 * Which hosts could take a server at all, whatever the policy: known, up, enabled, of known load and good data, in its
 * zone and the aggregates that its flavor asks for, with room by Placement, not against a hard server group (soft ones
 * are the scheduler's wish, not a rule), and without another member of one of its hops. A move under way takes room
 * where it goes, and its server counts on both hosts. The source is no destination and is not told of. A server that
 * the view does not know has no candidates.
 */
export function possibleDestinations(
  view: FleetView,
  serverId: ServerId,
  asked: readonly HostId[] = view.hosts.map(({ id }) => id),
): DestinationSieve {
  const server = serverOf(view, serverId);
  if (server === undefined) return { candidates: [], rejected: [] };
  const rules = [roomRule(view, server), groupRules(view, serverId), hopRule(view, serverId)];
  const candidates: HostId[] = [];
  const rejected: Rejection[] = [];
  for (const hostId of new Set(asked)) {
    if (hostId === server.hostId) continue;
    const fault = faultOf(hostOf(view, hostId), server, rules);
    if (fault === undefined) candidates.push(hostId);
    else rejected.push({ hostId, ...fault });
  }
  return { candidates, rejected };
}

type Fault = Omit<Rejection, 'hostId'>;
type Rule = (host: Host) => Fault | undefined;

const unknownHost: Fault = { why: 'host-unknown', detail: 'the inventory has no such host' };

function faultOf(
  host: Host | undefined,
  server: Server,
  rules: readonly Rule[],
): Fault | undefined {
  if (host === undefined) return unknownHost;
  const fault = hostFault(host) ?? placeFault(host, server);
  if (fault !== undefined) return fault;
  for (const rule of rules) {
    const against = rule(host);
    if (against !== undefined) return against;
  }
  return undefined;
}

function hostFault(host: Host): Fault | undefined {
  if (host.state !== 'up') return { why: 'host-down', detail: 'its compute service is down' };
  if (host.status !== 'enabled')
    return { why: 'host-disabled', detail: 'its compute service is disabled' };
  if (host.cpuPercent === 'unknown')
    return { why: 'load-unknown', detail: 'its CPU is not known or is stale' };
  if (host.quality !== 'good')
    return { why: `data-${host.quality}`, detail: `what it reports is ${host.quality}` };
  return undefined;
}

function placeFault(host: Host, server: Server): Fault | undefined {
  if (server.zone !== null && host.zone !== server.zone) {
    const elsewhere = host.zone === null ? 'in no zone' : `in zone ${host.zone}`;
    return { why: 'zone', detail: `it is ${elsewhere}, the server in ${server.zone}` };
  }
  return aggregateFault(host, server);
}

/** Nova's scope of flavor specs that an aggregate's metadata has to answer (AggregateInstanceExtraSpecsFilter). */
const aggregateScope = 'aggregate_instance_extra_specs:';

function aggregateFault(host: Host, server: Server): Fault | undefined {
  for (const [spec, wanted] of Object.entries(server.facts?.extraSpecs ?? {})) {
    if (!spec.startsWith(aggregateScope)) continue;
    const key = spec.slice(aggregateScope.length);
    const offered = host.aggregateMetadata?.[key] ?? [];
    if (offered.includes(wanted)) continue;
    return { why: 'aggregate', detail: `it is in no aggregate of ${key} ${wanted}` };
  }
  return undefined;
}

/** Room for the server beside what is there and what is on its way there. */
function roomRule(view: FleetView, server: Server): Rule {
  return ({ id: hostId, capacity }) => {
    const coming = underWayTo(view, hostId).filter(({ id }) => id !== server.id);
    const lacks = lacking(capacity, server, coming);
    if (lacks.length === 0) return undefined;
    const beside =
      coming.length === 0 ? '' : ` beside what is on its way (${coming.map(({ name }) => name)})`;
    return { why: 'no-room', detail: `it lacks ${lacks.join(' and ')}${beside}` };
  };
}

function lacking(capacity: Capacity, server: Server, coming: readonly Server[]): string[] {
  const all = (amountOf: (each: Server) => number) =>
    [server, ...coming].reduce((sum, each) => sum + amountOf(each), 0);
  const rows = [
    ['vCPU', capacity.vcpus - capacity.vcpusUsed, all((each) => each.vcpus)],
    ['MiB of RAM', capacity.ramMiB - capacity.ramUsedMiB, all((each) => each.ramMiB)],
    ['GiB of disk', freeDiskGiB(capacity), all((each) => each.diskGiB)],
  ] as const;
  return rows.flatMap(([what, free, needed]) =>
    needed > free ? [`${round(needed - free)} ${what}`] : [],
  );
}

/** A host without disk of its own in Placement uses storage that hosts share: what is left there, Placement says. */
export function freeDiskGiB({ diskGiB, diskUsedGiB }: Capacity): number {
  return diskGiB === 0 ? Number.POSITIVE_INFINITY : diskGiB - diskUsedGiB;
}

function round(amount: number): number {
  return Math.round(amount * 10) / 10;
}

function groupRules(view: FleetView, serverId: ServerId): Rule {
  const rules = groupsOf(view, serverId).map(({ id, policy, memberIds }) => ({
    id,
    policy,
    hostIds: hostsOfOthers(view, serverId, memberIds),
    leaves: memberIds.some((other) => other !== serverId && underWayOf(view, other).length > 0),
  }));
  return ({ id: hostId }) => {
    for (const { id, policy, hostIds, leaves } of rules) {
      if (policy === 'affinity' && leaves)
        return { why: 'affinity', detail: `another member of server group ${id} is on its way` };
      if (policy === 'anti-affinity' && hostIds.has(hostId))
        return { why: 'anti-affinity', detail: `it has another member of server group ${id}` };
      if (policy === 'affinity' && hostIds.size > 0 && !hostIds.has(hostId))
        return { why: 'affinity', detail: `the others of server group ${id} are elsewhere` };
    }
    return undefined;
  };
}

/** Members of one hop stand in for each other: on one host they would fail together. */
function hopRule(view: FleetView, serverId: ServerId): Rule {
  const chainAt = new Map<HostId, string>();
  for (const chain of chainsOf(view, serverId)) {
    for (const { memberIds } of chain.hops) {
      if (!memberIds.includes(serverId)) continue;
      for (const hostId of hostsOfOthers(view, serverId, memberIds))
        chainAt.set(hostId, chain.name);
    }
  }
  return ({ id: hostId }) => {
    const chain = chainAt.get(hostId);
    return chain === undefined
      ? undefined
      : { why: 'hop-member', detail: `it has another member of the same hop of chain ${chain}` };
  };
}

function hostsOfOthers(
  view: FleetView,
  serverId: ServerId,
  memberIds: readonly ServerId[],
): Set<HostId> {
  return new Set(
    memberIds.flatMap((id) => {
      if (id === serverId) return [];
      const hostId = serverOf(view, id)?.hostId ?? null;
      return [...(hostId === null ? [] : [hostId]), ...underWayOf(view, id)];
    }),
  );
}
