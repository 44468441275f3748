import {
  type Chain,
  type FleetView,
  freezeView,
  frozen,
  type Host,
  type HostId,
  type Known,
  type Link,
  type Server,
  type ServerGroup,
  serverOf,
  withChanged,
} from '@sidestep/fleet';

/** The cloud as Monitoring last read it. */
export type Inventory = {
  /** Null before the first reading. */
  ageMs: number | null;
  hosts: readonly (Omit<Host, 'cpuPercent' | 'risk'> & { telemetryFresh: boolean })[];
  servers: readonly Omit<Server, 'cpuPercent'>[];
  serverGroups: readonly ServerGroup[];
  chains: readonly Chain[];
};

/** The newest sample of a series; not fresh past three intervals. */
export type NewestSample = { resource: string; value: number; ageMs: number; fresh: boolean };

export type ViewParts = {
  atMs: number;
  inventory: Inventory & { links: readonly Link[] };
  hostCpu: readonly NewestSample[];
  serverCpu: readonly NewestSample[];
  hostRisks: ReadonlyMap<HostId, Known<number>>;
  modelVersion: string | null;
};

/** The frozen view that policies judge: inventory, newest samples and risks, each unknown where it is stale or missing. */
export function viewOf(parts: ViewParts): FleetView {
  const { inventory } = parts;
  const hostCpu = freshValues(parts.hostCpu);
  const plain = plainHosts(inventory.hosts);
  return freezeView({
    atMs: parts.atMs,
    hosts: Object.freeze(
      inventory.hosts.map((host, at) =>
        Object.freeze({
          ...(plain[at] ?? host),
          cpuPercent: host.telemetryFresh ? (hostCpu.get(host.id) ?? 'unknown') : 'unknown',
          risk: parts.hostRisks.get(host.id) ?? 'unknown',
        }),
      ),
    ),
    servers: withLoads(serversWithoutLoad(inventory), freshValues(parts.serverCpu)),
    serverGroups: inventory.serverGroups,
    chains: inventory.chains,
    links: inventory.links,
    pairRisks: [],
    modelVersion: parts.modelVersion,
  });
}

const plainOf = new WeakMap<Inventory['hosts'], readonly Omit<Host, 'cpuPercent' | 'risk'>[]>();

/** The hosts without what only the inventory says of them, frozen to their leaves; made once for each list. */
function plainHosts(hosts: Inventory['hosts']): readonly Omit<Host, 'cpuPercent' | 'risk'>[] {
  let made = plainOf.get(hosts);
  if (made === undefined) {
    made = frozen(hosts.map(({ telemetryFresh: _fresh, ...host }) => host));
    plainOf.set(hosts, made);
  }
  return made;
}

const unloaded = new WeakMap<Inventory['servers'], readonly Server[]>();

/** The servers, of unknown load: made once for as long as the inventory's list stays the same. */
export function serversWithoutLoad({ servers }: Pick<Inventory, 'servers'>): readonly Server[] {
  let made = unloaded.get(servers);
  if (made === undefined) {
    made = frozen(servers.map((server) => ({ ...server, cpuPercent: 'unknown' as const })));
    unloaded.set(servers, made);
  }
  return made;
}

const names = new WeakMap<readonly Server[], ReadonlyMap<string, Server>>();

/** A server reports from inside under its UUID or, where cloud-init names it so, its name. */
function reporterOf(servers: readonly Server[], resource: string): Server | undefined {
  const byId = serverOf({ servers }, resource);
  if (byId !== undefined) return byId;
  let byName = names.get(servers);
  if (byName === undefined) {
    byName = new Map(servers.map((server) => [server.name, server]));
    names.set(servers, byName);
  }
  return byName.get(resource);
}

function withLoads(
  servers: readonly Server[],
  loads: ReadonlyMap<string, number>,
): readonly Server[] {
  const changed = new Map<string, Server>();
  for (const [resource, cpuPercent] of loads) {
    const server = reporterOf(servers, resource);
    if (server === undefined) continue;
    // What it reports under its UUID says more than what bears its name.
    if (resource === server.id || !changed.has(server.id)) {
      changed.set(server.id, { ...server, cpuPercent });
    }
  }
  return withChanged(servers, changed);
}

function freshValues(samples: readonly NewestSample[]): Map<string, number> {
  return new Map(
    samples.filter(({ fresh }) => fresh).map(({ resource, value }) => [resource, value]),
  );
}

/** Age of the oldest fresh sample, milliseconds; null where there is none. */
export function oldestAgeMs(samples: readonly NewestSample[]): number | null {
  let oldest: number | null = null;
  for (const { fresh, ageMs } of samples) {
    if (fresh && (oldest === null || ageMs > oldest)) oldest = ageMs;
  }
  return oldest;
}
