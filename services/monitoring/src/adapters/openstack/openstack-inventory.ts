import {
  claimedDiskGiB,
  type Hypervisor,
  type Server as NovaServer,
  type OpenStack,
  OpenStackError,
  type Port,
  type ResourceProvider,
} from '@sidestep/openstack';
import type { Chain, Inventory, Server } from '../../domain/fleet.ts';
import { CapacityReader, type HostProvider, withoutCapacity } from './capacity-reader.ts';
import { imagePropertyReader } from './image-properties.ts';

/** The inventory from Nova, Placement, Neutron and, where it is loaded, networking-sfc. */
export function openStackInventory(cloud: OpenStack): {
  read(signal: AbortSignal): Promise<Inventory>;
} {
  const readImageProperties = imagePropertyReader(cloud);
  const capacityReader = new CapacityReader(cloud.placement);
  return {
    read: async (signal) => {
      const call = { signal };
      const { nova, neutron } = cloud;
      // The three that are large on a large cloud come one after another: neither it nor this machine is busy with all at once.
      // Chains first, then ports, then servers: what one of them names is then surely in the list that follows.
      const chains = await readChains(cloud, call);
      const ports = await neutron.listPorts({}, call);
      const servers = await nova.listServers({}, call);
      const [hypervisors, services, flavors, serverGroups, providers, aggregates] =
        await Promise.all([
          nova.listHypervisors({}, call),
          nova.listComputeServices({ binary: 'nova-compute' }, call),
          nova.listFlavors(call),
          nova.listServerGroups({ allProjects: true }, call),
          cloud.placement.listResourceProviders({}, call),
          readAggregates(cloud, call),
        ]);
      const zones = new Map(services.map(({ host, zone }) => [host, zone]));
      const [capacities, propertiesOf] = await Promise.all([
        capacityReader.read(providersOf(hypervisors, providers, servers), call),
        readImageProperties(
          servers.flatMap(({ imageId }) => imageId ?? []),
          call,
        ),
      ]);
      const serverIds = new Set(servers.map(({ id }) => id));
      const portsOf = Map.groupBy(ports, ({ deviceId }) => deviceId);
      const flavorIds = new Map(flavors.map(({ id, name }) => [name, id]));
      const inventory: Inventory = {
        hosts: hypervisors.map((hypervisor) => ({
          id: hypervisor.host,
          state: hypervisor.state,
          status: hypervisor.status,
          disabledReason: hypervisor.disabledReason,
          zone: zones.get(hypervisor.host) ?? null,
          ip: hypervisor.hostIp,
          ...(capacities.get(hypervisor.hypervisorHostname) ?? withoutCapacity),
          ...aggregatesOf(aggregates.get(hypervisor.host)),
        })),
        servers: servers.map((server) =>
          serverOf(server, {
            flavorId: flavorIds.get(server.flavor.name) ?? null,
            own: portsOf.get(server.id) ?? [],
            imageProperties: propertiesOf(server.imageId),
          }),
        ),
        serverGroups: serverGroups.map(({ id, name, policy, memberIds }) => ({
          id,
          name,
          policy,
          memberIds: [...memberIds],
        })),
        chains: chains(ports, serverIds),
        flavors: flavors.map(({ id, name, vcpus, ramMiB }) => ({ id, name, vcpus, ramMiB })),
      };
      return inventory;
    },
  };
}

/** The resource providers that are hosts, each with the servers that Nova has there. */
function providersOf(
  hypervisors: readonly Hypervisor[],
  providers: readonly ResourceProvider[],
  servers: readonly NovaServer[],
): HostProvider[] {
  const hosts = new Map(
    hypervisors.map(({ host, hypervisorHostname }) => [hypervisorHostname, host]),
  );
  const serversOn = Map.groupBy(servers, ({ host }) => host);
  return providers.flatMap((provider) => {
    const host = hosts.get(provider.name);
    if (host === undefined) return [];
    return { provider, serverIds: (serversOn.get(host) ?? []).map(({ id }) => id) };
  });
}

/** What Nova's aggregates say of one host: their names, and their metadata joined. */
interface HostAggregates {
  readonly names: string[];
  readonly metadata: Record<string, string[]>;
}

