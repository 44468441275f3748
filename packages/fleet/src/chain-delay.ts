import type { Chain, FleetView, HostId, ServerId } from './fleet-view.ts';
import { serverOf } from './look-up.ts';
import type { Topology } from './topology.ts';
import type { Known } from './units.ts';

/**
 * One-way delay of a chain from its first hop to its last, milliseconds, as its members stand now; `moved` puts one
 * elsewhere. Members of a hop share its traffic alike, so that a leg between two hops is the mean over their pairs.
 * Unknown where a way or a member's host is; how the traffic comes to the first hop and leaves the last is not in it.
 */
export function chainDelayMs(
  view: Pick<FleetView, 'servers'>,
  chain: Chain,
  topology: Topology,
  moved?: { serverId: ServerId; to: HostId },
): Known<number> {
  const hostOfMember = (id: ServerId) =>
    id === moved?.serverId ? moved.to : (serverOf(view, id)?.hostId ?? null);
  let total = 0;
  let before: readonly (HostId | null)[] | null = null;
  for (const { memberIds } of chain.hops) {
    const here = memberIds.map(hostOfMember);
    if (before !== null) {
      // Of a leg to a place that is only thought of, the end that stays is the source: it serves for every other place.
      const [from, to] = before.includes(moved?.to ?? null) ? [here, before] : [before, here];
      const leg = legMs(from, to, topology);
      if (leg === 'unknown') return 'unknown';
      total += leg;
    }
    before = here;
  }
  return total;
}

function legMs(
  from: readonly (HostId | null)[],
  to: readonly (HostId | null)[],
  topology: Topology,
): Known<number> {
  let sum = 0;
  for (const a of from) {
    for (const b of to) {
      const delay = a === null || b === null ? 'unknown' : topology.delayMs(a, b);
      if (delay === 'unknown') return 'unknown';
      sum += delay;
    }
  }
  const pairs = from.length * to.length;
  return pairs === 0 ? 'unknown' : sum / pairs;
}
