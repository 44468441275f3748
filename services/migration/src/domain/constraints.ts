import { type FleetView, type HostId, hostOf, type ServerId } from '@sidestep/fleet';
import { possibleDestinations } from '@sidestep/policies';
import type { RejectedHost } from './decision.ts';

/** Why a host may not take part in a move now, by host. */
export type Occupied = ReadonlyMap<HostId, string>;

export type ConstraintContext = {
  view: FleetView;
  /** Hosts with an alarm raised. */
  alarmed: ReadonlySet<HostId>;
  /** Hosts that somebody keeps free, e.g. for maintenance, each with why. */
  kept: ReadonlyMap<HostId, string>;
  /** Hosts that cannot take part for another reason, each with that reason. */
  occupied: Occupied;
  /** Hosts whose slots are taken by moves planned and in flight, each with who takes them; none where it is absent. */
  full?: Occupied;
  /** Only what came signed counts: nobody looks at the plan before it is carried out. */
  signedOnly: boolean;
};

/**
 * The hosts that could take the server: what any caller of a policy demands (up, enabled, of known load, with room, by
 * the server groups' rules), and what a cloud in motion demands besides. The source is told of in neither list.
 */
export function destinationsFor(
  serverId: ServerId,
  { view, alarmed, kept, occupied, full, signedOnly }: ConstraintContext,
): { candidates: HostId[]; rejected: RejectedHost[] } {
  const possible = possibleDestinations(view, serverId);
  const candidates: HostId[] = [];
  const rejected: RejectedHost[] = [...possible.rejected];
  for (const hostId of possible.candidates) {
    const move = occupied.get(hostId);
    const taken = full?.get(hostId);
    const maintenance = kept.get(hostId);
    if (maintenance !== undefined) {
      rejected.push({ hostId, why: 'maintenance', detail: maintenance });
    } else if (alarmed.has(hostId)) {
      rejected.push({ hostId, why: 'in-alarm', detail: 'an alarm is raised on it' });
    } else if (signedOnly && hostOf(view, hostId)?.trusted !== true) {
      rejected.push({
        hostId,
        why: 'data-unsigned',
        detail: 'something that it reports is unsigned',
      });
    } else if (move !== undefined) {
      rejected.push({ hostId, why: 'reserved', detail: move });
    } else if (taken !== undefined) {
      rejected.push({ hostId, why: 'host-slots', detail: taken });
    } else {
      candidates.push(hostId);
    }
  }
  return { candidates, rejected };
}

/** Why what a hot host reports decides nothing by itself; null where it may. */
export function sourceObjection(
  hostId: HostId,
  { view, signedOnly }: Pick<ConstraintContext, 'view' | 'signedOnly'>,
): 'source-suspect' | 'source-unknown' | 'source-unsigned' | null {
  const host = hostOf(view, hostId);
  if (!signedOnly || host === undefined) return null;
  if (host.quality !== 'good') return `source-${host.quality}`;
  return host.trusted ? null : 'source-unsigned';
}
