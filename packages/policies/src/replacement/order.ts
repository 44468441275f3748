import type { Compact } from './compact.ts';
import { type Misfit, Placement } from './placement.ts';

/** A move as numbers. */
export type Step = { server: number; from: number; to: number; detour: boolean };

/** A move that no order makes possible, and what stands in its way. */
export type Blocked = { server: number; to: number; misfit: Misfit };

/** Moves in an order in which each is possible when its turn comes, and those for which there is no such order. */
export type Order = { steps: readonly Step[]; blocked: readonly Blocked[] };

/** Hosts that are tried for a server that has to make way. */
const mostDetours = 64;

/**
 * Orders the moves that lead to a placement. At each step the server fits where it goes while everything else is where
 * it is then: nothing is ever overcommitted on the way. Where moves wait for each other in a circle, one server makes way
 * first if the budget allows it.
 */
export function orderMoves(compact: Compact, target: Int32Array): Order {
  const { home, options, servers } = compact;
  const placement = new Placement(compact);
  const pending = new Set<number>();
  for (let server = 0; server < servers.length; server++) {
    if (target[server] !== home[server]) pending.add(server);
  }
  const steps: Step[] = [];
  const move = (server: number, to: number, detour: boolean) => {
    steps.push({ server, from: placement.where(server), to, detour });
    placement.take(server);
    placement.put(server, to);
  };
  while (pending.size > 0) {
    const next = bestPossible(placement, pending, target);
    if (next !== undefined) {
      move(next, target[next] ?? 0, false);
      pending.delete(next);
      continue;
    }
    const spare = options.moveBudget - steps.length - pending.size;
    const way = spare > 0 ? detourOf(compact, placement, pending, target) : undefined;
    if (way === undefined) break;
    move(way.server, way.to, true);
  }
  const blocked = [...pending].map((server) => {
    const to = target[server] ?? 0;
    const misfit = misfitOf(placement, server, to) ?? 'no-room';
    return { server, to, misfit };
  });
  return { steps, blocked };
}

function misfitOf(placement: Placement, server: number, to: number): Misfit | undefined {
  const from = placement.where(server);
  placement.take(server);
  const misfit = placement.misfit(server, to);
  placement.put(server, from);
  return misfit;
}

/** Of the moves that are possible now the one that helps most now. */
function bestPossible(
  placement: Placement,
  pending: ReadonlySet<number>,
  target: Int32Array,
): number | undefined {
  let best: { server: number; change: number } | undefined;
  for (const server of pending) {
    const to = target[server] ?? 0;
    const from = placement.where(server);
    placement.take(server);
    if (placement.misfit(server, to) === undefined) {
      const change = placement.costOf(server, to) - placement.costOf(server, from);
      if (best === undefined || change < best.change) best = { server, change };
    }
    placement.put(server, from);
  }
  return best?.server;
}

/** A server that stands in another's way, and a host where it can wait so that the other can go. */
function detourOf(
  compact: Compact,
  placement: Placement,
  pending: ReadonlySet<number>,
  target: Int32Array,
): { server: number; to: number } | undefined {
  const open = compact.hosts.flatMap(({ closed }, at) => (closed === null ? [at] : []));
  for (const server of pending) {
    const from = placement.where(server);
    const waiting = [...pending].filter((other) => other !== server && target[other] === from);
    if (waiting.length === 0) continue;
    const byDelay = open
      .filter((to) => to !== from)
      .toSorted((a, b) => compact.delayMs(from, a) - compact.delayMs(from, b) || a - b)
      .slice(0, mostDetours);
    for (const to of byDelay) {
      placement.take(server);
      const fits = placement.misfit(server, to) === undefined;
      placement.put(server, fits ? to : from);
      const frees = fits && waiting.some((other) => misfitOf(placement, other, from) === undefined);
      if (fits) {
        placement.take(server);
        placement.put(server, from);
      }
      if (frees) return { server, to };
    }
  }
  return undefined;
}
