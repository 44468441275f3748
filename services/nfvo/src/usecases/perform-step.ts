import { OpenStackError } from '@sidestep/openstack';
import { holderDeviceId } from '../domain/names.ts';
import type { Made, Step } from '../domain/sfc-world.ts';
import type { Cloud } from '../ports/cloud.ts';

/** Makes one call; its answer is what the world looks like from then on. What is gone already counts as deleted. */
export async function performStep(cloud: Cloud, step: Step): Promise<Made> {
  const { sfc, neutron } = cloud;
  switch (step.do) {
    case 'create-pair':
      return {
        kind: 'pair',
        pair: await sfc.createPortPair({ name: step.name, ...step.member }),
      };
    case 'create-group':
      return {
        kind: 'group',
        group: await sfc.createPortPairGroup({ name: step.name, portPairIds: step.pairIds }),
      };
    case 'set-group':
      return {
        kind: 'group',
        group: await sfc.updatePortPairGroup(step.id, { portPairIds: step.pairIds }),
      };
    case 'create-chain':
      return {
        kind: 'chain',
        chain: {
          ...(await sfc.createPortChain({
            name: step.name,
            portPairGroupIds: step.groupIds,
            flowClassifierIds: step.classifierIds,
            parameters: { symmetric: step.symmetric },
          })),
          portPairGroupIds: step.groupIds,
        },
      };
    case 'set-chain': {
      const answered = await sfc.updatePortChain(step.id, {
        portPairGroupIds: step.groupIds,
        flowClassifierIds: step.classifierIds,
      });
      // The answer's groups are in the order of before; only a later GET has them right.
      return { kind: 'chain', chain: { ...answered, portPairGroupIds: step.groupIds } };
    }
    case 'create-port':
      return { kind: 'port', port: await createHolder(neutron, step) };
    case 'delete-pair':
      return gone(sfc.deletePortPair(step.id));
    case 'delete-group':
      return gone(sfc.deletePortPairGroup(step.id));
    case 'delete-chain':
      return gone(sfc.deletePortChain(step.id));
    case 'delete-port':
      return gone(neutron.deletePort(step.id));
  }
}

/** A subnet without a free address is no reason to leave a hop open: the holder then does without. */
async function createHolder(
  neutron: Cloud['neutron'],
  step: Extract<Step, { do: 'create-port' }>,
): Promise<{ id: string; name: string }> {
  const { name, networkId, hostId, subnetId } = step;
  const port = { name, networkId, hostId, deviceId: holderDeviceId };
  if (subnetId === null) return neutron.createPort({ ...port, fixedIps: [] });
  try {
    return await neutron.createPort({ ...port, fixedIps: [{ subnetId }] });
  } catch (error) {
    if (!(error instanceof OpenStackError) || error.fault !== 'IpAddressGenerationFailure')
      throw error;
    return neutron.createPort({ ...port, fixedIps: [] });
  }
}

async function gone(deletion: Promise<void>): Promise<Made> {
  try {
    await deletion;
  } catch (error) {
    if (!(error instanceof OpenStackError) || error.kind !== 'not-found') throw error;
  }
  return { kind: 'nothing' };
}
