import type { Port, PortChain, PortPairGroup } from '@sidestep/openstack';
import { holderDeviceId } from '../domain/names.ts';
import type { SfcWorld } from '../domain/sfc-world.ts';
import type { Cloud } from '../ports/cloud.ts';
import { noteGroups } from './groups-seen.ts';
import { sharing } from './sharing.ts';

/**
 * All that networking-sfc holds now; what one chain or server needs is read by parts. Of a large cloud that is much to
 * read, so whoever asks while it is being read shares the next reading.
 */
export const readWorld = sharing(readOnce);

/** All chains, for who has to know every one that uses a hop; whoever asks while they are being read shares the next reading. */
export const readAllChains = sharing(({ sfc }): Promise<PortChain[]> => sfc.listPortChains());

/** All groups; the same. */
export const readAllGroups = sharing(async ({ sfc }): Promise<PortPairGroup[]> => {
  const groups = await sfc.listPortPairGroups();
  noteGroups(sfc, groups);
  return groups;
});

/** Chains first: what they use is then surely in the lists that follow. */
async function readOnce({ sfc }: Cloud): Promise<SfcWorld> {
  const chains = await sfc.listPortChains();
  const groups = await sfc.listPortPairGroups();
  noteGroups(sfc, groups);
  const pairs = await sfc.listPortPairs();
  return { chains, groups, pairs };
}

/** The ports that stand in for members, ours by their device id. */
export function readHolderPorts({ neutron }: Cloud, name?: string): Promise<Port[]> {
  return neutron.listPorts({ deviceId: holderDeviceId, ...(name === undefined ? {} : { name }) });
}
