import type { FlowClassifier, PortChain, PortPair, PortPairGroup } from '@sidestep/openstack';
import type { HopWork } from '../domain/hop-plan.ts';
import type { SfcWorld } from '../domain/sfc-world.ts';
import type { Cloud } from '../ports/cloud.ts';
import { groupSeenWith } from './groups-seen.ts';
import { readAllChains, readAllGroups } from './read-world.ts';

/**
 * Parts of networking-sfc, read so that the domain's questions about them have the answers that they would have of
 * all of it. What a large cloud holds besides is not read. Each reading begins when it is asked for.
 */

/**
 * A chain alone; undefined where there is none. It is asked for as a list: where networking-sfc itself is away, as while
 * Neutron is set up anew, its addresses are not found, which says nothing of the chain.
 */
export async function readPortChain(
  { sfc }: Pick<Cloud, 'sfc'>,
  chainId: string,
): Promise<PortChain | undefined> {
  const [chain] = await sfc.listPortChains({ by: 'id', of: [chainId] });
  return chain;
}

/** A chain with its groups and their pairs; nothing where there is no such chain. */
export async function readChain(cloud: Cloud, chainId: string): Promise<SfcWorld> {
  const chain = await readPortChain(cloud, chainId);
  if (chain === undefined) return { chains: [], groups: [], pairs: [] };
  return { chains: [chain], ...(await readGroups(cloud, chain.portPairGroupIds)) };
}

/** Groups, those that are there, with their pairs. */
export async function readGroups(
  { sfc }: Cloud,
  groupIds: readonly string[],
): Promise<{ groups: PortPairGroup[]; pairs: PortPair[] }> {
  const groups = await sfc.listPortPairGroups({ by: 'id', of: groupIds });
  return { groups, pairs: await readPairsOf({ sfc }, groups) };
}

/** The pairs that groups hold. */
export function readPairsOf(
  { sfc }: Pick<Cloud, 'sfc'>,
  groups: readonly PortPairGroup[],
): Promise<PortPair[]> {
  return sfc.listPortPairs({ by: 'id', of: groups.flatMap(({ portPairIds }) => portPairIds) });
}

/** The pairs that one of the ports is an end of. */
export function readPairsAt({ sfc }: Cloud, portIds: Iterable<string>): Promise<PortPair[]> {
  const of = [...portIds];
  return either(
    sfc.listPortPairs({ by: 'ingressPortId', of }),
    sfc.listPortPairs({ by: 'egressPortId', of }),
  );
}

/** The flow classifiers whose traffic begins or ends at one of the ports. */
export function readClassifiersAt(
  { sfc }: Cloud,
  portIds: Iterable<string>,
): Promise<FlowClassifier[]> {
  const of = [...portIds];
  return either(
    sfc.listFlowClassifiers({ by: 'logicalSourcePortId', of }),
    sfc.listFlowClassifiers({ by: 'logicalDestinationPortId', of }),
  );
}

/** The groups that hold one of the pairs. They can't be asked for by pair: where each was seen last is looked at first. */
export async function readGroupsHolding(
  cloud: Cloud,
  pairIds: readonly string[],
): Promise<PortPairGroup[]> {
  const { sfc } = cloud;
  if (pairIds.length === 0) return [];
  const seenIn = pairIds.flatMap((id) => groupSeenWith(sfc, id) ?? []);
  const seen = await sfc.listPortPairGroups({ by: 'id', of: seenIn });
  const holding = (groups: readonly PortPairGroup[]) =>
    groups.filter(({ portPairIds }) => portPairIds.some((id) => pairIds.includes(id)));
  // A pair is in one group at most: what was found is all that there is to find.
  const found = new Set(seen.flatMap(({ portPairIds }) => portPairIds));
  if (pairIds.every((id) => found.has(id))) return holding(seen);
  return holding(await readAllGroups(cloud));
}

/** What the next step of a hop is worked out from. Its chains are all of those known to use it, and every one where none of these does. */
export async function readHop(
  cloud: Cloud,
  { groupId, holderName, renewals }: HopWork,
  chainIds: readonly string[],
): Promise<SfcWorld> {
  const { sfc } = cloud;
  const portIds = renewals.flatMap(({ member }) => [member.ingressPortId, member.egressPortId]);
  const [own, atPorts, holders, known] = await Promise.all([
    readGroups(cloud, [groupId]),
    readPairsAt(cloud, portIds),
    sfc.listPortPairs({ by: 'name', of: [holderName] }),
    sfc.listPortChains({ by: 'id', of: chainIds }),
  ]);
  const inside = new Set(own.groups.flatMap(({ portPairIds }) => portPairIds));
  const pairs = distinct([...own.pairs, ...atPorts, ...holders]);
  const astray = pairs.flatMap(({ id }) => (inside.has(id) ? [] : [id]));
  const uses = ({ portPairGroupIds }: PortChain) => portPairGroupIds.includes(groupId);
  const [elsewhere, chains] = await Promise.all([
    readGroupsHolding(cloud, astray),
    known.some(uses) ? known : readAllChains(cloud),
  ]);
  return { chains, groups: distinct([...own.groups, ...elsewhere]), pairs };
}

/** Each of them once. */
export function distinct<T extends { readonly id: string }>(all: readonly T[]): T[] {
  return [...new Map(all.map((one) => [one.id, one])).values()];
}

async function either<T extends { readonly id: string }>(...lists: Promise<T[]>[]): Promise<T[]> {
  return distinct((await Promise.all(lists)).flat());
}
