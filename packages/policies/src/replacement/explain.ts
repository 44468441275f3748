import { type Compact, legsOf, rowOf } from './compact.ts';
import type { Blocked } from './order.ts';
import type { Misfit, Placement } from './placement.ts';
import type { ChainDelay, Unimproved, UnimprovedReason } from './problem.ts';

/** What is told at most of what could not be improved, the worst first. */
const mostChains = 50;
const mostHosts = 20;
const epsilon = 1e-9;

/** Delays of the chains before and after. */
export function chainDelays(compact: Compact, after: Placement): ChainDelay[] {
  const index = new Map(compact.servers.map(({ id }, at) => [id, at]));
  return compact.problem.chains.map(({ id, name, hops }) => {
    const legs = legsOf(
      hops.map(({ memberIds }) => memberIds.flatMap((member) => index.get(member) ?? [])),
    );
    let beforeMs = 0;
    let afterMs = 0;
    let assumedLegs = 0;
    for (const { a, b, weight } of legs) {
      beforeMs += weight * compact.delayMs(compact.home[a] ?? 0, compact.home[b] ?? 0);
      afterMs += weight * compact.delayMs(after.where(a), after.where(b));
      if (compact.isAssumed(after.where(a), after.where(b))) assumedLegs += 1;
    }
    return { chainId: id, name, beforeMs, afterMs, assumedLegs };
  });
}

/** The slow chains and the hosts at risk that no move of the proposal helps, each with what stands against one. */
export function unimproved(
  compact: Compact,
  placement: Placement,
  delays: readonly ChainDelay[],
  rest: { movesLeft: number; blocked: readonly Blocked[] },
): Unimproved[] {
  const blocked = new Set(rest.blocked.map(({ server }) => server));
  const chains = delays
    .flatMap((delay, chain) => (delay.afterMs > delay.beforeMs - epsilon ? [{ delay, chain }] : []))
    .filter(({ delay }) => delay.afterMs > epsilon)
    .toSorted((a, b) => b.delay.afterMs - a.delay.afterMs)
    .slice(0, mostChains)
    .map(({ delay, chain }): Unimproved => {
      const members = [...rowOf(compact.chainMembers, chain)];
      const gain = (server: number, host: number) =>
        placement.delayOf(server, placement.where(server)) - placement.delayOf(server, host);
      const why = whyNot(compact, placement, members, gain, rest.movesLeft, blocked);
      return { kind: 'chain', id: delay.chainId, ...why };
    });
  const hosts = compact.hosts
    .flatMap(({ id }, host) => {
      const risk = placement.riskOf(host);
      return risk > compact.options.maxRisk ? [{ id, host, risk }] : [];
    })
    .toSorted((a, b) => b.risk - a.risk)
    .slice(0, mostHosts)
    .map(({ id, host }): Unimproved => {
      const members = Array.from(compact.home.keys()).filter(
        (server) => placement.where(server) === host,
      );
      const gain = (server: number, to: number) =>
        to === host ? 0 : (compact.leaveCores[server] ?? 0);
      return {
        kind: 'host',
        id,
        ...whyNot(compact, placement, members, gain, rest.movesLeft, blocked),
      };
    });
  return [...chains, ...hosts];
}

/** Looks at single moves of the servers only: what stands against the best of them. */
function whyNot(
  compact: Compact,
  placement: Placement,
  servers: readonly number[],
  gain: (server: number, host: number) => number,
  movesLeft: number,
  blocked: ReadonlySet<number>,
): { reason: UnimprovedReason; detail: string } {
  const isBlocked = servers.find((server) => blocked.has(server));
  if (isBlocked !== undefined) {
    const name = compact.servers[isBlocked]?.name ?? '';
    return {
      reason: 'no-order',
      detail: `${name} waits for a move that waits for it, and no server can make way`,
    };
  }
  const free = servers.filter((server) => compact.servers[server]?.fixed === null);
  if (free.length === 0) {
    const [first] = servers;
    const { name = 'nothing', fixed = 'no server of it is known' } =
      compact.servers[first ?? -1] ?? {};
    return { reason: 'cannot-move', detail: `${name}: ${fixed}` };
  }
  const found = new Map<Misfit | 'fits', number>();
  for (const server of free) {
    const from = placement.where(server);
    const helpful = compact.hosts.flatMap((_, host) =>
      host !== from && gain(server, host) > epsilon ? [host] : [],
    );
    placement.take(server);
    for (const host of helpful) {
      const outcome = placement.misfit(server, host) ?? 'fits';
      found.set(outcome, (found.get(outcome) ?? 0) + 1);
    }
    placement.put(server, from);
  }
  if (found.size === 0) return { reason: 'nothing-nearer', detail: 'no single move helps it' };
  const places = [...found.values()].reduce((sum, count) => sum + count, 0);
  if (!found.has('fits')) {
    const [[reason = 'no-room'] = []] = [...found].toSorted(([, a], [, b]) => b - a) as [
      Misfit,
      number,
    ][];
    const counts = [...found].map(([misfit, count]) => `${count} ${words[misfit]}`);
    return { reason, detail: `of ${places} places that would help: ${counts.join(', ')}` };
  }
  if (movesLeft <= 0) {
    return { reason: 'move-budget', detail: 'the moves are spent on what gains more' };
  }
  return {
    reason: 'not-worth-it',
    detail: `a move to any of ${found.get('fits')} places costs more, in moves, risk or other chains' delay, than it gains`,
  };
}

const words: Record<Misfit | 'fits', string> = {
  'no-room': 'have no room',
  'kept-apart': 'hold a server that it is kept apart from',
  'host-closed': 'take no server',
  elsewhere: 'are in another zone or aggregate',
  'risk-too-high': 'would be at too much risk',
  fits: 'fit',
};
