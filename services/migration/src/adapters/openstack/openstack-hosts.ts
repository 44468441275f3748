import { type ComputeService, type OpenStack, OpenStackError } from '@sidestep/openstack';
import { Conflict, NotFound } from '@sidestep/service-kit';
import type { Hosts } from '../../ports/hosts.ts';
import { isVolumeBacked } from './openstack-compute.ts';
import { translated } from './translated.ts';

/** The cloud's compute services through Nova. */
export function openstackHosts({ nova }: Pick<OpenStack, 'nova'>): Hosts {
  const serviceOf = async (hostId: string): Promise<ComputeService> => {
    const filter = { host: hostId, binary: 'nova-compute' };
    const [service] = await translated(nova.listComputeServices(filter));
    if (service === undefined) throw new NotFound('host', hostId);
    return service;
  };
  const changed = async (call: Promise<unknown>): Promise<void> => {
    try {
      await call;
    } catch (error) {
      const refused =
        error instanceof OpenStackError && ['bad-request', 'conflict'].includes(error.kind);
      if (refused) throw new Conflict(`Nova: ${error.detail}`);
      await translated(Promise.reject(error));
    }
  };
  return {
    readService: async (hostId) => {
      const { state, status, disabledReason, forcedDown, updatedAt } = await serviceOf(hostId);
      const reportedAtMs = updatedAt === null ? null : Date.parse(updatedAt);
      return { state, status, disabledReason, forcedDown, reportedAtMs };
    },
    listServers: async (hostId) =>
      (await translated(nova.listServers({ host: hostId }))).map((server) => ({
        id: server.id,
        name: server.name,
        status: server.status,
        taskState: server.taskState,
        volumeBacked: isVolumeBacked(server),
      })),
    setEnabled: async (hostId, enabled, reason) => {
      const { id } = await serviceOf(hostId);
      await changed(
        enabled ? nova.enableComputeService(id) : nova.disableComputeService(id, reason),
      );
    },
    setForcedDown: async (hostId, forcedDown) => {
      const { id } = await serviceOf(hostId);
      await changed(nova.setForcedDown(id, forcedDown));
    },
  };
}
