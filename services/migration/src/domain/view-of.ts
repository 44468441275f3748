import {
  type Chain,
  type FleetView,
  freezeView,
  type Host,
  type HostId,
  type Known,
  type Link,
  type Server,
  type ServerGroup,
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
  const serverCpu = freshValues(parts.serverCpu);
  return freezeView({
    atMs: parts.atMs,
    hosts: inventory.hosts.map(({ telemetryFresh, ...host }) => ({
      ...host,
      cpuPercent: telemetryFresh ? (hostCpu.get(host.id) ?? 'unknown') : 'unknown',
      risk: parts.hostRisks.get(host.id) ?? 'unknown',
    })),
    servers: inventory.servers.map((server) => ({
      ...server,
      // A server reports from inside under its UUID or, where cloud-init names it so, its name.
      cpuPercent: serverCpu.get(server.id) ?? serverCpu.get(server.name) ?? 'unknown',
    })),
    serverGroups: inventory.serverGroups,
    chains: inventory.chains,
    links: inventory.links,
    pairRisks: [],
    modelVersion: parts.modelVersion,
  });
}

function freshValues(samples: readonly NewestSample[]): Map<string, number> {
  return new Map(
    samples.filter(({ fresh }) => fresh).map(({ resource, value }) => [resource, value]),
  );
}

/** Age of the oldest fresh sample, milliseconds; null where there is none. */
export function oldestAgeMs(samples: readonly NewestSample[]): number | null {
  const ages = samples.filter(({ fresh }) => fresh).map(({ ageMs }) => ageMs);
  return ages.length === 0 ? null : Math.max(...ages);
}
