import type { Random } from '@sidestep/fleet';
import { type Compact, rowOf } from './compact.ts';
import type { Placement } from './placement.ts';

/** Up to this many hosts every one is looked at for every server. */
const allHosts = 24;
const nearest = 4;
const safest = 6;
const byLot = 4;

/** The hosts where a server is tried: home, its chains' neighbours, hosts near those, the safest ones, some by lot. */
export type Candidates = (server: number, placement: Placement, draw: Random) => number[];

export function createCandidates(compact: Compact): Candidates {
  const { delayMs, hosts } = compact;
  const open = hosts.flatMap(({ closed }, at) => (closed === null ? [at] : []));
  const everywhere = Array.from(hosts, (_, at) => at);
  if (hosts.length <= allHosts) return () => everywhere;
  const unmoved = new Map(open.map((host) => [host, riskAtHome(compact, host)]));
  const safe = open
    .toSorted((a, b) => (unmoved.get(a) ?? 0) - (unmoved.get(b) ?? 0) || a - b)
    .slice(0, Math.max(safest, Math.ceil(open.length / 4)));
  const near = new Map<number, number[]>();
  const nearTo = (host: number): number[] => {
    const known = near.get(host);
    if (known !== undefined) return known;
    const found = open
      .filter((each) => each !== host)
      .toSorted((a, b) => delayMs(host, a) - delayMs(host, b) || a - b)
      .slice(0, nearest);
    near.set(host, found);
    return found;
  };
  return (server, placement, draw) => {
    const found = new Set([compact.home[server] ?? 0]);
    for (const other of rowOf(compact.legs, server)) {
      // A neighbour that is taken out too will be somewhere around its home.
      const placed = placement.where(other);
      const host = placed < 0 ? (compact.home[other] ?? 0) : placed;
      found.add(host);
      for (const each of nearTo(host)) found.add(each);
    }
    for (let at = 0; at < safest; at++) found.add(safe[Math.floor(draw() * safe.length)] ?? 0);
    for (let at = 0; at < byLot; at++) found.add(open[Math.floor(draw() * open.length)] ?? 0);
    return [...found];
  };
}

function riskAtHome({ grid, risks }: Compact, host: number): number {
  const risk = risks[host * grid.length + grid.indexOf(0)] ?? NaN;
  return Number.isNaN(risk) ? Number.POSITIVE_INFINITY : risk;
}
