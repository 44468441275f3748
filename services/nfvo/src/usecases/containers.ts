import { type Container, OpenStackError } from '@sidestep/openstack';
import { ProblemError } from '@sidestep/service-kit';
import { type ContainerLimit, refusalOf } from '../domain/container-limits.ts';
import { absentWhenNotFound } from './absent.ts';
import type { Context } from './context.ts';
import { listChains } from './list-chains.ts';
import type { ReadSfcExtension } from './sfc-extension.ts';

export type ListedContainer = {
  readonly container: Container;
  readonly chainIds: readonly string[];
};

/** Zun's containers with the chains that they are members of. Throws NOT_AVAILABLE_HERE where the cloud has no Zun. */
export async function listContainers(
  context: Context,
  readSfc: ReadSfcExtension,
): Promise<ListedContainer[]> {
  const containers = await context.cloud.zun.listContainers().catch((error: unknown) => {
    if (error instanceof OpenStackError && error.kind === 'not-found')
      throw new ProblemError('NOT_AVAILABLE_HERE', `No containers here: ${error.message}`);
    throw error;
  });
  const chains = (await readSfc()).available ? await listChains(context) : [];
  return containers.map((container) => ({
    container,
    chainIds: chains
      .filter(({ hops }) => hops.flat().includes(container.id))
      .map(({ chain }) => chain.id),
  }));
}

/** The container of an id; undefined where there is none, or no Zun. */
export function containerOf(
  { cloud }: Pick<Context, 'cloud'>,
  id: string,
): Promise<Container | undefined> {
  return cloud.zun.showContainer(id).catch(absentWhenNotFound);
}

/** Throws UNPROCESSABLE with the reason where the id is a container's. */
export async function refuseContainer(
  context: Pick<Context, 'cloud'>,
  id: string,
  what: ContainerLimit['what'],
): Promise<void> {
  if ((await containerOf(context, id)) !== undefined)
    throw new ProblemError('UNPROCESSABLE', refusalOf(id, what));
}
