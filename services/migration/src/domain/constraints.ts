import type { FleetView, Host, HostId, Server, ServerId } from '@sidestep/fleet';
import type { RejectedHost } from './decision.ts';

/** Why a host may not take part in a move now. */
export type Occupied = ReadonlyMap<HostId, string>;

export type ConstraintContext = {
  view: FleetView;
  /** Hosts with an alarm raised. */
  alarmed: ReadonlySet<HostId>;
  /** Hosts that a move planned or in flight comes from or goes to, each with that move's words. */
  occupied: Occupied;
};

type Verdict = { why: string; detail: string };

/** What makes a host no destination for any server; null when nothing does. */
export function hostVerdict(host: Host, context: ConstraintContext): Verdict | null {
  if (host.state === 'down') return { why: 'down', detail: 'its compute service does not answer' };
  if (host.status === 'disabled') {
    return { why: 'disabled', detail: 'its compute service is disabled' };
  }
  if (host.cpuPercent === 'unknown') {
    return { why: 'load-unknown', detail: 'its host.cpuPercent is missing or stale' };
  }
  if (context.alarmed.has(host.id)) {
    return { why: 'in-alarm', detail: 'an alarm is raised on it' };
  }
  const move = context.occupied.get(host.id);
  return move === undefined ? null : { why: 'reserved', detail: move };
}

/** What makes a host no destination for this server; null when nothing does. */
export function pairVerdict(
  server: Server,
  host: Host,
  context: ConstraintContext,
): Verdict | null {
  if (server.hostId === host.id) return { why: 'is-source', detail: 'the server is there' };
  return roomVerdict(server, host) ?? groupVerdict(server.id, host.id, context.view);
}

function roomVerdict(server: Server, { capacity }: Host): Verdict | null {
  const rooms = [
    ['no-ram', 'MiB RAM', server.ramMiB, capacity.ramMiB - capacity.ramUsedMiB],
    ['no-vcpu', 'VCPU', server.vcpus, capacity.vcpus - capacity.vcpusUsed],
    ['no-disk', 'GiB disk', server.diskGiB, capacity.diskGiB - capacity.diskUsedGiB],
  ] as const;
  for (const [why, unit, needed, free] of rooms) {
    if (needed > free) return { why, detail: `${needed} ${unit} needed, ${free} free` };
  }
  return null;
}

/** Server groups' hard rules (Nova: affinity, anti-affinity); the soft ones are Nova's to weigh. */
export function groupVerdict(
  serverId: ServerId,
  hostId: HostId,
  view: Pick<FleetView, 'servers' | 'serverGroups'>,
): Verdict | null {
  for (const group of view.serverGroups) {
    if (!group.memberIds.includes(serverId)) continue;
    const others = view.servers.filter(
      (other) => other.id !== serverId && group.memberIds.includes(other.id),
    );
    const there = others.filter((other) => other.hostId === hostId);
    if (group.policy === 'anti-affinity' && there.length > 0) {
      return { why: 'anti-affinity', detail: `${there[0]?.name} of its server group is there` };
    }
    if (group.policy === 'affinity' && there.length < others.length) {
      return { why: 'affinity', detail: 'its server group would no longer be on one host' };
    }
  }
  return null;
}

/** Splits all hosts into those that could take the server and those that can't, each with its reason. */
export function destinationsFor(
  server: Server,
  context: ConstraintContext,
): { candidates: HostId[]; rejected: RejectedHost[] } {
  const candidates: HostId[] = [];
  const rejected: RejectedHost[] = [];
  for (const host of context.view.hosts) {
    const verdict =
      (server.hostId === host.id ? pairVerdict(server, host, context) : null) ??
      hostVerdict(host, context) ??
      pairVerdict(server, host, context);
    if (verdict === null) candidates.push(host.id);
    else rejected.push({ hostId: host.id, ...verdict });
  }
  return { candidates, rejected };
}
