import { isHolderName, isOurName } from './names.ts';
import { chainsOfGroup, groupOfPair, type HolderPort, type SfcWorld } from './sfc-world.ts';

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
  isBusy: (name: string) => boolean,
): Orphan[] {
  const ours = ({ name }: { readonly name: string }) => isOurName(name) && !isBusy(name);
  const groups = world.groups
    .filter(ours)
    .filter((group) => chainsOfGroup(world, group.id).length === 0);
  const gone = new Set(groups.map((group) => group.id));
  const pairs = world.pairs.filter(ours).filter((pair) => {
    const group = groupOfPair(world, pair.id);
    return group === undefined || gone.has(group.id);
  });
  const stillPaired = new Set(
    world.pairs
      .filter((pair) => !pairs.includes(pair))
      .flatMap((pair) => [pair.ingressPortId, pair.egressPortId]),
  );
  const ports = holderPorts.filter(
    (port) => isHolderName(port.name) && !isBusy(port.name) && !stillPaired.has(port.id),
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