/** Each host's aggregates by Nova's names, as operators and flavors know them; none where this account may not read them. */
async function readAggregates(
  { nova }: OpenStack,
  call: { signal: AbortSignal },
): Promise<Map<string, HostAggregates>> {
  const byHost = new Map<string, HostAggregates>();
  const aggregates = await nova.listAggregates(call).catch((error: unknown) => {
    if (error instanceof OpenStackError && error.kind === 'forbidden') return [];
    throw error;
  });
  for (const { name, hosts, metadata } of aggregates) {
    for (const host of hosts) {
      const known = byHost.get(host) ?? { names: [], metadata: {} };
      byHost.set(host, known);
      known.names.push(name);
      for (const [key, value] of Object.entries(metadata)) {
        // Nova reads a comma as "either".
        known.metadata[key] = [
          ...(known.metadata[key] ?? []),
          ...value.split(',').map((each) => each.trim()),
        ];
      }
    }
  }
  return byHost;
}

const aggregatesOf = (known: HostAggregates | undefined) => ({
  aggregates: known?.names ?? [],
  ...(known === undefined || Object.keys(known.metadata).length === 0
    ? {}
    : { aggregateMetadata: known.metadata }),
});

function factsOf(
  { flavor, imageId, locked }: NovaServer,
  ports: readonly Port[],
  imageProperties: Readonly<Record<string, string>>,
) {
  const vnicTypes = [...new Set(ports.map(({ vnicType }) => vnicType))];
  const localDisk = imageId !== null || flavor.ephemeralGiB > 0 || flavor.swapMiB > 0;
  const isPlainImage = Object.keys(imageProperties).length === 0;
  const ordinary =
    isPlainImage &&
    !locked &&
    localDisk &&
    Object.keys(flavor.extraSpecs).length === 0 &&
    vnicTypes.every((each) => each === 'normal');
  if (ordinary) return {};
  const { extraSpecs } = flavor;
  const ofImage = isPlainImage ? {} : { imageProperties };
  return { facts: { locked, localDisk, extraSpecs, vnicTypes, ...ofImage } };
}

/** What the server's own answer does not hold. */
type Beside = {
  /** A server carries its flavor's name; the id is that of the flavor of this name today. */
  flavorId: string | null;
  own: readonly Port[];
  imageProperties: Readonly<Record<string, string>>;
};

function serverOf(server: NovaServer, { flavorId, own, imageProperties }: Beside): Server {
  const { flavor } = server;
  return {
    id: server.id,
    name: server.name,
    hostId: server.host,
    status: server.status,
    taskState: server.taskState,
    flavorId,
    imageId: server.imageId,
    vcpus: flavor.vcpus,
    ramMiB: flavor.ramMiB,
    diskGiB: claimedDiskGiB(server),
    tags: [...server.tags],
    ...(server.projectId === '' ? {} : { projectId: server.projectId }),
    zone: server.availabilityZone,
    ...factsOf(server, own, imageProperties),
    ports: own.map((port) => ({
      id: port.id,
      name: port.name,
      networkId: port.networkId,
      hostId: port.hostId === '' ? null : port.hostId,
      ipAddresses: port.fixedIps.map(({ ipAddress }) => ipAddress),
    })),
  };
}

async function readChains(
  { neutron, sfc }: OpenStack,
  call: { signal: AbortSignal },
): Promise<(ports: readonly Port[], serverIds: ReadonlySet<string>) => Chain[]> {
  const extensions = await neutron.listExtensions(call);
  if (!extensions.includes('sfc')) return () => [];
  const portChains = await sfc.listPortChains(undefined, call);
  const groups = await sfc.listPortPairGroups(undefined, call);
  const pairs = await sfc.listPortPairs(undefined, call);
  const groupById = new Map(groups.map((group) => [group.id, group]));
  const pairById = new Map(pairs.map((pair) => [pair.id, pair]));
  return (ports, serverIds) => {
    const owners = new Map(ports.map(({ id, deviceId }) => [id, deviceId]));
    const ownerOf = (portId: string): string | null => {
      const owner = owners.get(portId);
      return owner !== undefined && serverIds.has(owner) ? owner : null;
    };
    return portChains.map(({ id, name, flowClassifierIds, portPairGroupIds }) => ({
      id,
      name,
      flowClassifierIds: [...flowClassifierIds],
      hops: portPairGroupIds.map((portPairGroupId) => ({
        portPairGroupId,
        members: (groupById.get(portPairGroupId)?.portPairIds ?? []).flatMap((pairId) => {
          const pair = pairById.get(pairId);
          if (pair === undefined) return [];
          const { ingressPortId, egressPortId } = pair;
          const serverId = ownerOf(ingressPortId) ?? ownerOf(egressPortId);
          return [{ portPairId: pairId, ingressPortId, egressPortId, serverId }];
        }),
      })),
    }));
  };
}
