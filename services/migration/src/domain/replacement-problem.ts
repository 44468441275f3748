import {
  type FleetView,
  groupsOf,
  type Host,
  type HostId,
  type Known,
  type Server,
  type ServerId,
  topologyOf,
} from '@sidestep/fleet';
import {
  type ApartGroup,
  freeDiskGiB,
  possibleDestinations,
  type ReplacementHost,
  type ReplacementProblem,
  type ReplacementServer,
} from '@sidestep/policies';
import { type MoveRules, obstaclesOf } from './movability.ts';

/** Added CPU, percent of a host's, at which each host's risk is asked for; between them it is a straight line. */
export const riskGridPercent = [-60, -30, -15, 0, 10, 20, 40, 80] as const;

/** What stands against moves now, beside what the view shows. */
export type ReplacementContext = {
  view: FleetView;
  /** By host: its risk at each step of the grid. */
  risks: ReadonlyMap<HostId, Known<readonly number[]>>;
  alarmed: ReadonlySet<HostId>;
  /** Hosts that take part in no move now, each with why. */
  held: ReadonlyMap<HostId, string>;
  /** Servers that stay, each with why. */
  resting: ReadonlyMap<ServerId, string>;
  rules: MoveRules;
  /** Null: every chain counts. */
  chainIds: readonly string[] | null;
};

/** The fleet as a problem of places: the constraints of a single move's destination, for all servers at once. */
export function replacementProblem(context: ReplacementContext): ReplacementProblem {
  const { view, risks, chainIds } = context;
  const topology = topologyOf(view.links);
  const asked = chainIds === null ? null : new Set(chainIds);
  const avoids = avoidance(view);
  return {
    hosts: view.hosts.map((host) => hostOf(host, context)),
    servers: view.servers.flatMap((server): ReplacementServer[] => {
      if (server.hostId === null) return [];
      const { id, name, vcpus, ramMiB, diskGiB, cpuPercent, hostId } = server;
      const size = { vcpus, ramMiB, diskGiB };
      const fixed = fixedBy(server, hostId, context);
      return [{ id, name, ...size, cpuPercent, hostId, fixed, ...avoids(server) }];
    }),
    chains: asked === null ? view.chains : view.chains.filter(({ id }) => asked.has(id)),
    apart: apartGroups(view),
    riskGridPercent,
    delayBetween: topology.delayMs,
  };

  function hostOf(host: Host, { alarmed, held }: ReplacementContext): ReplacementHost {
    const { capacity, cores, id } = host;
    return {
      id,
      free: {
        vcpus: capacity.vcpus - capacity.vcpusUsed,
        ramMiB: capacity.ramMiB - capacity.ramUsedMiB,
        diskGiB: freeDiskGiB(capacity),
      },
      cores,
      closed: closedBy(host, risks.get(id) ?? 'unknown', alarmed, held),
      risks: risks.get(id) ?? 'unknown',
    };
  }
}

function closedBy(
  host: Host,
  risks: Known<readonly number[]>,
  alarmed: ReadonlySet<HostId>,
  held: ReadonlyMap<HostId, string>,
): string | null {
  if (host.state !== 'up') return 'its compute service is down';
  if (host.status !== 'enabled') return 'its compute service is disabled';
  if (host.cpuPercent === 'unknown') return 'its CPU is not known or is stale';
  if (host.quality !== 'good') return `what it reports is ${host.quality}`;
  if (alarmed.has(host.id)) return 'an alarm is raised on it';
  if (risks === 'unknown') return 'its risk is not known';
  return held.get(host.id) ?? null;
}

function fixedBy(server: Server, hostId: HostId, context: ReplacementContext): string | null {
  const { held, resting, rules, view } = context;
  const [obstacle] = obstaclesOf(server, rules);
  if (obstacle !== undefined) return obstacle.detail;
  const together = groupsOf(view, server.id).find(
    ({ policy, memberIds }) => policy === 'affinity' && memberIds.length > 1,
  );
  // Moved one by one they would be apart for a while.
  if (together !== undefined) return `server group ${together.id} keeps it with others`;
  return resting.get(server.id) ?? held.get(hostId) ?? null;
}

/** Hosts of another zone, or without what the flavor asks of an aggregate: the same for servers that ask the same. */
function avoidance(view: FleetView): (server: Server) => Pick<ReplacementServer, 'avoids'> {
  const known = new Map<string, Pick<ReplacementServer, 'avoids'>>();
  return (server) => {
    const key = JSON.stringify([server.zone, server.facts?.extraSpecs ?? null]);
    let found = known.get(key);
    if (found === undefined) {
      const elsewhere = possibleDestinations(view, server.id)
        .rejected.filter(({ why }) => why === 'zone' || why === 'aggregate')
        .map(({ hostId }) => hostId);
      found = elsewhere.length === 0 ? {} : { avoids: new Set(elsewhere) };
      known.set(key, found);
    }
    return found;
  };
}

function apartGroups(view: FleetView): ApartGroup[] {
  const hops = view.chains.flatMap(({ name, hops: all }) =>
    all
      .filter(({ memberIds }) => memberIds.length > 1)
      .map(({ memberIds }) => ({ why: `members of one hop of ${name}`, memberIds })),
  );
  const groups = view.serverGroups
    .filter(({ policy, memberIds }) => policy === 'anti-affinity' && memberIds.length > 1)
    .map(({ id, memberIds }) => ({ why: `server group ${id}`, memberIds }));
  return [...hops, ...groups];
}
