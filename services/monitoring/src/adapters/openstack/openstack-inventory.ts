import {
  claimedDiskGiB,
  type Hypervisor,
  type Server as NovaServer,
  type OpenStack,
  OpenStackError,
  type Port,
  type ResourceProvider,
} from '@sidestep/openstack';
import type { Chain, Host, Inventory, Server } from '../../domain/fleet.ts';
import type { InventorySource } from '../../ports/inventory-source.ts';
import { imagePropertyReader } from './image-properties.ts';

const PARALLEL_CALLS = 8;

type Capacity = Pick<
  Host,
  | 'cores'
  | 'vcpus'
  | 'vcpusUsed'
  | 'ramMiB'
  | 'ramUsedMiB'
  | 'diskGiB'
  | 'diskUsedGiB'
  | 'aggregates'
>;

/** The inventory from Nova, Placement, Neutron and, where it is loaded, networking-sfc. */
export function openStackInventory(cloud: OpenStack): InventorySource {
  const readImageProperties = imagePropertyReader(cloud);
  return {
    read: async (signal) => {
      const call = { signal };
      const { nova, neutron } = cloud;
      const [
        hypervisors,
        services,
        servers,
        flavors,
        serverGroups,
        providers,
        ports,
        chains,
        metadata,
      ] = await Promise.all([
        nova.listHypervisors({}, call),
        nova.listComputeServices({ binary: 'nova-compute' }, call),
        nova.listServers({}, call),
        nova.listFlavors(call),
        nova.listServerGroups({ allProjects: true }, call),
        cloud.placement.listResourceProviders({}, call),
        neutron.listPorts({}, call),
        readChains(cloud, call),
        readAggregateMetadata(cloud, call),
      ]);
      const zones = new Map(services.map(({ host, zone }) => [host, zone]));
      const [capacities, propertiesOf] = await Promise.all([
        readCapacities(cloud, hypervisors, providers, call),
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
          ...aggregateMetadataOf(metadata.get(hypervisor.host)),
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

// A hypervisor that Placement does not know can be given nothing.
const withoutCapacity: Capacity = {
  cores: 0,
  vcpus: 0,
  vcpusUsed: 0,
  ramMiB: 0,
  ramUsedMiB: 0,
  diskGiB: 0,
  diskUsedGiB: 0,
  aggregates: [],
};

async function readCapacities(
  { placement }: OpenStack,
  hypervisors: readonly Hypervisor[],
  providers: readonly ResourceProvider[],
  call: { signal: AbortSignal },
): Promise<Map<string, Capacity>> {
  const names = new Set(hypervisors.map(({ hypervisorHostname }) => hypervisorHostname));
  const waiting = providers.filter(({ name }) => names.has(name));
  const capacities = new Map<string, Capacity>();
  const work = async (): Promise<void> => {
    for (let provider = waiting.pop(); provider !== undefined; provider = waiting.pop()) {
      const [inventories, usages, aggregates] = await Promise.all([
        placement.inventories(provider.id, call),
        placement.usages(provider.id, call),
        placement.aggregates(provider.id, call),
      ]);
      const allocatable = (name: string): number => {
        const inventory = inventories.byClass[name];
        if (inventory === undefined) return 0;
        return (inventory.total - inventory.reserved) * inventory.allocationRatio;
      };
      const used = (name: string): number => usages.byClass[name] ?? 0;
      capacities.set(provider.name, {
        cores: inventories.byClass.VCPU?.total ?? 0,
        vcpus: allocatable('VCPU'),
        vcpusUsed: used('VCPU'),
        ramMiB: allocatable('MEMORY_MB'),
        ramUsedMiB: used('MEMORY_MB'),
        diskGiB: allocatable('DISK_GB'),
        diskUsedGiB: used('DISK_GB'),
        aggregates: [...aggregates],
      });
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_CALLS }, work));
  return capacities;
}

/** Each host's metadata of Nova's aggregates; none where this account may not read them. */
async function readAggregateMetadata(
  { nova }: OpenStack,
  call: { signal: AbortSignal },
): Promise<Map<string, Record<string, string[]>>> {
  const byHost = new Map<string, Record<string, string[]>>();
  const aggregates = await nova.listAggregates(call).catch((error: unknown) => {
    if (error instanceof OpenStackError && error.kind === 'forbidden') return [];
    throw error;
  });
  for (const { hosts, metadata } of aggregates) {
    for (const host of hosts) {
      const known = byHost.get(host) ?? {};
      byHost.set(host, known);
      for (const [key, value] of Object.entries(metadata)) {
        // Nova reads a comma as "either".
        known[key] = [...(known[key] ?? []), ...value.split(',').map((each) => each.trim())];
      }
    }
  }
  return byHost;
}

const aggregateMetadataOf = (metadata: Record<string, string[]> | undefined) =>
  metadata === undefined || Object.keys(metadata).length === 0
    ? {}
    : { aggregateMetadata: metadata };

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
  const [portChains, groups, pairs] = await Promise.all([
    sfc.listPortChains(call),
    sfc.listPortPairGroups(call),
    sfc.listPortPairs(call),
  ]);
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
