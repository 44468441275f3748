import { gaussian, hashText, uniform } from '../seed.ts';
import type { ChainSpec, CloudSpec, HostSpec, ServerSpec, StressEpisode } from '../spec.ts';

/** Size of a generated cloud. */
export interface FleetSize {
  readonly hosts: number;
  readonly servers: number;
  readonly chains: number;
  readonly seed: number;
  /** Season of the recurring stress counts from here; 0 if not given. */
  readonly liveStartMs?: number;
}

const HOPS = 4;
const SEASON_MS = 600_000;

/**
 * A cloud of any size for scale tests: hosts of 32 cores, servers dealt out evenly, chains of four
 * servers each as long as there are servers for them, and one stress pulse per host and season.
 */
export function fleetCloud(size: FleetSize): CloudSpec {
  const { chains: chainCount, seed, liveStartMs = 0 } = size;
  if (chainCount * HOPS > size.servers)
    throw new RangeError(`${chainCount} chains need ${chainCount * HOPS} servers`);
  const stream = hashText(seed, 'fleet');
  const perHost = Math.ceil(size.servers / size.hosts);
  const width = String(size.hosts).length;
  const hostName = (index: number): string =>
    `compute${String((index % size.hosts) + 1).padStart(width, '0')}`;
  const hosts: HostSpec[] = Array.from({ length: size.hosts }, (_, index) => ({
    name: hostName(index),
    cores: 32,
    ramMiB: Math.max(131_072, 2 * perHost * 1024),
    diskGiB: Math.max(4000, 2 * perHost * 5),
    backgroundCores: Math.max(1, 4 + gaussian(stream, index)),
    noisePercent: 1.5,
    migrationMiBPerSecond: 250,
    cpuAllocationRatio: Math.max(2, (2 * perHost) / 32),
    ramAllocationRatio: 1,
  }));
  const servers: ServerSpec[] = Array.from({ length: size.servers }, (_, index) => ({
    name: `vnf${index + 1}`,
    flavor: 'vnf.small',
    host: hostName(index),
    baseCores: 0.05 + 0.2 * uniform(stream ^ 1, index),
    cpuMsPerRequest: 4 + 4 * uniform(stream ^ 2, index),
    dirtyMiBPerSecond: 5 + 30 * uniform(stream ^ 3, index),
    workingSetMiB: 128,
    memoryRatio: 0.3 + 0.5 * uniform(stream ^ 4, index),
  }));
  const traffic = { clients: 4, thinkMs: 100, timeoutMs: 3000 };
  const chains: ChainSpec[] = Array.from({ length: chainCount }, (_, index) => ({
    name: `chain${index + 1}`,
    hops: Array.from({ length: HOPS }, (_unused, hop) => ({
      name: `hop${hop + 1}`,
      servers: [`vnf${index * HOPS + hop + 1}`],
    })),
    sourceHost: hostName(index),
    destinationHost: hostName(index + HOPS),
    traffic,
  }));
  const stress: StressEpisode[] = hosts.map(({ name }, index) => ({
    host: name,
    cores: 40,
    startMs: liveStartMs + Math.round(uniform(stream ^ 5, index) * SEASON_MS),
    durationMs: 60_000,
    periodMs: SEASON_MS,
    jitterMs: 3000,
    rampMs: 5000,
    skipRatio: 0.04,
    lull: { cores: 3, leadMs: 90_000 },
  }));
  return {
    name: `fleet-${size.hosts}`,
    seed,
    region: 'RegionOne',
    hosts,
    flavors: [{ id: 'vnf.small', name: 'vnf.small', vcpus: 1, ramMiB: 1024, diskGiB: 5 }],
    servers,
    chains,
    stress,
    defaultTraffic: traffic,
    defaultServerLoad: {
      baseCores: 0.1,
      cpuMsPerRequest: 6,
      dirtyMiBPerSecond: 15,
      workingSetMiB: 128,
      memoryRatio: 0.5,
    },
  };
}
