import type { Port } from '@sidestep/openstack';
import { holderDeviceId } from '../domain/names.ts';
import type { SfcWorld } from '../domain/sfc-world.ts';
import type { Cloud } from '../ports/cloud.ts';

/** What networking-sfc holds now. Chains first: what they use is then surely in the lists that follow. */
export async function readWorld({ sfc }: Cloud): Promise<SfcWorld> {
  const chains = await sfc.listPortChains();
  const groups = await sfc.listPortPairGroups();
  const pairs = await sfc.listPortPairs();
  return { chains, groups, pairs };
}

/** The ports that stand in for members, ours by their device id. */
export function readHolderPorts({ neutron }: Cloud, name?: string): Promise<Port[]> {
  return neutron.listPorts({ deviceId: holderDeviceId, ...(name === undefined ? {} : { name }) });
}
