import type { HostId, ServerId } from '@sidestep/fleet';
import type { Stored } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import { fullLink } from '../domain/link-slots.ts';
import type { Operation } from '../domain/operation.ts';
import { fullHosts, type PlacedMove, type Traffic } from '../domain/traffic.ts';

/** The moves that have a place: those in flight, and those that are proposed. */
export function placedMoves(
  live: readonly Stored<Operation>[],
  standing: Iterable<Stored<Decision>>,
): PlacedMove[] {
  const inFlight = live.map(({ value }) => moveOf(value));
  const proposed = [...standing].flatMap(({ value }): PlacedMove[] => {
    const { serverId, serverName, hostId: from, destinationHostId: to, crosses = [] } = value;
    if (value.state !== 'proposed' || serverId === null || to === null) return [];
    const words = `${serverName} is proposed to move from ${from} to ${to}`;
    return [{ serverId, from, to, crosses, takesSource: true, claimed: false, words }];
  });
  return [...inFlight, ...proposed];
}

/** What an operation takes. */
export function moveOf({
  serverId,
  serverName,
  from,
  to,
  crosses = [],
  work,
  nova,
}: Operation): PlacedMove {
  const words = `${serverName} moves from ${from} to ${to}`;
  const claimed = claimedIn.has(nova?.status ?? '');
  return { serverId, from, to, crosses, takesSource: work === null, claimed, words };
}

/** Statuses of Nova's migration records by which its scheduler has claimed the destination; before them it may not have. */
const claimedIn: ReadonlySet<string> = new Set([
  'preparing',
  'running',
  'post-migrating',
  'completed',
  'pre-migrating',
  'done',
]);

/** Why a move has to wait for others, or for somebody who keeps one of its hosts; null where its way is free. */
export function objectionToMove(
  {
    serverId,
    from,
    to,
    crosses = [],
  }: { serverId: ServerId; from: HostId; to: HostId; crosses?: readonly string[] | undefined },
  traffic: Traffic,
  held: ReadonlyMap<HostId, string>,
): string | null {
  const own = traffic.moves.find((move) => move.serverId === serverId);
  if (own !== undefined) return `it is on its way already: ${own.words}`;
  const full = fullLink(traffic, crosses);
  if (full !== null) return `its way is taken: ${full}`;
  const taken = new Map([...fullHosts(traffic), ...held]);
  const why = taken.get(from) ?? taken.get(to);
  return why === undefined ? null : `one of its hosts is taken: ${why}`;
}
