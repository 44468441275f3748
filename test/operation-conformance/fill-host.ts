import type { Hands } from './moves.ts';
import type { OperationSite } from './site.ts';

/** A server that leaves its host no room for the victim. */
export type Filler = { remove(): Promise<void> };

/** Starts a server on a host whose memory is all that is left there, but half of what the victim needs. */
export async function fill(
  { imageName, openstack, victim }: OperationSite,
  { until }: Hands,
  host: string,
): Promise<Filler> {
  const { glance, nova, placement } = openstack;
  const [provider] = await placement.listResourceProviders({ name: host });
  const [image] = await glance.listImages({ name: imageName });
  if (provider === undefined || image === undefined)
    throw new Error(`no provider ${host}, or no image`);
  const memory = (await placement.inventories(provider.id)).byClass.MEMORY_MB;
  if (memory === undefined) throw new Error(`${host} has no memory in Placement`);
  const used = (await placement.usages(provider.id)).byClass.MEMORY_MB ?? 0;
  const { ramMiB } = (await nova.showServer(victim.id)).flavor;
  const roomMiB = Math.floor((memory.total - memory.reserved) * memory.allocationRatio) - used;
  const flavor = await nova.createFlavor({
    name: 'operation-conformance-filler',
    vcpus: 1,
    ramMiB: roomMiB - Math.ceil(ramMiB / 2),
    diskGiB: 1,
  });
  const { id } = await nova.createServer({
    name: 'operation-conformance-filler',
    flavorId: flavor.id,
    imageId: image.id,
    networks: 'none',
    host,
  });
  await until(`${host} is full`, async () => {
    const { status } = await nova.showServer(id);
    if (status === 'ERROR') throw new Error(`the server that fills ${host} is in ERROR`);
    return status === 'ACTIVE' || undefined;
  });
  return {
    remove: async () => {
      await nova.deleteServer(id);
      await nova.deleteFlavor(flavor.id);
      await until('the server that filled a host is gone', async () =>
        (await nova.listServers()).some((server) => server.id === id) ? undefined : true,
      );
    },
  };
}
