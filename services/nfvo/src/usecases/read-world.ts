import type { Port } from '@sidestep/openstack';
import { holderDeviceId } from '../domain/names.ts';
import type { SfcWorld } from '../domain/sfc-world.ts';
import type { Cloud } from '../ports/cloud.ts';
import { noteGroups } from './groups-seen.ts';

type Reading = { readonly running: Promise<SfcWorld>; next: Promise<SfcWorld> | undefined };
const readings = new WeakMap<Cloud['sfc'], Reading>();

/**
 * All that networking-sfc holds now; what one chain or server needs is read by parts. Of a large cloud that is much to read, so whoever asks while it is being read shares the
 * next reading: one that began after the question, as the one under way may have looked too early.
 */
export function readWorld(cloud: Cloud): Promise<SfcWorld> {
  const reading = readings.get(cloud.sfc);
  if (reading === undefined) return begin(cloud);
  reading.next ??= reading.running.catch(() => undefined).then(() => begin(cloud));
  return reading.next;
}

function begin(cloud: Cloud): Promise<SfcWorld> {
  const running = readOnce(cloud).finally(() => {
    // Who waits for the next reading begins it; else the next one who asks does.
    if (readings.get(cloud.sfc)?.next === undefined) readings.delete(cloud.sfc);
  });
  readings.set(cloud.sfc, { running, next: undefined });
  return running;
}

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
