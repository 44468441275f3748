import type { JsonNode } from '../http/json-node.ts';
import type { ComputeService, Hypervisor, ServiceState, ServiceStatus } from '../types/compute.ts';

function stateOf(node: JsonNode): ServiceState {
  const state = node.string('state');
  return state === 'up' || state === 'down' ? state : node.fail('state', 'up or down');
}

function statusOf(node: JsonNode): ServiceStatus {
  const status = node.string('status');
  return status === 'enabled' || status === 'disabled'
    ? status
    : node.fail('status', 'enabled or disabled');
}

/** Reads one hypervisor of `os-hypervisors/detail`. */
export function readHypervisor(withServers: boolean): (node: JsonNode) => Hypervisor {
  return (node) => {
    const service = node.object('service');
    return {
      id: node.string('id'),
      host: service.string('host'),
      hypervisorHostname: node.string('hypervisor_hostname'),
      state: stateOf(node),
      status: statusOf(node),
      type: node.string('hypervisor_type'),
      hostIp: node.nullableString('host_ip'),
      serviceId: service.string('id'),
      disabledReason: service.nullableString('disabled_reason'),
      // Nova leaves the member out for a host without servers.
      servers: withServers
        ? node
            .optionalList('servers')
            .map((server) => ({ id: server.string('uuid'), name: server.string('name') }))
        : null,
    };
  };
}

/** Reads one row of `os-services`. */
export function readComputeService(node: JsonNode): ComputeService {
  return {
    id: node.string('id'),
    binary: node.string('binary'),
    host: node.string('host'),
    zone: node.string('zone'),
    state: stateOf(node),
    status: statusOf(node),
    disabledReason: node.nullableString('disabled_reason'),
    forcedDown: node.boolean('forced_down'),
    updatedAt: node.nullableTime('updated_at'),
  };
}
