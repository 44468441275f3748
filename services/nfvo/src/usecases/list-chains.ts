import type { PortChain } from '@sidestep/openstack';
import { NotFound } from '@sidestep/service-kit';
import { isHolderName } from '../domain/names.ts';
import type { SfcWorld } from '../domain/sfc-world.ts';
import type { Context } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';
import { hopsOut, openDrains } from './drain-document.ts';
import { portOwners } from './port-owners.ts';
import { readChain, readPortChain } from './read-part.ts';
import { readWorld } from './read-world.ts';
import { openRepaths } from './repath-document.ts';

export type ListedChain = {
  readonly chain: PortChain;
  readonly record: ChainRecord | null;
  /** Server ids (a port's id where no server has it), one inner list a hop. */
  readonly hops: readonly (readonly string[])[];
};

/** All chains, those too that were made elsewhere. A member that is drained or being rendered anew still counts as one. */
export async function listChains(context: Context): Promise<ListedChain[]> {
  const world = await readWorld(context.cloud);
  return listed(context, world, world.chains);
}

async function listed(
  context: Context,
  world: SfcWorld,
  chains: readonly PortChain[],
): Promise<ListedChain[]> {
  const { records } = context;
  const groups = new Map(world.groups.map((group) => [group.id, group]));
  const pairs = new Map(world.pairs.map((pair) => [pair.id, pair]));
  const known = new Map(
    (await allOf<ChainRecord>(records, kinds.chain)).map(({ id, value }) => [id, value]),
  );
  const renewed = new Map<string, string[]>();
  const unfinished = [
    ...(await openRepaths(records)).map(({ value }) => value),
    ...(await openDrains(records)).map(({ value }) => ({ ...value, hops: hopsOut(value) })),
  ];
  for (const { serverId, hops } of unfinished) {
    for (const { work } of hops)
      renewed.set(work.groupId, [...(renewed.get(work.groupId) ?? []), serverId]);
  }
  const memberPairs = (groupId: string) =>
    (groups.get(groupId)?.portPairIds ?? []).flatMap((id) => {
      const pair = pairs.get(id);
      return pair === undefined || isHolderName(pair.name) ? [] : [pair];
    });
  const owners = await portOwners(
    context,
    chains
      .flatMap(({ portPairGroupIds }) => portPairGroupIds.flatMap(memberPairs))
      .map(({ ingressPortId }) => ingressPortId),
  );
  return chains.map((chain) => ({
    chain,
    record: known.get(chain.id) ?? null,
    hops: chain.portPairGroupIds.map((groupId) => [
      ...new Set([
        ...memberPairs(groupId).map(
          ({ ingressPortId }) => owners.get(ingressPortId) ?? ingressPortId,
        ),
        ...(renewed.get(groupId) ?? []),
      ]),
    ]),
  }));
}

/** A chain alone. */
export async function showPortChain(
  { cloud }: Pick<Context, 'cloud'>,
  id: string,
): Promise<PortChain> {
  const chain = await readPortChain(cloud, id);
  if (chain === undefined) throw new NotFound('port chain', id);
  return chain;
}

/** A chain with its members. */
export async function showChain(context: Context, id: string): Promise<ListedChain> {
  return (await readListed(context, id)).listed;
}

/** The same, and the groups and pairs that tell of it. */
export async function readListed(
  context: Context,
  id: string,
): Promise<{ readonly listed: ListedChain; readonly world: SfcWorld }> {
  const world = await readChain(context.cloud, id);
  const [found] = await listed(context, world, world.chains);
  if (found === undefined) throw new NotFound('port chain', id);
  return { listed: found, world };
}
