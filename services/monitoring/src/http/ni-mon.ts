import type { monitoring } from '@sidestep/contracts';
import { type Handlers, NotFound, ProblemError } from '@sidestep/service-kit';
import type { Flavor, Host, Link, Server } from '../domain/fleet.ts';
import {
  lastMeasurementOf,
  type Measurement,
  type MeasurementSources,
  measurementsOf,
  measurementTypesOf,
} from '../usecases/measurements.ts';
import { timestamp } from './times.ts';

type Operation =
  | 'getTopology'
  | 'listNodes'
  | 'getNode'
  | 'listLinks'
  | 'getLink'
  | 'getLinkBetweenNodes'
  | 'listVnfFlavors'
  | 'getVnfFlavor'
  | 'listVnfInstances'
  | 'getVnfInstance'
  | 'listMeasurementTypes'
  | 'listMeasurements'
  | 'getLastMeasurement';

type Schemas = monitoring.components['schemas'];

/** The NI-Mon interface: its paths, parameters and field names, answered from inventory and series. */
export function niMonHandlers(
  sources: MeasurementSources,
  links: () => readonly Link[],
): Pick<Handlers<monitoring.operations>, Operation> {
  const { inventory } = sources;
  return {
    getTopology: () => ({
      status: 200,
      body: { nodes: inventory().hosts.map(({ id }) => id), links: links().map(({ id }) => id) },
    }),
    listNodes: () => ({ status: 200, body: inventory().hosts.map(nodeBody) }),
    getNode: ({ params }) => ({
      status: 200,
      body: nodeBody(one('node', params.id, inventory().hosts)),
    }),
    listLinks: () => ({ status: 200, body: links().map(linkBody) }),
    getLink: ({ params }) => ({ status: 200, body: linkBody(one('link', params.id, links())) }),
    getLinkBetweenNodes: ({ query }) => {
      const ends = [query.node1_id, query.node2_id].sort().join(' ');
      const link = links().find(
        (known) => [known.node1Id, known.node2Id].sort().join(' ') === ends,
      );
      if (link === undefined) {
        throw new NotFound('link between', `${query.node1_id} and ${query.node2_id}`);
      }
      return { status: 200, body: linkBody(link) };
    },
    listVnfFlavors: () => ({ status: 200, body: inventory().flavors.map(flavorBody) }),
    getVnfFlavor: ({ params }) => ({
      status: 200,
      body: flavorBody(one('VNF flavor', params.id, inventory().flavors)),
    }),
    listVnfInstances: () => ({ status: 200, body: inventory().servers.map(instanceBody) }),
    getVnfInstance: ({ params }) => ({
      status: 200,
      body: instanceBody(one('VNF instance', params.id, inventory().servers)),
    }),
    listMeasurementTypes: ({ params }) => ({
      status: 200,
      body: measurementTypesOf(sources, params.id),
    }),
    listMeasurements: async ({ params, query }) => {
      const fromMs = Date.parse(query.start_time);
      const toMs = Date.parse(query.end_time);
      if (toMs < fromMs) {
        const detail = 'end_time must not lie before start_time';
        throw new ProblemError('INVALID_REQUEST', detail, {
          errors: [{ pointer: 'query/end_time', detail }],
        });
      }
      const found = await measurementsOf(sources, params.id, params.measurement_type, fromMs, toMs);
      return { status: 200, body: found.map(entryBody) };
    },
    getLastMeasurement: ({ params }) => ({
      status: 200,
      body: entryBody(lastMeasurementOf(sources, params.id, params.measurement_type)),
    }),
  };
}

function one<T extends { readonly id: string }>(kind: string, id: string, all: readonly T[]): T {
  const found = all.find((item) => item.id === id);
  if (found === undefined) throw new NotFound(kind, id);
  return found;
}

const nodeBody = (host: Host): Schemas['Node'] => ({
  id: host.id,
  name: host.id,
  type: 'compute',
  status: host.state === 'up' && host.status === 'disabled' ? 'disabled' : host.state,
  ip: host.ip,
  n_cores: host.vcpus,
  n_cores_free: Math.max(0, host.vcpus - host.vcpusUsed),
  // OpenStack tells neither clock.
  core_freq_mhz: null,
  ram_mb: host.ramMiB,
  ram_free_mb: Math.max(0, host.ramMiB - host.ramUsedMiB),
  ram_freq_mhz: null,
});

const linkBody = (link: Link): Schemas['Link'] => ({
  id: link.id,
  node1_id: link.node1Id,
  node2_id: link.node2Id,
  delay_us: link.delayUs,
  max_bw_mbps: link.maxBwMbps,
});

const flavorBody = (flavor: Flavor): Schemas['VNFFlavor'] => ({
  id: flavor.id,
  name: flavor.name,
  capacity_mbps: null,
  delay_us: null,
  n_cores: flavor.vcpus,
  ram_mb: flavor.ramMiB,
});

const instanceBody = (server: Server): Schemas['VNFInstance'] => ({
  id: server.id,
  name: server.name,
  is_container: false,
  status: server.status,
  flavor_id: server.flavorId,
  image_id: server.imageId,
  node_id: server.hostId,
  ports: server.ports.map((port) => ({
    port_id: port.id,
    port_name: port.name,
    network_id: port.networkId,
    ip_addresses: [...port.ipAddresses],
  })),
});

const entryBody = (measurement: Measurement): Schemas['MonitoringEntry'] => ({
  timestamp: timestamp(measurement.timeMs),
  component_type: measurement.componentType,
  component_id: measurement.componentId,
  measurement_type: measurement.type,
  measurement_value: measurement.value,
});
