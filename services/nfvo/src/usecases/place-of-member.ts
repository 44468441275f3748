import { ProblemError } from '@sidestep/service-kit';
import type { HolderPlace, HopWork } from '../domain/hop-plan.ts';
import { absentWhenNotFound } from './absent.ts';
import type { Context } from './context.ts';

/**
 * Where the member of a hop is now. Throws where its pair could not be made again: CONFLICT when a port is gone for
 * good, REPATH_FAILED when it may come back. Asked before the member is taken out, so the hop is left as it is.
 */
export async function placeOfMember(
  { cloud }: Pick<Context, 'cloud'>,
  serverId: string,
  work: HopWork,
): Promise<HolderPlace> {
  const server = await cloud.nova.showServer(serverId).catch(absentWhenNotFound);
  if (server?.taskState === 'migrating')
    throw new ProblemError('REPATH_FAILED', `Server ${serverId} is being migrated`);
  const ports = await cloud.neutron.listPorts({ deviceId: serverId });
  const places = work.renewals
    .flatMap(({ member }) => [member.ingressPortId, member.egressPortId])
    .map((portId) => {
      const port = ports.find(({ id }) => id === portId);
      if (port === undefined)
        throw new ProblemError(
          'CONFLICT',
          `Port ${portId} of server ${serverId} is gone, so its port pair cannot be made again; take the server out of the chain`,
        );
      if (port.hostId === '')
        throw new ProblemError(
          'REPATH_FAILED',
          `Port ${portId} of server ${serverId} is on no host`,
        );
      return port;
    });
  const hosts = new Set(places.map(({ hostId }) => hostId));
  if (hosts.size > 1)
    throw new ProblemError(
      'REPATH_FAILED',
      `The ports of server ${serverId} are on several hosts: ${[...hosts].join(', ')}`,
    );
  const [ingress] = places;
  if (ingress === undefined)
    throw new ProblemError('CONFLICT', `Server ${serverId} has no pair in the hop`);
  return {
    hostId: ingress.hostId,
    networkId: ingress.networkId,
    subnetId: ingress.fixedIps[0]?.subnetId ?? null,
  };
}
