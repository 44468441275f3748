import type { FlowClassifier, PortChain, PortPair } from '@sidestep/openstack';
import { Conflict, NotFound } from '@sidestep/service-kit';
import { takenOut } from '../domain/absence.ts';
import { type HopUser, strictestOnGap } from '../domain/hop-options.ts';
import { gapMethod, type HopWork, type Renewal } from '../domain/hop-plan.ts';
import { holderName, isHolderName } from '../domain/names.ts';
import { chainsOfGroup, groupOfPair, type SfcWorld } from '../domain/sfc-world.ts';
import { absentWhenNotFound } from './absent.ts';
import type { Context } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';
import { hopsOut, openDrains } from './drain-document.ts';
import { chainLock, serverLock } from './locks.ts';
import { portOwners } from './port-owners.ts';
import {
  distinct,
  readClassifiersAt,
  readGroupsHolding,
  readPairsAt,
  readPairsOf,
} from './read-part.ts';
import { readAllChains } from './read-world.ts';
import type { RepathEnd } from './render-ends.ts';
import type { RepathHop } from './repath-document.ts';

/**
 * Every hop that has the server as a member or was drained of it, the chains that begin or end at it, and the leases
 * that their re-render needs. Nothing is changed. With `only: 'drained'`, the hops that it is in, and the ends, are left out.
 */
export async function planRepath(
  context: Context,
  repathId: string,
  serverId: string,
  only: 'all' | 'drained' = 'all',
): Promise<{ hops: RepathHop[]; ends: RepathEnd[]; locks: string[] }> {
  const { cloud, records, clock } = context;
  const server = await cloud.nova.showServer(serverId).catch(absentWhenNotFound);
  const ports = await cloud.neutron.listPorts({ deviceId: serverId });
  const described = await allOf<ChainRecord>(records, kinds.chain);
  const recordedPortIds = described
    .flatMap(({ value }) => value.members.flat())
    .filter((member) => member.serverId === serverId)
    .flatMap(({ ingressPortId, egressPortId }) => [ingressPortId, egressPortId]);
  const portIds = new Set([...ports.map(({ id }) => id), ...recordedPortIds]);
  const drains = await openDrains(records, { server: serverId });
  const drained = drains.flatMap(({ value }) => hopsOut(value));
  const { world, pairs } = await readAround(
    cloud,
    portIds,
    drained.map(({ work }) => work.groupId),
  );
  if (server === undefined && pairs.length === 0) throw new NotFound('server', serverId);
  if (server?.taskState === 'migrating')
    throw new Conflict(`Server ${serverId} is being migrated; its ports are not there yet`);

  const hops = new Map<string, RepathHop>();
  for (const hop of drained) {
    const { groupId } = hop.work;
    if (!world.groups.some(({ id }) => id === groupId)) continue;
    const work = { ...hop.work, holderName: holderName(repathId, groupId) };
    const method = gapMethod({ world, holderPorts: [] }, work);
    hops.set(groupId, {
      ...untouched,
      work,
      chainIds: chainsOfGroup(world, groupId).map(({ id }) => id),
      method,
      absence: takenOut(null, { method, carries: true, nowMs: hop.outSinceMs ?? clock.now() }),
    });
  }
  const drainedGroups = new Set(hops.keys());
  for (const pair of pairs) {
    const group = groupOfPair(world, pair.id);
    if (group === undefined || only === 'drained' || drainedGroups.has(group.id)) continue;
    const renewal: Renewal = {
      member: {
        ingressPortId: pair.ingressPortId,
        egressPortId: pair.egressPortId,
        correlation: pair.correlation,
        weight: pair.weight,
      },
      name: pair.name,
      freshId: null,
    };
    const known = hops.get(group.id);
    const work: HopWork = {
      groupId: group.id,
      onGap: strictestOnGap(usersOf(world, group.id, described)),
      renewals: [...(known?.work.renewals ?? []), renewal],
      holderName: holderName(repathId, group.id),
      holderPlace: null,
      rendered: false,
    };
    hops.set(group.id, {
      ...untouched,
      work,
      chainIds: chainsOfGroup(world, group.id).map(({ id }) => id),
      method: gapMethod({ world, holderPorts: [] }, work),
    });
  }
  const ends = only === 'drained' ? [] : await endsAt(context, world, portIds, described);
  const locks = await locksOf(context, world, serverId, hops);
  return {
    hops: [...hops.values()],
    ends,
    locks: [...new Set([...locks, ...ends.map(({ chainId }) => chainLock(chainId))])],
  };
}

