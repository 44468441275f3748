import { isHolderName, isOurName } from './names.ts';
import type { HolderPort, SfcWorld } from './sfc-world.ts';

/** Something of ours that nothing uses. */
export type Orphan = {
  readonly kind: 'port-pair' | 'port-pair-group' | 'port';
  readonly id: string;
  readonly name: string;
  readonly why: string;
};

/** What bears our name, is used by nothing, and is no business of a change that still runs; in a safe order to delete. */
export function orphansIn(
  world: SfcWorld,
  holderPorts: readonly HolderPort[],
  isBusy: (one: { readonly id: string; readonly name: string }) => boolean,
): Orphan[] {
  const ours = (one: { readonly id: string; readonly name: string }) =>
    isOurName(one.name) && !isBusy(one);
  // By sets: of a large cloud there are tens of thousands of each.
  const inChains = new Set(world.chains.flatMap(({ portPairGroupIds }) => portPairGroupIds));
  const groups = world.groups.filter((group) => ours(group) && !inChains.has(group.id));
  const unused = new Set(groups);
  const inGroups = new Set(
    world.groups.flatMap((group) => (unused.has(group) ? [] : group.portPairIds)),
  );
  const pairs = world.pairs.filter((pair) => ours(pair) && !inGroups.has(pair.id));
  const unpaired = new Set(pairs);
  const stillPaired = new Set(
    world.pairs.flatMap((pair) =>
      unpaired.has(pair) ? [] : [pair.ingressPortId, pair.egressPortId],
    ),
  );
  const ports = holderPorts.filter(
    (port) => isHolderName(port.name) && !isBusy(port) && !stillPaired.has(port.id),
  );
  return [
    ...groups.map(({ id, name }) => orphan('port-pair-group', { id, name }, 'in no port chain')),
    ...pairs.map(({ id, name }) =>
      orphan('port-pair', { id, name }, 'in no port pair group that is used'),
    ),
    ...ports.map(({ id, name }) =>
      orphan('port', { id, name }, 'a holder whose re-render has ended'),
    ),
  ];
}

function orphan(
  kind: Orphan['kind'],
  of: { readonly id: string; readonly name: string },
  why: string,
): Orphan {
  return { kind, ...of, why };
}
