import { isStateless, strictestOnGap } from '../domain/hop-options.ts';
import type { OnGap } from '../domain/hop-plan.ts';
import { absentWhenNotFound } from './absent.ts';
import { containerOf } from './containers.ts';
import type { Context } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';
import { hopsOut, openDrains } from './drain-document.ts';
import { type ListedChain, showChain } from './list-chains.ts';
import { usersOf } from './plan-repath.ts';
import { readWorld } from './read-world.ts';
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
  const { cloud, records } = context;
  const listed = await showChain(context, chainId);
  const world = await readWorld(cloud);
  const described = await allOf<ChainRecord>(records, kinds.chain);
  const groupIds = listed.chain.portPairGroupIds;
  const rendering = await openRepathsOf(records, groupIds);
  const drains = await openDrains(records);
  const hops = await Promise.all(
    groupIds.map(async (groupId, index): Promise<DescribedHop> => {
      const inHop = ({ work }: { readonly work: { readonly groupId: string } }) =>
        work.groupId === groupId;
      const stateOf = (id: string): DescribedMember['state'] => {
        if (rendering.some(({ value }) => value.serverId === id && value.hops.some(inHop)))
          return 'rendering';
        return drains.some(({ value }) => value.serverId === id && hopsOut(value).some(inHop))
          ? 'drained'
          : 'in';
      };
      const users = usersOf(world, groupId, described);
      return {
        groupId,
        onGap: strictestOnGap(users),
        stateless: isStateless(users),
        members: await Promise.all(
          (listed.hops[index] ?? []).map(async (id) => ({
            ...(await whoIs(context, id)),
            state: stateOf(id),
          })),
        ),
      };
    }),
  );
  return { listed, hops };
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
