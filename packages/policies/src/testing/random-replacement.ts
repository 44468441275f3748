import { type Random, seededRandom } from '@sidestep/fleet';
import type { ReplacementProblem, ReplacementServer } from '../replacement/index.ts';

/** Size of a made-up fleet. */
export type ReplacementSize = { hosts: number; servers: number; chains: number; seed: number };

const grid = [-100, -50, -20, 0, 20, 50, 100] as const;
const hostsPerRack = 4;

/**
 * A small fleet by lot, with everything in it that can stand against a move: full hosts, closed ones, risky ones and ones
 * of unknown risk, fixed servers, unknown loads, shared hops, groups, hosts whose distance nobody knows.
 */
export function randomReplacement(size: ReplacementSize): ReplacementProblem {
  const draw = seededRandom(size.seed);
  const hosts = Array.from({ length: size.hosts }, (_, at) => {
    const lot = draw();
    const now = draw() ** 2;
    return {
      id: `h${at}`,
      free: {
        vcpus: between(draw, 0, 4),
        ramMiB: 512 * between(draw, 0, 8),
        diskGiB: between(draw, 0, 40),
      },
      cores: between(draw, 4, 16),
      closed: lot < 0.1 ? 'its compute service is disabled' : null,
      risks: lot > 0.95 ? ('unknown' as const) : riskCurve(now, draw),
    };
  }).map((host) => (host.risks === 'unknown' ? { ...host, closed: 'its risk is unknown' } : host));
  const zone = new Set(hosts.filter(() => draw() < 0.3).map(({ id }) => id));
  const servers: ReplacementServer[] = Array.from({ length: size.servers }, (_, at) => ({
    id: `s${at}`,
    name: `vnf${at}`,
    hostId: `h${between(draw, 0, size.hosts - 1)}`,
    vcpus: between(draw, 1, 2),
    ramMiB: 512 * between(draw, 1, 3),
    diskGiB: between(draw, 1, 10),
    cpuPercent: draw() < 0.1 ? 'unknown' : Math.round(draw() * 100),
    fixed: draw() < 0.15 ? 'it is pinned' : null,
    ...(draw() < 0.2 ? { avoids: zone } : {}),
  }));
  const chains = Array.from({ length: size.chains }, (_, at) => ({
    id: `c${at}`,
    name: `chain${at}`,
    hops: Array.from({ length: between(draw, 2, 3) }, () => ({
      memberIds: some(servers, draw() < 0.3 ? 2 : 1, draw),
    })),
  }));
  const hops = chains.flatMap(({ id, hops: all }) =>
    all
      .filter(({ memberIds }) => memberIds.length > 1)
      .map(({ memberIds }) => ({ why: `members of one hop of ${id}`, memberIds })),
  );
  const group = { why: 'anti-affinity', memberIds: some(servers, 2, draw) };
  const unknownPair = draw() < 0.3;
  return {
    hosts,
    servers,
    chains,
    apart: [...hops, group],
    riskGridPercent: [...grid],
    delayBetween: (from, to) =>
      unknownPair && from !== to && [from, to].includes('h0')
        ? 'unknown'
        : rackDelay(Number(from.slice(1)), Number(to.slice(1))),
  };
}

/** Half a millisecond within a rack, one more a rack further. */
function rackDelay(from: number, to: number): number {
  const racks = Math.abs(Math.floor(from / hostsPerRack) - Math.floor(to / hostsPerRack));
  return 0.5 + racks + 0.01 * Math.abs(from - to);
}

function riskCurve(now: number, draw: Random): number[] {
  const steep = 0.5 + draw();
  return grid.map((added) =>
    Math.min(1, Math.max(0, added < 0 ? now * (1 + added / 100) : now + (steep * added) / 100)),
  );
}

function between(draw: Random, least: number, most: number): number {
  return least + Math.floor(draw() * (most - least + 1));
}

function some(servers: readonly ReplacementServer[], count: number, draw: Random): string[] {
  const picked = new Set<string>();
  for (let look = 0; look < count * 4 && picked.size < count; look++) {
    const { id } = servers[between(draw, 0, servers.length - 1)] ?? {};
    if (id !== undefined) picked.add(id);
  }
  return [...picked];
}
