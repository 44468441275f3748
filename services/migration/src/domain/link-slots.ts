import type { HostId, Topology } from '@sidestep/fleet';
import type { RejectedHost } from './decision.ts';
import type { Traffic } from './traffic.ts';

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
export function fullLink({ slots, moves }: Traffic, crosses: readonly string[]): string | null {
  if (slots.perLink === null) return null;
  for (const link of crosses) {
    const there = moves.filter((move) => move.crosses.includes(link));
    if (there.length >= slots.perLink) {
      return `link ${link} carries ${slots.perLink} at once: ${there.map(({ words }) => words).join('; ')}`;
    }
  }
  return null;
}

/** The rejection of a destination whose way is full; null where it is not. */
export function linkObjection(
  traffic: Traffic,
  topology: Pick<Topology, 'way'>,
  { from, to }: { from: HostId; to: HostId },
): RejectedHost | null {
  if (traffic.slots.perLink === null || traffic.moves.length === 0) return null;
  const detail = fullLink(traffic, crossedLinks(topology, from, to));
  return detail === null ? null : { hostId: to, why: 'link-slots', detail };
}
