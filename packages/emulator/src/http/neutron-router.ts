import type { WireAgent, WireNetwork, WirePort } from '@sidestep/openstack/wire';
import { bindPort, createPort, deletePort, setDevice, touchPort } from '../cloud/port-bindings.ts';
import { activeBinding, agentAlive, type PortState, type World } from '../cloud/world.ts';
import type { SfcPlugin } from '../sfc/sfc-plugin.ts';
import { ApiError } from './api-error.ts';
import { type ApiRequest, bodyOf, isoSeconds, pageOf, param, Router, textOf } from './router.ts';
import { addSfcRoutes } from './sfc-routes.ts';

const vifDetails = {
  connectivity: 'l2',
  port_filter: true,
  ovs_hybrid_plug: false,
  datapath_type: 'system',
  bridge_name: 'br-int',
  bound_drivers: { '0': 'openvswitch' },
};

/** A port as Neutron shows it to an administrator. */
export function portView(world: World, port: PortState): WirePort & Record<string, unknown> {
  const binding = activeBinding(port);
  const bound = binding?.vifType === 'ovs';
  return {
    id: port.id,
    name: port.name,
    network_id: port.networkId,
    tenant_id: world.ids.projectId,
    mac_address: port.mac,
    admin_state_up: port.adminStateUp,
    status: bound && port.deviceId !== '' ? 'ACTIVE' : 'DOWN',
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    fixed_ips: [{ subnet_id: world.ids.subnetId, ip_address: port.ip }],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    security_groups: [],
    description: '',
    'binding:vnic_type': port.vnicType,
    'binding:profile': {},
    'binding:host_id': binding?.host ?? '',
    'binding:vif_type': binding?.vifType ?? 'unbound',
    'binding:vif_details': bound ? vifDetails : {},
    port_security_enabled: port.portSecurity,
    qos_policy_id: null,
    qos_network_policy_id: null,
    resource_request: null,
    tags: [],
    created_at: isoSeconds(port.createdMs),
    updated_at: isoSeconds(port.updatedMs),
    revision_number: port.revision,
    project_id: world.ids.projectId,
  };
}

const filterable = [
  'id',
  'name',
  'status',
  'network_id',
  'device_owner',
  'binding:host_id',
  'mac_address',
  'project_id',
] as const;

