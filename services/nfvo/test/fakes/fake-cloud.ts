import type { Container, Port, Server } from '@sidestep/openstack';
import { isHolderName } from '../../src/domain/names.ts';
import type { Cloud } from '../../src/ports/cloud.ts';
import { type FaultyCalls, faultyCalls, refusal } from './call-faults.ts';
import { type FakeSfc, fakeSfc } from './fake-sfc.ts';

export type FakeCloud = Omit<Cloud, 'sfc'> & {
  readonly sfc: FakeSfc;
  readonly calls: FaultyCalls;
  readonly ports: Map<string, Port>;
  readonly servers: Map<string, Server>;
  /** Adds a server with so many ports, bound to its host. */
  server(id: string, hostId: string, ports?: number): void;
  /** A live migration that is over: the ports are bound to the new host. */
  move(serverId: string, hostId: string): void;
  extensions: string[];
  /** Zun's containers by id; null while the cloud has no Zun. */
  containers: Map<string, Container> | null;
  /** Adds a container with one bound port. */
  container(id: string, hostId: string): void;
  /** True when everybody was told to send to where each member of the chain is, and to nobody else. */
  whole(chainId: string): boolean;
  /** Names of what bears our name and is used by nothing. */
  leftovers(): string[];
};

export function fakeCloud(): FakeCloud {
  const calls = faultyCalls();
  let next = 0;
  const newId = () => `id-${next++}`;
  const ports = new Map<string, Port>();
  const servers = new Map<string, Server>();
  const sfc = fakeSfc({
    calls,
    newId,
    place: (portId) => {
      const port = ports.get(portId);
      return port && { hostId: port.hostId, subnetId: port.fixedIps[0]?.subnetId ?? null };
    },
  });
  const serverOf = (id: string) => {
    const server = servers.get(id);
    if (server === undefined) throw refusal(404, 'itemNotFound', `Instance ${id} not found`);
    return server;
  };

  const cloud: FakeCloud = {
    sfc,
    calls,
    ports,
    servers,
    extensions: ['sfc', 'flow_classifier'],
    containers: null,
    container: (id, hostId) => {
      const made = { id, name: `name-of-${id}`, status: 'Running', statusReason: null };
      cloud.containers ??= new Map();
      cloud.containers.set(id, { ...made, host: hostId, image: 'nginx', portIds: [`${id}-p0`] });
      ports.set(`${id}-p0`, portLike(`${id}-p0`, { id, hostId, macAddress: `fa:${id}` }));
    },
    zun: {
      listContainers: async () => [...zunOf(cloud).values()],
      showContainer: async (id) => {
        const found = zunOf(cloud).get(id);
        if (found === undefined) throw refusal(404, 'NotFound', `Container ${id} not found`);
        return found;
      },
    },
    server: (id, hostId, count = 2) => {
      const macs = Array.from({ length: count }, (_, index) => `fa:16:3e:00:${id}:${index}`);
      servers.set(id, serverLike(id, hostId, macs));
      for (const [index, macAddress] of macs.entries())
        ports.set(`${id}-p${index}`, portLike(`${id}-p${index}`, { id, hostId, macAddress }));
    },
    move: (serverId, hostId) => {
      servers.set(serverId, { ...serverOf(serverId), host: hostId });
      for (const port of ports.values()) {
        if (port.deviceId === serverId) ports.set(port.id, { ...port, hostId });
      }
    },
    whole: (chainId) => {
      const chain = sfc.chains.get(chainId);
      const told = sfc.told(chainId);
      return (
        chain !== undefined &&
        told.length === chain.portPairGroupIds.length &&
        chain.portPairGroupIds.every((groupId, hop) => {
          const wanted = (sfc.groups.get(groupId)?.portPairIds ?? []).map((pairId) => {
            const port = ports.get(sfc.pairs.get(pairId)?.ingressPortId ?? '');
            return `${pairId}@${port?.hostId}`;
          });
          const got = told[hop]?.map(({ pairId, hostId }) => `${pairId}@${hostId}`) ?? [];
          return wanted.length > 0 && wanted.toSorted().join() === got.toSorted().join();
        })
      );
    },
    leftovers: () => {
      const used = new Set([...sfc.chains.values()].flatMap((chain) => chain.portPairGroupIds));
      const held = new Set([...sfc.groups.values()].flatMap((group) => group.portPairIds));
      return [
        ...[...sfc.groups.values()].filter(({ id }) => !used.has(id)),
        ...[...sfc.pairs.values()].filter(({ id, name }) => !held.has(id) || isHolderName(name)),
        ...[...ports.values()].filter(({ name }) => isHolderName(name)),
      ].map(({ name }) => name);
    },

    nova: {
      microversions: () =>
        calls.call('GET /', () => ({ min: '2.1', max: '2.90', negotiated: '2.90' })),
      listFlavors: () =>
        calls.call('GET /flavors', () => [
          { ...serverLike('', '', []).flavor, id: 'flavor-1', name: 'm1' },
        ]),
      showServer: (id) => calls.call('GET /servers/one', () => serverOf(id)),
      listServers: () => calls.call('GET /servers', () => [...servers.values()]),
      createServer: (spec) =>
        calls.call('POST /servers', () => {
          if (spec.host !== undefined && !/^host\d$/.test(spec.host))
            throw refusal(400, 'badRequest', `Compute host ${spec.host} could not be found.`);
          const id = newId();
          const hostId = spec.host ?? 'host1';
          cloud.server(id, hostId, typeof spec.networks === 'string' ? 0 : spec.networks.length);
          servers.set(id, { ...serverOf(id), name: spec.name, metadata: spec.metadata ?? {} });
          return { id, requestId: 'req-create' };
        }),
      deleteServer: (id) =>
        calls.call('DELETE /servers', () => {
          serverOf(id);
          servers.delete(id);
          for (const port of [...ports.values()]) if (port.deviceId === id) ports.delete(port.id);
        }),
      stopServer: (id) =>
        calls.call('POST /servers/stop', () => {
          const server = serverOf(id);
          if (server.status !== 'ACTIVE') throw refusal(409, 'conflictingRequest', 'not active');
          servers.set(id, { ...server, status: 'SHUTOFF' });
          return { requestId: 'req-stop' };
        }),
    },
    neutron: {
      listExtensions: () => calls.call('GET /extensions', () => cloud.extensions),
      listNetworks: (filter) =>
        calls.call('GET /networks', () =>
          ['net-1']
            .filter((id) => filter?.name === undefined || `name-of-${id}` === filter.name)
            .map((id) => ({
              id,
              name: `name-of-${id}`,
              status: 'ACTIVE',
              networkType: 'vxlan',
              mtu: 1450,
              subnetIds: ['subnet-1'],
            })),
        ),
      listPorts: (filter = {}) =>
        calls.call('GET /ports', () =>
          [...ports.values()].filter(
            (port) =>
              (filter.ids === undefined || filter.ids.includes(port.id)) &&
              (filter.deviceId === undefined || port.deviceId === filter.deviceId) &&
              (filter.name === undefined || port.name === filter.name),
          ),
        ),
      createPort: (spec) =>
        calls.call('POST /ports', () => {
          const id = newId();
          const { hostId = '', deviceId = '', name = '' } = spec;
          const port = { ...portLike(id, { id: deviceId, hostId, macAddress: id }), name };
          ports.set(id, port);
          return port;
        }),
      showPort: (id) =>
        calls.call('GET /ports/one', () => {
          const port = ports.get(id);
          if (port === undefined) throw refusal(404, 'PortNotFound', 'not found');
          return port;
        }),
      updatePort: (id, { adminStateUp }) =>
        calls.call('PUT /ports', () => {
          const port = ports.get(id);
          if (port === undefined) throw refusal(404, 'PortNotFound', 'not found');
          const changed = { ...port, adminStateUp: adminStateUp ?? port.adminStateUp };
          ports.set(id, changed);
          return changed;
        }),
      deletePort: (id) =>
        calls.call('DELETE /ports', () => {
          if (sfc.usesPort(id)) throw refusal(500, 'HTTPInternalServerError', 'Request Failed');
          if (!ports.delete(id)) throw refusal(404, 'PortNotFound', 'not found');
        }),
    },
  };
  return cloud;
}

