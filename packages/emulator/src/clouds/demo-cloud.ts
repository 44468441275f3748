import type { ChainSpec, CloudSpec, HostSpec, ServerSpec, StressEpisode } from '../spec.ts';

/** The demo's season: stress recurs with this period. */
export const demoSeasonMs = 600_000;

const HOSTS = 6;
const hops = ['firewall', 'ips', 'dpi', 'web'] as const;

const cpuMsPerRequest = { firewall: 5, ips: 8, dpi: 9, web: 6 } as const;

/** When the first host goes hot, from the live start. */
const FIRST_MS = 60_000;
const PULSE_MS = 80_000;
/** From one host's pulse to the next one's; the season's rest is calm, and the live start is in it. */
const TURN_MS = 90_000;

function demoStress(liveStartMs: number): StressEpisode[] {
  // One host after the other. Each host's own load falls for 100 s before its turn, as a
  // queue drains before a batch: when one host is hot, the idlest is the next to be.
  return Array.from({ length: HOSTS }, (_, index) => ({
    host: `compute${index + 1}`,
    cores: 17,
    startMs: liveStartMs + FIRST_MS + index * TURN_MS,
    durationMs: PULSE_MS,
    periodMs: demoSeasonMs,
    jitterMs: 2000,
    rampMs: 6000,
    skipRatio: index === 0 ? 0 : 0.04,
    lull: { cores: 2, leadMs: 100_000 },
  }));
}

/**
 * The demo: 6 hosts of 12 cores and 24 GiB (those of the main paper), 18 VNFs in 4 chains of firewall, IPS, DPI
 * and web, and stress with a 10-minute season in which a host goes hot a minute after `liveStartMs`.
 */
export function demoCloud(seed: number, options: { liveStartMs: number }): CloudSpec {
  const hosts: HostSpec[] = Array.from({ length: HOSTS }, (_, index) => ({
    name: `compute${index + 1}`,
    cores: 12,
    ramMiB: 24_576,
    diskGiB: 500,
    backgroundCores: 2.8,
    noisePercent: 1.5,
    migrationMiBPerSecond: 110,
    cpuAllocationRatio: 2,
    ramAllocationRatio: 1,
  }));
  const servers: ServerSpec[] = [];
  const chains: ChainSpec[] = [];
  let next = 0;
  const addServer = (name: string, hop: (typeof hops)[number], chain: string): string => {
    servers.push({
      name,
      flavor: 'vnf.small',
      host: `compute${(next % HOSTS) + 1}`,
      baseCores: 0.06,
      cpuMsPerRequest: cpuMsPerRequest[hop],
      dirtyMiBPerSecond: 18,
      workingSetMiB: 160,
      memoryRatio: 0.55,
      metadata: { 'sidestep.chain': chain, 'sidestep.function': hop },
    });
    next += 1;
    return name;
  };
  for (let index = 0; index < 4; index += 1) {
    const chain = `chain${index + 1}`;
    chains.push({
      name: chain,
      hops: hops.map((hop) => {
        const first = addServer(`${chain}-${hop}`, hop, chain);
        // Two of the chains spread their DPI over two members: 18 VNFs in all.
        if (hop !== 'dpi' || index % 2 === 0) return { name: hop, servers: [first] };
        return { name: hop, servers: [first, addServer(`${chain}-${hop}-2`, hop, chain)] };
      }),
      sourceHost: `compute${(index % HOSTS) + 1}`,
      destinationHost: `compute${((index + 3) % HOSTS) + 1}`,
      traffic: { clients: 8, thinkMs: 60, timeoutMs: 3000 },
    });
  }
  return {
    name: 'demo',
    seed,
    region: 'RegionOne',
    hosts,
    flavors: [
      { id: 'vnf.small', name: 'vnf.small', vcpus: 1, ramMiB: 1024, diskGiB: 5 },
      { id: 'vnf.medium', name: 'vnf.medium', vcpus: 2, ramMiB: 4096, diskGiB: 10 },
    ],
    servers,
    chains,
    stress: demoStress(options.liveStartMs),
    defaultTraffic: { clients: 8, thinkMs: 60, timeoutMs: 3000 },
    defaultServerLoad: {
      baseCores: 0.06,
      cpuMsPerRequest: 6,
      dirtyMiBPerSecond: 18,
      workingSetMiB: 160,
      memoryRatio: 0.55,
    },
  };
}
