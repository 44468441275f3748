import { type CloudSpec, chainIdOf, type NovaTimings, serverIdOf } from '@sidestep/emulator';

const load = {
  baseCores: 0.05,
  cpuMsPerRequest: 6,
  dirtyMiBPerSecond: 20,
  workingSetMiB: 64,
  memoryRatio: 0.5,
};
const traffic = { clients: 8, thinkMs: 60, timeoutMs: 3000 };

/** The busier a host by itself, the worse a destination: compute5 is the idlest. */
const backgroundCores = { compute1: 3, compute2: 3, compute3: 3, compute4: 2, compute5: 1 };

/** What runs where at the start; `lone` is in no chain. */
const servers = { fw: 'compute1', ips: 'compute2', web: 'compute3', lone: 'compute4' };
export type ServerName = keyof typeof servers;

/** Five hosts, one chain firewall → IPS → web entered on compute4, and a server beside it. */
export const spec: CloudSpec = {
  name: 'e2e',
  seed: 3,
  region: 'RegionOne',
  hosts: Object.entries(backgroundCores).map(([name, cores]) => ({
    name,
    cores: 12,
    ramMiB: 24_576,
    diskGiB: 500,
    backgroundCores: cores,
    noisePercent: 0.5,
    migrationMiBPerSecond: 1_000,
    cpuAllocationRatio: 2,
    ramAllocationRatio: 1,
  })),
  flavors: [{ id: 'small', name: 'small', vcpus: 1, ramMiB: 512, diskGiB: 5 }],
  servers: Object.entries(servers).map(([name, host]) => ({
    ...load,
    name,
    flavor: 'small',
    host,
  })),
  chains: [
    {
      name: 'inspected',
      hops: [
        { name: 'firewall', servers: ['fw'] },
        { name: 'ips', servers: ['ips'] },
        { name: 'web', servers: ['web'] },
      ],
      sourceHost: 'compute4',
      destinationHost: 'compute5',
      traffic,
    },
  ],
  stress: [],
  defaultTraffic: traffic,
  defaultServerLoad: load,
};

export const serverId = (name: ServerName): string => serverIdOf(spec, name);
export const chainId = chainIdOf(spec, 'inspected');

/** A quick Nova: a whole live migration takes about a second. */
export const quickTimings: Partial<NovaTimings> = {
  statusVisibleMs: 20,
  recordVisibleMs: 150,
  schedulingMs: 100,
  precheckMs: 50,
  preparingMs: 50,
  runningMs: 50,
  progressMs: 50,
  postMs: 100,
  completedMs: 100,
  agentApplyMs: 5,
  rpcTimeoutMs: 2_000,
  serviceDownMs: 3_000,
};