function zunOf({ containers }: FakeCloud): Map<string, Container> {
  if (containers === null)
    throw refusal(404, 'EndpointNotFound', 'the catalogue has no public endpoint');
  return containers;
}

function portLike(
  id: string,
  of: { readonly id: string; readonly hostId: string; readonly macAddress: string },
): Port {
  return {
    id,
    name: '',
    networkId: 'net-1',
    projectId: 'project',
    deviceId: of.id,
    deviceOwner: 'compute:nova',
    hostId: of.hostId,
    status: 'ACTIVE',
    vifType: 'ovs',
    vnicType: 'normal',
    adminStateUp: true,
    macAddress: of.macAddress,
    fixedIps: [{ subnetId: 'subnet-1', ipAddress: '10.20.0.9' }],
    profile: {},
  };
}

function serverLike(id: string, host: string, macs: readonly string[]): Server {
  return {
    id,
    name: `name-of-${id}`,
    status: 'ACTIVE',
    vmState: 'active',
    taskState: null,
    host,
    hostStatus: 'UP',
    availabilityZone: 'nova',
    projectId: 'project',
    flavor: {
      name: 'm1',
      vcpus: 1,
      ramMiB: 1024,
      diskGiB: 1,
      ephemeralGiB: 0,
      swapMiB: 0,
      extraSpecs: {},
    },
    imageId: 'image',
    tags: [],
    addresses: macs.map((macAddress, index) => ({
      network: 'data',
      address: `10.20.0.${index}`,
      version: 4,
      macAddress,
      type: 'fixed',
    })),
    metadata: {},
    locked: false,
    createdAt: '2026-01-01T00:00:00Z',
    updatedAt: '2026-01-01T00:00:00Z',
    fault: null,
  };
}
