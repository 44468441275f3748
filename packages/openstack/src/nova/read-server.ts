import type { JsonNode } from '../http/json-node.ts';
import type {
  Aggregate,
  Flavor,
  HostStatus,
  Server,
  ServerAddress,
  ServerFlavor,
  ServerGroup,
} from '../types/compute.ts';

const HOST_STATUSES: readonly HostStatus[] = ['UP', 'DOWN', 'MAINTENANCE', 'UNKNOWN'];

function readServerFlavor(node: JsonNode): ServerFlavor {
  return {
    name: node.string('original_name'),
    vcpus: node.number('vcpus'),
    ramMiB: node.number('ram'),
    diskGiB: node.number('disk'),
    ephemeralGiB: node.number('ephemeral'),
    swapMiB: node.number('swap'),
    extraSpecs: node.stringsByKey('extra_specs'),
  };
}

function readAddress(network: string, node: JsonNode): ServerAddress {
  const type = node.nullableString('OS-EXT-IPS:type');
  return {
    network,
    address: node.string('addr'),
    version: node.number('version') === 6 ? 6 : 4,
    macAddress: node.nullableString('OS-EXT-IPS-MAC:mac_addr'),
    type: type === 'fixed' || type === 'floating' ? type : null,
  };
}

/** Reads a server of `servers/detail` or of `servers/{id}`. */
export function readServer(node: JsonNode): Server {
  const hostStatus = node.nullableString('host_status');
  const server: Server = {
    id: node.string('id'),
    name: node.string('name'),
    status: node.string('status'),
    vmState: node.string('OS-EXT-STS:vm_state'),
    taskState: node.nullableString('OS-EXT-STS:task_state'),
    host: node.nullableString('OS-EXT-SRV-ATTR:host'),
    hostStatus: HOST_STATUSES.find((each) => each === hostStatus) ?? 'UNKNOWN',
    projectId: node.string('tenant_id'),
    flavor: readServerFlavor(node.object('flavor')),
    // '' for a server that boots from a volume.
    imageId: node.nullableObject('image')?.string('id') ?? null,
    tags: node.strings('tags'),
    availabilityZone: node.nullableString('OS-EXT-AZ:availability_zone') || null,
    addresses: node
      .listsByKey('addresses')
      .flatMap(([network, addresses]) => addresses.map((each) => readAddress(network, each))),
    metadata: node.stringsByKey('metadata'),
    locked: node.boolean('locked'),
    createdAt: node.time('created'),
    updatedAt: node.time('updated'),
    fault: node.nullableObject('fault')?.string('message') ?? null,
  };
  return node.has('server_groups')
    ? { ...server, serverGroups: node.strings('server_groups') }
    : server;
}

/** Reads a flavor of `flavors/detail`. */
export function readFlavor(node: JsonNode): Flavor {
  return {
    id: node.string('id'),
    name: node.string('name'),
    vcpus: node.number('vcpus'),
    ramMiB: node.number('ram'),
    diskGiB: node.number('disk'),
    ephemeralGiB: node.number('OS-FLV-EXT-DATA:ephemeral'),
    // '' means none.
    swapMiB: node.is('swap', '') ? 0 : node.number('swap'),
    extraSpecs: node.stringsByKey('extra_specs'),
  };
}

/** Reads a row of `os-aggregates`. */
export function readAggregate(node: JsonNode): Aggregate {
  return {
    id: node.number('id'),
    name: node.string('name'),
    hosts: node.strings('hosts'),
    metadata: node.stringsByKey('metadata'),
  };
}

/** Reads a server group. */
export function readServerGroup(node: JsonNode): ServerGroup {
  return {
    id: node.string('id'),
    name: node.string('name'),
    policy: node.string('policy'),
    maxServersPerHost: node.nullableObject('rules')?.nullableNumber('max_server_per_host') ?? null,
    memberIds: node.strings('members'),
  };
}
