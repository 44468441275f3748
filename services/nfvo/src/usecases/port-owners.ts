import type { Context } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';

/** The server behind each port: what was recorded when its chain was made, else what Neutron says. */
export async function portOwners(
  { cloud, records }: Pick<Context, 'cloud' | 'records'>,
  portIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const owners = new Map<string, string>();
  for (const { value } of await allOf<ChainRecord>(records, kinds.chain)) {
    for (const { serverId, ingressPortId, egressPortId } of value.members.flat()) {
      owners.set(ingressPortId, serverId);
      owners.set(egressPortId, serverId);
    }
  }
  if (portIds.every((id) => owners.has(id))) return owners;
  for (const { id, deviceId } of await cloud.neutron.listPorts()) {
    if (deviceId !== '' && !owners.has(id)) owners.set(id, deviceId);
  }
  return owners;
}
