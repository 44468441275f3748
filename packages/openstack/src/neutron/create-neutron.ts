import type { JsonNode } from '../http/json-node.ts';
import { pathOf } from '../http/service-client.ts';
import type { Neutron } from '../types/clients.ts';
import type { Network, NetworkAgent, Port, PortBinding, PortUpdate } from '../types/network.ts';
import type { WirePortWrite } from '../wire/network.ts';
import type { NeutronClient } from './neutron-client.ts';

/** A cloud's ports in one answer would be tens of megabytes; Neutron pages only when it is asked to. */
const PORTS_PER_PAGE = 2_000;

function readNetwork(node: JsonNode): Network {
  return {
    id: node.string('id'),
    name: node.string('name'),
    status: node.string('status'),
    networkType: node.nullableString('provider:network_type'),
    mtu: node.nullableNumber('mtu'),
    subnetIds: node.strings('subnets'),
  };
}

function readAgent(node: JsonNode): NetworkAgent {
  return {
    id: node.string('id'),
    type: node.string('agent_type'),
    binary: node.string('binary'),
    host: node.string('host'),
    alive: node.boolean('alive'),
    adminStateUp: node.boolean('admin_state_up'),
  };
}

function readPort(node: JsonNode): Port {
  return {
    id: node.string('id'),
    name: node.string('name'),
    networkId: node.string('network_id'),
    projectId: node.string('project_id'),
    deviceId: node.string('device_id'),
    deviceOwner: node.string('device_owner'),
    hostId: node.nullableString('binding:host_id') ?? '',
    status: node.string('status'),
    adminStateUp: node.boolean('admin_state_up'),
    vifType: node.nullableString('binding:vif_type') ?? '',
    vnicType: node.string('binding:vnic_type'),
    macAddress: node.string('mac_address'),
    fixedIps: node.list('fixed_ips').map((each) => ({
      subnetId: each.string('subnet_id'),
      ipAddress: each.string('ip_address'),
    })),
    profile: node.record('binding:profile'),
  };
}

function readBinding(node: JsonNode): PortBinding {
  const status = node.string('status');
  return {
    host: node.string('host'),
    status:
      status === 'ACTIVE' || status === 'INACTIVE'
        ? status
        : node.fail('status', 'ACTIVE or INACTIVE'),
    vifType: node.string('vif_type'),
    vnicType: node.string('vnic_type'),
    profile: node.record('profile'),
  };
}

function portBody(spec: PortUpdate & { readonly networkId?: string }): WirePortWrite {
  return {
    port: {
      ...(spec.networkId === undefined ? {} : { network_id: spec.networkId }),
      ...(spec.name === undefined ? {} : { name: spec.name }),
      ...(spec.deviceId === undefined ? {} : { device_id: spec.deviceId }),
      ...(spec.deviceOwner === undefined ? {} : { device_owner: spec.deviceOwner }),
      ...(spec.hostId === undefined ? {} : { 'binding:host_id': spec.hostId }),
      ...(spec.portSecurityEnabled === undefined
        ? {}
        : { port_security_enabled: spec.portSecurityEnabled }),
      ...(spec.adminStateUp === undefined ? {} : { admin_state_up: spec.adminStateUp }),
      ...(spec.fixedIps === undefined
        ? {}
        : {
            fixed_ips: spec.fixedIps.map((each) => ({
              ...(each.subnetId === undefined ? {} : { subnet_id: each.subnetId }),
              ...(each.ipAddress === undefined ? {} : { ip_address: each.ipAddress }),
            })),
          }),
    },
  };
}

/** Makes the Neutron client. */
export function createNeutron(client: NeutronClient): Neutron {
  const networks = client.collection(
    { path: '/networks', one: 'network', many: 'networks' },
    readNetwork,
  );
  const agents = client.collection({ path: '/agents', one: 'agent', many: 'agents' }, readAgent);
  const ports = client.collection<Port, WirePortWrite>(
    { path: '/ports', one: 'port', many: 'ports' },
    readPort,
  );

  return {
    listExtensions: async (call) =>
      (await client.get('/extensions', {}, call))
        .list('extensions')
        .map((each) => each.string('alias')),
    listNetworks: (filter = {}, call) => networks.list({ name: filter.name }, call),
    listAgents: (filter = {}, call) => agents.list({ host: filter.host }, call),
    listPorts: (filter = {}, call) =>
      ports.list(
        {
          id: filter.ids,
          device_id: filter.deviceId,
          network_id: filter.networkId,
          'binding:host_id': filter.hostId,
          name: filter.name,
          status: filter.status,
          limit: PORTS_PER_PAGE,
        },
        call,
      ),
    showPort: ports.show,
    createPort: (spec, call) => ports.create(portBody(spec), call),
    updatePort: (id, update, call) => ports.update(id, portBody(update), call),
    deletePort: ports.remove,
    listPortBindings: async (id, call) =>
      (await client.get(pathOf`/ports/${id}/bindings`, {}, call)).list('bindings').map(readBinding),
  };
}
