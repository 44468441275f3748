import type { PortChain } from '@sidestep/openstack';
import { isStateless, strictestOnGap } from '../domain/hop-options.ts';
import type { OnGap } from '../domain/hop-plan.ts';
import { absentWhenNotFound } from './absent.ts';
import { containerOf } from './containers.ts';
import type { Context } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';
import { hopsOut, openDrains } from './drain-document.ts';
import { type ListedChain, readListed } from './list-chains.ts';
import { usersOf } from './plan-repath.ts';
import { readAllChains } from './read-world.ts';
import { openRepathsOf } from './repath-document.ts';

/** A member of a hop as it is now; null where nobody knows. */
export type DescribedMember = {
  readonly id: string;
  readonly kind: 'server' | 'container' | 'unknown';
  readonly hostId: string | null;
  readonly status: string | null;
  readonly state: 'in' | 'drained' | 'rendering';
};

export type DescribedHop = {
  readonly groupId: string;
  readonly onGap: OnGap;
  readonly stateless: boolean;
  readonly members: readonly DescribedMember[];
};

/** One chain with where its members are and how they do. */
export async function describeChain(
  context: Context,
  chainId: string,
): Promise<{ readonly listed: ListedChain; readonly hops: readonly DescribedHop[] }> {
  const { records } = context;
  const { listed, hops: read } = await readHops(context, chainId);
  const rendering = await openRepathsOf(records, listed.chain.portPairGroupIds);
  const drains = await openDrains(records);
  const hops = await Promise.all(
    read.map(async ({ groupId, onGap, stateless, memberIds }): Promise<DescribedHop> => {
      const inHop = ({ work }: { readonly work: { readonly groupId: string } }) =>
        work.groupId === groupId;
      const stateOf = (id: string): DescribedMember['state'] => {
        if (rendering.some(({ value }) => value.serverId === id && value.hops.some(inHop)))
          return 'rendering';
        return drains.some(({ value }) => value.serverId === id && hopsOut(value).some(inHop))
          ? 'drained'
          : 'in';
      };
      return {
        groupId,
        onGap,
        stateless,
        members: await Promise.all(
          memberIds.map(async (id) => ({
            ...(await whoIs(context, id)),
            state: stateOf(id),
          })),
        ),
      };
    }),
  );
  return { listed, hops };
}

/** The hops of a chain by what is said of them and who is in them. */
export async function readHops(
  context: Context,
  chainId: string,
): Promise<{
  readonly listed: ListedChain;
  readonly hops: readonly (Omit<DescribedHop, 'members'> & {
    readonly memberIds: readonly string[];
  })[];
}> {
  const { listed, world } = await readListed(context, chainId);
  const { chains, described } = await sharersOf(context, listed, world.chains);
  const hops = listed.chain.portPairGroupIds.map((groupId, index) => {
    const users = usersOf({ chains }, groupId, described);
    const [onGap, stateless] = [strictestOnGap(users), isStateless(users)];
    return { groupId, onGap, stateless, memberIds: listed.hops[index] ?? [] };
  });
  return { listed, hops };
}

type Described = Parameters<typeof usersOf>[2];

/**
 * The chains that may share a hop, and what was said of them. networking-sfc can't be asked for the chains of a group; but
 * what the chain itself says to be the strictest, or says nothing of, no other one can loosen.
 */
async function sharersOf(
  { cloud, records }: Context,
  { chain, record }: ListedChain,
  own: readonly PortChain[],
): Promise<{ readonly chains: readonly PortChain[]; readonly described: Described }> {
  const said: Described = record === null ? [] : [{ id: chain.id, value: record }];
  const strictest = chain.portPairGroupIds.every((groupId) => {
    const users = usersOf({ chains: own }, groupId, said);
    return strictestOnGap(users) === 'closed' && !isStateless(users);
  });
  if (strictest) return { chains: own, described: said };
  const chains = await readAllChains(cloud);
  return { chains, described: await allOf<ChainRecord>(records, kinds.chain) };
}

async function whoIs(
  context: Context,
  id: string,
): Promise<Pick<DescribedMember, 'id' | 'kind' | 'hostId' | 'status'>> {
  const server = await context.cloud.nova.showServer(id).catch(absentWhenNotFound);
  if (server !== undefined)
    return { id, kind: 'server', hostId: server.host, status: server.status };
  const container = await containerOf(context, id);
  return container === undefined
    ? { id, kind: 'unknown', hostId: null, status: null }
    : { id, kind: 'container', hostId: container.host, status: container.status };
}
