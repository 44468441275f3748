import type { PortPairGroup } from '@sidestep/openstack';
import type { Cloud } from '../ports/cloud.ts';

const seen = new WeakMap<Cloud['sfc'], ReadonlyMap<string, string>>();

/** Takes down which pair is in which group, by a reading of all groups. */
export function noteGroups(sfc: Cloud['sfc'], groups: readonly PortPairGroup[]): void {
  const byPair = groups.flatMap(({ id, portPairIds }) =>
    portPairIds.map((pairId) => [pairId, id] as const),
  );
  seen.set(sfc, new Map(byPair));
}

/** The group that a pair was in when all were read last: a place to look, as it may be in another one by now. */
export function groupSeenWith(sfc: Cloud['sfc'], pairId: string): string | undefined {
  return seen.get(sfc)?.get(pairId);
}
