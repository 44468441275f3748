import type { HostId, Topology } from '@sidestep/fleet';
import type { RejectedHost } from './decision.ts';

/** A move that is planned or in flight, with the links that it crosses. */
export type CrossingMove = { crosses: readonly string[]; words: string };

/** How many moves may cross one link at once, null for any number, and those that do now. */
export type LinkTraffic = { slots: number | null; moves: readonly CrossingMove[] };

/** No link is counted. */
export const anyTraffic: LinkTraffic = { slots: null, moves: [] };

/** The links on the way of least delay; where none is known the pair itself, the same in both directions. */
export function crossedLinks(
  topology: Pick<Topology, 'way'>,
  from: HostId,
  to: HostId,
): readonly string[] {
  const way = topology.way(from, to);
  return way.length > 0 ? way : [`between:${[from, to].toSorted().join(' ')}`];
}

/** Why a move over these links has to wait, with who takes the full one; null where each has a slot. */
export function fullLink({ slots, moves }: LinkTraffic, crosses: readonly string[]): string | null {
  if (slots === null) return null;
  for (const link of crosses) {
    const there = moves.filter((move) => move.crosses.includes(link));
    if (there.length >= slots) {
      return `link ${link} carries ${slots} at once: ${there.map(({ words }) => words).join('; ')}`;
    }
  }
  return null;
}

/** The rejection of a destination whose way is full; null where it is not. */
export function linkObjection(
  traffic: LinkTraffic,
  topology: Pick<Topology, 'way'>,
  { from, to }: { from: HostId; to: HostId },
): RejectedHost | null {
  if (traffic.slots === null || traffic.moves.length === 0) return null;
  const detail = fullLink(traffic, crossedLinks(topology, from, to));
  return detail === null ? null : { hostId: to, why: 'link-slots', detail };
}
