import type { Random } from '@sidestep/fleet';
import { type Compact, rowOf } from './compact.ts';
import type { Placement } from './placement.ts';

/** Picks servers that are to be placed anew: few, and such that have to do with each other. */
export type Ruin = (placement: Placement, most: number, draw: Random) => number[];

/** How often each kind of ruin is made, of 100. */
const chances = { chain: 45, host: 20, moved: 20 };

export function createRuin(compact: Compact): Ruin {
  const isMovable = new Uint8Array(compact.servers.length);
  for (const server of compact.movable) isMovable[server] = 1;
  const chains = Array.from({ length: compact.problem.chains.length }, (_, at) => at).filter(
    (chain) => rowOf(compact.chainMembers, chain).some((server) => isMovable[server] === 1),
  );
  const onHost = new Map<number, number[]>();
  for (const server of compact.movable) {
    const host = compact.home[server] ?? 0;
    onHost.set(host, [...(onHost.get(host) ?? []), server]);
  }

  const byChain: Ruin = (placement, most, draw) => {
    const picked = new Set<number>();
    let chain = chains[pick(chains.length, draw)];
    // From one chain to a chain that a member or a host leads to, until there are enough.
    for (let step = 0; step < most && chain !== undefined && picked.size < most; step++) {
      const members = rowOf(compact.chainMembers, chain).filter(
        (server) => isMovable[server] === 1,
      );
      addSome(picked, shuffled([...members], draw), most);
      const member = members[pick(members.length, draw)];
      if (member === undefined) break;
      const neighbours = onHost.get(placement.where(member)) ?? [member];
      const bridge = neighbours[pick(neighbours.length, draw)] ?? member;
      const next = rowOf(compact.chainsOf, bridge);
      chain = next[pick(next.length, draw)] ?? chains[pick(chains.length, draw)];
    }
    return [...picked];
  };

  const byHost: Ruin = (placement, most, draw) => {
    // Of a few hosts the one at most risk: that is where relief is to be had.
    let riskiest: { host: number; risk: number } | undefined;
    for (let look = 0; look < 4; look++) {
      const server = compact.movable[pick(compact.movable.length, draw)];
      if (server === undefined) break;
      const host = placement.where(server);
      const known = placement.riskOf(host);
      const risk = Number.isNaN(known) ? 0 : known;
      if (riskiest === undefined || risk > riskiest.risk) riskiest = { host, risk };
    }
    const here = (onHost.get(riskiest?.host ?? -1) ?? []).filter(
      (server) => placement.where(server) === riskiest?.host,
    );
    return shuffled(here, draw).slice(0, Math.max(1, Math.ceil(most / 2)));
  };

  const byMoved: Ruin = (placement, most, draw) => {
    const moved: number[] = [];
    for (const server of compact.movable) {
      if (placement.where(server) !== compact.home[server]) moved.push(server);
    }
    return shuffled(moved, draw).slice(0, most);
  };

  const byLot: Ruin = (_placement, most, draw) => {
    const picked = new Set<number>();
    for (let look = 0; look < most; look++) {
      const server = compact.movable[pick(compact.movable.length, draw)];
      if (server !== undefined) picked.add(server);
    }
    return [...picked];
  };

  return (placement, most, draw) => {
    const lot = draw() * 100;
    if (lot < chances.chain && chains.length > 0) return byChain(placement, most, draw);
    if (lot < chances.chain + chances.host) return byHost(placement, most, draw);
    if (lot < chances.chain + chances.host + chances.moved) {
      // The budget is spent on these: what else it could buy shows only once some of it is back.
      const moved = byMoved(placement, Math.ceil(most / 2), draw);
      const more = chains.length > 0 ? byChain : byLot;
      return [...new Set([...moved, ...more(placement, most - moved.length, draw)])];
    }
    return byLot(placement, most, draw);
  };
}

function pick(length: number, draw: Random): number {
  return Math.floor(draw() * length);
}

function addSome(into: Set<number>, items: readonly number[], most: number): void {
  for (const item of items) {
    if (into.size >= most) return;
    into.add(item);
  }
}

function shuffled(items: number[], draw: Random): number[] {
  for (let at = items.length - 1; at > 0; at--) {
    const other = pick(at + 1, draw);
    [items[at], items[other]] = [items[other] ?? 0, items[at] ?? 0];
  }
  return items;
}