/** The pairs by which the ports are members, the groups that hold one or were drained of one, and all chains, as any may use them. */
async function readAround(
  cloud: Context['cloud'],
  portIds: ReadonlySet<string>,
  drainedGroupIds: readonly string[],
): Promise<{ world: SfcWorld; pairs: PortPair[] }> {
  const [chains, atPorts] = await Promise.all([readAllChains(cloud), readPairsAt(cloud, portIds)]);
  const own = atPorts.filter(({ name }) => !isHolderName(name));
  const ids = own.map(({ id }) => id);
  const [holding, drained] = await Promise.all([
    readGroupsHolding(cloud, ids),
    cloud.sfc.listPortPairGroups({ by: 'id', of: drainedGroupIds }),
  ]);
  const groups = distinct([...holding, ...drained]);
  return { world: { chains, groups, pairs: await readPairsOf(cloud, groups) }, pairs: own };
}

/** The chains whose classifiers name one of the ports as the source or destination of their traffic. */
async function endsAt(
  { cloud }: Context,
  world: SfcWorld,
  portIds: ReadonlySet<string>,
  described: Parameters<typeof usersOf>[2],
): Promise<RepathEnd[]> {
  const own = await readClassifiersAt(cloud, portIds);
  return Promise.all(
    world.chains.flatMap((chain) => {
      const named = own.filter(({ id }) => chain.flowClassifierIds.includes(id));
      return named.length === 0 ? [] : [endOf(cloud, world, chain, named, described)];
    }),
  );
}

async function endOf(
  cloud: Context['cloud'],
  world: SfcWorld,
  chain: PortChain,
  own: readonly FlowClassifier[],
  described: Parameters<typeof usersOf>[2],
): Promise<RepathEnd> {
  const closed = chain.portPairGroupIds.some(
    (groupId) => strictestOnGap(usersOf(world, groupId, described)) === 'closed',
  );
  const sources = own.flatMap(({ logicalSourcePortId, logicalDestinationPortId }) => [
    logicalSourcePortId,
    ...(chain.parameters.symmetric ? [logicalDestinationPortId] : []),
  ]);
  const ids = [...new Set(sources.filter((id) => id !== null))];
  const ports = closed ? await Promise.all(ids.map((id) => cloud.neutron.showPort(id))) : [];
  return {
    chainId: chain.id,
    classifierIds: chain.flowClassifierIds,
    ownIds: own.map(({ id }) => id),
    onGap: closed ? 'closed' : 'open',
    // A port that somebody else has put down stays down.
    portIds: ports.filter(({ adminStateUp }) => adminStateUp).map(({ id }) => id),
    state: 'pending',
    sinceMs: null,
    gapMs: null,
    bypassMs: null,
  };
}

const untouched = {
  state: 'pending',
  absence: null,
  gapMs: null,
  bypassMs: null,
  outMs: null,
} as const;

/** The chains that use a group, and what was said of them. */
export function usersOf(
  world: Pick<SfcWorld, 'chains'>,
  groupId: string,
  records: readonly { readonly id: string; readonly value: ChainRecord }[],
): HopUser[] {
  return chainsOfGroup(world, groupId).map(({ id, portPairGroupIds }) => ({
    hop: portPairGroupIds.indexOf(groupId),
    hops: portPairGroupIds.length,
    said: records.find((record) => record.id === id)?.value,
  }));
}

async function locksOf(
  context: Context,
  world: SfcWorld,
  serverId: string,
  hops: ReadonlyMap<string, RepathHop>,
): Promise<string[]> {
  const ingressPortIds = [...hops.keys()].flatMap((groupId) => {
    const group = world.groups.find(({ id }) => id === groupId);
    return world.pairs
      .filter(({ id, name }) => group?.portPairIds.includes(id) && !isHolderName(name))
      .map((pair) => pair.ingressPortId);
  });
  const owners = await portOwners(context, ingressPortIds);
  return [
    serverLock(serverId),
    ...ingressPortIds.map((id) => serverLock(owners.get(id) ?? id)),
    ...[...hops.values()].flatMap(({ chainIds }) => chainIds.map(chainLock)),
  ];
}
