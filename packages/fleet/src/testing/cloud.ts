import type {
  ChainPromise,
  FleetView,
  Host,
  HostClass,
  HostId,
  Link,
  PairRisk,
  Server,
  ServerGroup,
} from '../fleet-view.ts';
import { freezeView } from '../fleet-view.ts';

type HostParts = Partial<Omit<Host, 'id' | 'capacity'>> & { capacity?: Partial<Host['capacity']> };
type ServerParts = Partial<Omit<Server, 'id' | 'hostId'>> & { on: HostId | null };

/** Builds a view in which only what a rule is about has to be said. */
export type CloudBuilder = {
  host(id: HostId, parts?: HostParts): CloudBuilder;
  server(id: string, parts: ServerParts): CloudBuilder;
  group(policy: ServerGroup['policy'], ...memberIds: string[]): CloudBuilder;
  chain(id: string, ...hops: string[][]): CloudBuilder;
  /** What the chain named before promises. */
  promise(chainId: string, promise: Partial<ChainPromise>): CloudBuilder;
  link(from: string, to: string, delayMs: Link['delayMs']): CloudBuilder;
  risk(
    serverId: string,
    hostId: HostId,
    risk: PairRisk['risk'],
    predictedMaxCpuPercent?: PairRisk['predictedMaxCpuPercent'],
  ): CloudBuilder;
  /** What the classifier says of a host. */
  hostClass(hostId: HostId, margin: HostClass['margin'], why?: string): CloudBuilder;
  build(): FleetView;
};

/** A cloud whose hosts are up, enabled, idle-ish and roomy, and whose servers are ACTIVE, unless told otherwise. */
export function cloud(atMs = Date.UTC(2026, 0, 1)): CloudBuilder {
  const hosts: Host[] = [];
  const servers: Server[] = [];
  const serverGroups: ServerGroup[] = [];
  const chains: FleetView['chains'][number][] = [];
  const links: Link[] = [];
  const pairRisks: PairRisk[] = [];
  const hostClasses: HostClass[] = [];
  const builder: CloudBuilder = {
    host: (id, parts = {}) => {
      const { capacity, ...rest } = parts;
      hosts.push({
        id,
        state: 'up',
        status: 'enabled',
        zone: 'nova',
        aggregates: [],
        cores: 12,
        cpuPercent: 30,
        risk: 0.02,
        quality: 'good',
        trusted: true,
        ...rest,
        capacity: {
          vcpus: 48,
          vcpusUsed: 4,
          ramMiB: 24_576,
          ramUsedMiB: 4_096,
          diskGiB: 1_000,
          diskUsedGiB: 10,
          ...capacity,
        },
      });
      return builder;
    },
    server: (id, { on, ...parts }) => {
      servers.push({
        id,
        name: id,
        hostId: on,
        status: 'ACTIVE',
        taskState: null,
        vcpus: 1,
        ramMiB: 1_024,
        diskGiB: 1,
        tags: [],
        zone: 'nova',
        cpuPercent: 40,
        trusted: true,
        ...parts,
      });
      return builder;
    },
    group: (policy, ...memberIds) => {
      serverGroups.push({ id: `group-${serverGroups.length + 1}`, policy, memberIds });
      return builder;
    },
    chain: (id, ...hops) => {
      chains.push({ id, name: id, hops: hops.map((memberIds) => ({ memberIds })) });
      return builder;
    },
    promise: (chainId, promise) => {
      const at = chains.findIndex(({ id }) => id === chainId);
      const chain = chains[at];
      if (chain === undefined) throw new Error(`no chain ${chainId}`);
      const nothing = { delayMs: null, bandwidthMbps: null, criticality: 3 };
      chains[at] = { ...chain, promise: { ...nothing, ...promise } };
      return builder;
    },
    link: (from, to, delayMs) => {
      links.push({ id: `${from}-${to}`, ends: [from, to], delayMs, bandwidthMbps: 'unknown' });
      return builder;
    },
    risk: (serverId, hostId, risk, predictedMaxCpuPercent = 'unknown') => {
      pairRisks.push({ serverId, hostId, risk, predictedMaxCpuPercent, reasons: [] });
      return builder;
    },
    hostClass: (hostId, margin, why = '') => {
      hostClasses.push({ hostId, margin, why });
      return builder;
    },
    build: () =>
      freezeView({
        atMs,
        hosts,
        servers,
        serverGroups,
        chains,
        links,
        pairRisks,
        ...(hostClasses.length === 0 ? {} : { hostClasses }),
        modelVersion: null,
      }),
  };
  return builder;
}
