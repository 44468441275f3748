import { fleetCloud } from '@sidestep/emulator';
import { seededRandom } from '@sidestep/fleet';
import type { MigrationParts } from '@sidestep/migration';

type Telemetry = NonNullable<MigrationParts['telemetry']>;
type Forecasts = NonNullable<MigrationParts['forecasts']>;
type Inventory = Awaited<ReturnType<Telemetry['inventory']>>;
type Links = Awaited<ReturnType<NonNullable<MigrationParts['surroundings']>['links']>>;
type PairRisks = Awaited<ReturnType<Forecasts['pairRisks']>>['pairRisks'];

/** VNFs and chains for each host. */
export const serversPerHost = 20;
export const chainsPerHost = 5;

/** The emulated fleet of a size as the services would tell of it, in memory: what a decision costs without reading it. */
export type DecisionFleet = {
  parts: Pick<MigrationParts, 'telemetry' | 'forecasts' | 'places' | 'surroundings'>;
  inventory: Inventory;
  hostIds: readonly string[];
  /** Hosts with an alarm from now on. */
  raise(hostIds: readonly string[]): void;
  /** Risk of a host with so much CPU added, by the model that the fleet answers with. */
  riskOf(hostId: string, addedCpuPercent: number): number;
  /** A server's load, cores. */
  loadOf(serverId: string): number;
  coresOf(hostId: string): number;
  pairsAsked(): number;
};

const coresOf = [16, 32, 48, 64] as const;

export function decisionFleet(hosts: number, seed: number): DecisionFleet {
  const servers = hosts * serversPerHost;
  const spec = fleetCloud({ hosts, servers, chains: hosts * chainsPerHost, seed });
  const draw = seededRandom(seed);
  const loads = spec.hosts.map(({ name }, at) => ({
    name,
    cores: coresOf[at % coresOf.length] ?? 32,
    cpuPercent: 15 + 60 * draw() ** 2,
  }));
  const loadOf = new Map(loads.map((load) => [load.name, load]));
  const inventory = inventoryOf(spec, loads);
  const links = rackLinks(loads.map(({ name }) => name));
  const promises = new Map<string, never>();
  const riskOf = (hostId: string, addedCpuPercent: number): number => {
    const { cpuPercent = 0 } = loadOf.get(hostId) ?? {};
    return 1 / (1 + Math.exp((90 - cpuPercent - addedCpuPercent) / 6));
  };
  const hostCpu = loads.map(({ name, cpuPercent }) => sample(name, cpuPercent));
  const serverCpu = inventory.servers.map(({ id }) => sample(id, 10 + 80 * draw()));
  const serverLoads = new Map(serverCpu.map(({ resource, value }) => [resource, value]));
  const scorer = { modelVersion: 'bench', fallback: null };
  let alarms: Awaited<ReturnType<Telemetry['raisedAlarms']>> = [];
  let pairs = 0;
  const telemetry: Telemetry = {
    raisedAlarms: async () => alarms,
    inventory: async () => inventory,
    newest: async (metric, resources) => {
      if (metric === 'host.cpuPercent') return hostCpu;
      if (resources === undefined) return serverCpu;
      return resources.flatMap((id) => {
        const load = serverLoads.get(id);
        return load === undefined ? [] : [sample(id, load)];
      });
    },
    means: async () => new Map(),
    peaks: async () => new Map(),
    chainQuality: async () => new Map(),
  };
  const forecasts: Forecasts = {
    hostRisks: async () => ({
      ...scorer,
      risks: new Map(loads.map(({ name }) => [name, riskOf(name, 0)])),
    }),
    pairRisks: async (asked) => {
      pairs += asked.length;
      const pairRisks: PairRisks = asked.map(({ serverId, hostId, addedCpuPercent }) => ({
        serverId,
        hostId,
        risk: riskOf(hostId, addedCpuPercent),
        predictedMaxCpuPercent: (loadOf.get(hostId)?.cpuPercent ?? 0) + addedCpuPercent,
        reasons: [],
      }));
      return { ...scorer, pairRisks };
    },
    // Prediction answers with what the pre-copy formula gives; here nobody can tell, which asks for as much work.
    moveCosts: async () => new Map(),
    moveCost: async () => ({
      method: 'pre-copy-formula',
      expectedMs: 10_000,
      lowMs: null,
      highMs: null,
      downtimeMs: 100,
      converges: true,
    }),
    hostClasses: async () => ({ ...scorer, hostClasses: [] }),
    riskCurves: async (hostIds, grid) => ({
      ...scorer,
      curves: new Map(hostIds.map((id) => [id, grid.map((added) => riskOf(id, added))])),
    }),
  };
  return {
    parts: {
      telemetry,
      forecasts,
      surroundings: { links: async () => links, promises: async () => promises },
      places: {
        readPlaces: async (_question, to) => new Map(to.map((id) => [id, { kind: 'free' }])),
      },
    },
    inventory,
    hostIds: loads.map(({ name }) => name),
    raise: (hostIds) => {
      const raisedAtMs = Date.now();
      alarms = hostIds.map((hostId) => ({
        id: `alarm-${hostId}-${raisedAtMs}`,
        ruleId: 'host-cpu-high',
        hostId,
        metric: 'host.cpuPercent',
        raisedAtMs,
      }));
    },
    riskOf,
    loadOf: (serverId) => (serverLoads.get(serverId) ?? 0) / 100,
    coresOf: (hostId) => loadOf.get(hostId)?.cores ?? 1,
    pairsAsked: () => pairs,
  };
}

const sample = (resource: string, value: number) => ({
  resource,
  value,
  ageMs: 500,
  fresh: true,
});

function inventoryOf(
  spec: ReturnType<typeof fleetCloud>,
  loads: readonly { name: string; cores: number }[],
): Inventory {
  return {
    ageMs: 1_000,
    hosts: loads.map(({ name, cores }) => ({
      id: name,
      state: 'up',
      status: 'enabled',
      zone: 'nova',
      aggregates: [],
      cores,
      capacity: {
        vcpus: 4 * cores,
        vcpusUsed: serversPerHost,
        ramMiB: 131_072,
        ramUsedMiB: 1_024 * serversPerHost,
        diskGiB: 4_000,
        diskUsedGiB: 5 * serversPerHost,
      },
      telemetryFresh: true,
      quality: 'good',
      trusted: true,
    })),
    servers: spec.servers.map(({ name, host }) => ({
      id: name,
      name,
      hostId: host,
      status: 'ACTIVE',
      taskState: null,
      vcpus: 1,
      ramMiB: 1_024,
      diskGiB: 5,
      tags: [],
      zone: 'nova',
      facts: { locked: false, localDisk: false, extraSpecs: {}, vnicTypes: ['normal'] },
      trusted: true,
    })),
    serverGroups: [],
    chains: spec.chains.map(({ name, hops }) => ({
      id: name,
      name,
      hops: hops.map(({ servers: memberIds }) => ({ memberIds })),
    })),
  };
}

const hostsPerRack = 40;

/** Hosts on a switch a rack, racks on one spine: a tenth of a millisecond each. */
function rackLinks(hostIds: readonly string[]): Links {
  const racks = Math.ceil(hostIds.length / hostsPerRack);
  const link = (from: string, to: string) => ({
    id: `${from} ${to}`,
    ends: [from, to] as const,
    delayMs: 0.1,
    bandwidthMbps: 25_000,
  });
  return [
    ...hostIds.map((id, at) => link(id, `rack${Math.floor(at / hostsPerRack)}`)),
    ...Array.from({ length: racks }, (_, rack) => link(`rack${rack}`, 'spine')),
  ];
}
