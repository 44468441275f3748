import type { Port } from '@sidestep/openstack';
import type { Context } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';

/** Ports of one question: their ids stand in its address, which servers bound. */
const idsAQuestion = 50;
/** Of more ports than this, one list of all costs less than questions for some. */
const mostById = 500;

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
  const unknown = [...new Set(portIds)].filter((id) => !owners.has(id));
  for (const { id, deviceId } of await portsOf(cloud, unknown)) {
    if (deviceId !== '' && !owners.has(id)) owners.set(id, deviceId);
  }
  return owners;
}

async function portsOf({ neutron }: Context['cloud'], ids: readonly string[]): Promise<Port[]> {
  if (ids.length > mostById) return neutron.listPorts();
  const questions = Array.from({ length: Math.ceil(ids.length / idsAQuestion) }, (_, at) =>
    ids.slice(at * idsAQuestion, (at + 1) * idsAQuestion),
  );
  return (await Promise.all(questions.map((part) => neutron.listPorts({ ids: part })))).flat();
}
