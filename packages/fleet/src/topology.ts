import type { Link } from './fleet-view.ts';
import { remembered } from './remembered.ts';
import type { Known } from './units.ts';

/** What the declared links say of the way between two nodes. */
export type Topology = {
  /** Of the way of least delay; 0 on one node, unknown where no known way leads there. */
  delayMs(from: string, to: string): Known<number>;
  /** Ids of the links on that way, in order; empty where there is none. */
  way(from: string, to: string): readonly string[];
};

/** Ways that are kept, over all sources: tens of megabytes. */
const maxKept = 400_000;

type Edge = { to: string; linkId: string; delayMs: number };
type Reached = { delayMs: number; before: string; linkId: string };

/** Ways of least delay over the links whose delay is known (Dijkstra), each source worked out once, when first asked for. */
export const topologyOf: (links: readonly Link[]) => Topology = remembered(waysOver);

function waysOver(links: readonly Link[]): Topology {
  const edges = new Map<string, Edge[]>();
  const add = (from: string, edge: Edge) => {
    const known = edges.get(from);
    if (known === undefined) edges.set(from, [edge]);
    else known.push(edge);
  };
  for (const { id, ends, delayMs } of links) {
    if (delayMs === 'unknown') continue;
    const [a, b] = ends;
    add(a, { to: b, linkId: id, delayMs });
    add(b, { to: a, linkId: id, delayMs });
  }
  const bySource = new Map<string, ReadonlyMap<string, Reached>>();
  let entries = 0;
  const reachedFrom = (source: string): ReadonlyMap<string, Reached> => {
    const known = bySource.get(source);
    if (known !== undefined) return known;
    const reached = leastDelays(source, edges);
    bySource.set(source, reached);
    entries += reached.size;
    for (const [oldest, ways] of bySource) {
      if (entries <= maxKept || oldest === source) break;
      bySource.delete(oldest);
      entries -= ways.size;
    }
    return reached;
  };
  return {
    delayMs: (from, to) => {
      if (from === to) return 0;
      // The same in both directions: a source that is worked out already serves.
      const known = bySource.has(from) ? undefined : bySource.get(to);
      const reached = known === undefined ? reachedFrom(from).get(to) : known.get(from);
      return reached?.delayMs ?? 'unknown';
    },
    way: (from, to) => {
      const reached = reachedFrom(from);
      const way: string[] = [];
      for (let at = to; at !== from; ) {
        const step = reached.get(at);
        if (step === undefined) return [];
        way.push(step.linkId);
        at = step.before;
      }
      return way.reverse();
    },
  };
}

function leastDelays(
  source: string,
  edges: ReadonlyMap<string, readonly Edge[]>,
): ReadonlyMap<string, Reached> {
  const best = new Map<string, Reached>();
  const settled = new Set<string>();
  const waiting = new Heap();
  waiting.push(source, 0);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { node, delayMs } = next;
    if (settled.has(node)) continue;
    settled.add(node);
    for (const edge of edges.get(node) ?? []) {
      const through = delayMs + edge.delayMs;
      const known = best.get(edge.to);
      if (edge.to === source || (known !== undefined && known.delayMs <= through)) continue;
      best.set(edge.to, { delayMs: through, before: node, linkId: edge.linkId });
      waiting.push(edge.to, through);
    }
  }
  return best;
}

type Waiting = { node: string; delayMs: number };

/** A binary heap, the least delay first. */
class Heap {
  readonly #items: Waiting[] = [];

  push(node: string, delayMs: number): void {
    const items = this.#items;
    let at = items.push({ node, delayMs }) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.#delayAt(above) <= this.#delayAt(at)) return;
      this.#swap(at, above);
      at = above;
    }
  }

  pop(): Waiting | undefined {
    const items = this.#items;
    const [least] = items;
    const last = items.pop();
    if (least === undefined || last === undefined || items.length === 0) return least;
    items[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const smaller = this.#delayAt(left + 1) < this.#delayAt(left) ? left + 1 : left;
      if (this.#delayAt(smaller) >= this.#delayAt(at)) return least;
      this.#swap(at, smaller);
      at = smaller;
    }
  }

  #delayAt(at: number): number {
    return this.#items[at]?.delayMs ?? Number.POSITIVE_INFINITY;
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    const [first, second] = [items[a], items[b]];
    if (first === undefined || second === undefined) return;
    items[a] = second;
    items[b] = first;
  }
}