/** All ports by id, sorted once for all pages of a list: a port that came or went shows in their number or in the newest. */
function sortedPorts(): (world: World) => readonly PortState[] {
  let sorted: readonly PortState[] = [];
  let newest: string | undefined;
  return (world) => {
    const last = [...world.ports.keys()].at(-1);
    if (sorted.length !== world.ports.size || newest !== last) {
      sorted = [...world.ports.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      newest = last;
    }
    return sorted;
  };
}

function listedPorts(
  world: World,
  query: URLSearchParams,
  all: (world: World) => readonly PortState[],
): readonly PortState[] {
  const devices = query.getAll('device_id');
  const asked = query.getAll('id');
  const ids =
    devices.length > 0
      ? devices.flatMap((device) => [...(world.portsOf.get(device) ?? [])])
      : asked.length > 0
        ? [...new Set(asked)]
        : undefined;
  const candidates =
    ids === undefined
      ? all(world)
      : ids.flatMap((id) => world.ports.get(id) ?? []).sort((a, b) => (a.id < b.id ? -1 : 1));
  const filters = filterable.flatMap((field) => {
    const values = query.getAll(field);
    return values.length > 0 ? [{ field, values }] : [];
  });
  if (filters.length === 0) return candidates;
  return candidates.filter((port) => {
    const view = portView(world, port);
    return filters.every(({ field, values }) => values.includes(String(view[field])));
  });
}

const baseExtensions = [
  'binding',
  'binding-extended',
  'agent',
  'port-security',
  'provider',
  'quotas',
  'standard-attr-revisions',
  'standard-attr-timestamp',
];
const sfcExtensions = ['sfc', 'flow_classifier'];

/** Neutron v2.0, with networking-sfc unless the cloud has none. */
export function neutronRouter(world: World, sfc: SfcPlugin): Router {
  const hasSfc = world.spec.networkingSfc !== false;
  const allPorts = sortedPorts();
  const aliases = [...baseExtensions, ...(hasSfc ? sfcExtensions : [])];
  const extensions = aliases.map((alias) => ({
    alias,
    name: alias,
    description: '',
    updated: '2015-10-05T10:00:00-00:00',
    links: [],
  }));
  const network: WireNetwork = {
    id: world.ids.networkId,
    name: 'svc-net',
    status: 'ACTIVE',
    subnets: [world.ids.subnetId],
    mtu: 1450,
    'provider:network_type': 'vxlan',
    'provider:segmentation_id': world.ids.segmentId,
    admin_state_up: true,
    project_id: world.ids.projectId,
  };
  const portOf = (request: ApiRequest): PortState => {
    const id = param(request, 'port');
    const port = world.ports.get(id);
    if (port === undefined)
      throw new ApiError(404, `Port ${id} could not be found.`, 'PortNotFound');
    return port;
  };
  const shown = (port: PortState, status = 200): { status: number; body: unknown } => ({
    status,
    body: { port: portView(world, port) },
  });
  const write = (port: PortState, body: Record<string, unknown>): void => {
    port.name = textOf(body.name) ?? port.name;
    if (typeof body.admin_state_up === 'boolean') port.adminStateUp = body.admin_state_up;
    if (typeof body.port_security_enabled === 'boolean')
      port.portSecurity = body.port_security_enabled;
    const device = textOf(body.device_id);
    const owner = textOf(body.device_owner) ?? port.deviceOwner;
    if (device !== undefined) setDevice(world, port, device, owner);
    else port.deviceOwner = owner;
    const host = textOf(body['binding:host_id']);
    if (host !== undefined) bindPort(world, port, host);
    else touchPort(world, port);
  };

  const router = new Router()
    .on('GET', '/', () => ({
      status: 200,
      body: { versions: [{ id: 'v2.0', status: 'CURRENT' }] },
    }))
    .on('GET', '/v2.0/extensions', () => ({ status: 200, body: { extensions } }))
    .on('GET', '/v2.0/extensions/:alias', (request) => {
      const alias = param(request, 'alias');
      const extension = extensions.find((known) => known.alias === alias);
      if (extension === undefined)
        throw new ApiError(404, `Extension with alias ${alias} does not exist`, 'HTTPNotFound');
      return { status: 200, body: { extension } };
    })
    .on('GET', '/v2.0/networks', ({ query }) => {
      const name = query.get('name');
      return {
        status: 200,
        body: { networks: name === null || name === network.name ? [network] : [] },
      };
    })
    .on('GET', '/v2.0/networks/:network', (request) => {
      if (param(request, 'network') !== network.id)
        throw new ApiError(
          404,
          `Network ${param(request, 'network')} could not be found.`,
          'NetworkNotFound',
        );
      return { status: 200, body: { network } };
    })
    .on('GET', '/v2.0/agents', ({ query }) => {
      const wanted = query.get('host');
      const agents: WireAgent[] = [...world.hosts.values()]
        .filter(({ name }) => wanted === null || wanted === name)
        .map((host) => ({
          id: host.agentId,
          agent_type: 'Open vSwitch agent',
          binary: 'neutron-openvswitch-agent',
          host: host.name,
          alive: agentAlive(world, host),
          admin_state_up: true,
        }));
      return { status: 200, body: { agents } };
    })
    .on('GET', '/v2.0/ports', (request) => {
      const { nextHref, page } = pageOf(
        request,
        listedPorts(world, request.query, allPorts),
        // Neutron pages only when asked to.
        Number.MAX_SAFE_INTEGER,
      );
      const fields = request.query.getAll('fields');
      const ports = page.map((port) => {
        const view = portView(world, port);
        if (fields.length === 0) return view;
        return Object.fromEntries(fields.map((field) => [field, view[field]]));
      });
      const links =
        nextHref === undefined ? {} : { ports_links: [{ rel: 'next', href: nextHref }] };
      return { status: 200, body: { ports, ...links } };
    })
    .on('POST', '/v2.0/ports', (request) => {
      const body = bodyOf(request, 'port');
      const networkId = textOf(body.network_id);
      if (networkId !== network.id)
        throw new ApiError(
          404,
          `Network ${networkId ?? ''} could not be found.`,
          'NetworkNotFound',
        );
      const port = createPort(world, { name: textOf(body.name) ?? '' });
      write(port, body);
      return shown(port, 201);
    })
    .on('GET', '/v2.0/ports/:port', (request) => shown(portOf(request)))
    .on('PUT', '/v2.0/ports/:port', (request) => {
      const port = portOf(request);
      write(port, bodyOf(request, 'port'));
      return shown(port);
    })
    .on('DELETE', '/v2.0/ports/:port', (request) => {
      const port = portOf(request);
      // The foreign keys of sfc_port_pairs and sfc_flow_classifiers (RESTRICT) are nowhere caught.
      if (sfc.usesPort(port.id))
        throw new ApiError(
          500,
          'Request Failed: internal server error while processing your request.',
          'HTTPInternalServerError',
        );
      deletePort(world, port);
      return { status: 204 };
    })
    .on('GET', '/v2.0/ports/:port/bindings', (request) => ({
      status: 200,
      body: {
        bindings: portOf(request).bindings.map((binding) => ({
          host: binding.host,
          status: binding.status,
          vif_type: binding.vifType,
          vif_details: binding.vifType === 'ovs' ? vifDetails : {},
          vnic_type: 'normal',
          profile: {},
        })),
      },
    }));
  if (hasSfc) addSfcRoutes(router, world, sfc);
  return router;
}
