import { createHash } from 'node:crypto';
import type {
  WireComputeService,
  WireHypervisor,
  WireInstanceAction,
  WireMigration,
  WireServer,
  WireServerMigration,
} from '@sidestep/openstack/wire';
import type { HostState } from '../cloud/host-state.ts';
import { portsOfServer } from '../cloud/port-bindings.ts';
import {
  type ActionState,
  type MigrationState,
  type ServerState,
  serviceState,
  type World,
} from '../cloud/world.ts';
import { isoSeconds, novaTime } from './router.ts';

const hostIds = new Map<string, string>();

/** Nova's obfuscated host: a hash of project and host name. */
export function hostIdOf(world: World, host: string): string {
  const text = world.ids.projectId + host;
  const known = hostIds.get(text);
  if (known !== undefined) return known;
  const id = createHash('sha224').update(text).digest('hex');
  hostIds.set(text, id);
  return id;
}

/** The task that the API shows: a new one stays invisible for a moment. */
export function shownTask(world: World, server: ServerState): string | null {
  return world.clock.nowMs() < server.taskVisibleMs ? null : server.taskState;
}

/** Nova's status, from state and task. */
export function statusOf(world: World, server: ServerState): string {
  const task = shownTask(world, server);
  if (server.vmState === 'building') return 'BUILD';
  if (server.vmState === 'error') return 'ERROR';
  if (server.vmState === 'resized')
    return task === 'resize_reverting' ? 'REVERT_RESIZE' : 'VERIFY_RESIZE';
  if (task === 'migrating') return 'MIGRATING';
  if (task === 'rebuilding') return 'REBUILD';
  if (task === 'resize_prep') return 'RESIZE';
  return server.vmState === 'stopped' ? 'SHUTOFF' : 'ACTIVE';
}

/** What the API tells of a host's health beside its servers. */
function hostStatus(world: World, host: HostState | undefined): string {
  if (host === undefined) return '';
  if (host.forcedDown) return 'DOWN';
  if (serviceState(world, host) === 'down') return 'UNKNOWN';
  return host.enabled ? 'UP' : 'MAINTENANCE';
}

/** A server in full. */
export function serverView(
  world: World,
  url: string,
  server: ServerState,
): WireServer & Record<string, unknown> {
  const { flavor, id } = server;
  const bare = url.replace(/\/v2\.1$/, '');
  const powerStates: Readonly<Record<string, number>> = { active: 1, resized: 1, stopped: 4 };
  // Nova's word for a server that boots from a volume is ''.
  const image: WireServer['image'] =
    server.imageId === ''
      ? ''
      : {
          id: server.imageId,
          links: [{ rel: 'bookmark', href: `${bare}/images/${server.imageId}` }],
        };
  const view = {
    id,
    name: server.name,
    status: statusOf(world, server),
    tenant_id: server.projectId,
    user_id: world.ids.userId,
    metadata: { ...server.metadata },
    hostId: server.host === '' ? '' : hostIdOf(world, server.host),
    image,
    flavor: {
      vcpus: flavor.vcpus,
      ram: flavor.ramMiB,
      disk: flavor.diskGiB,
      ephemeral: 0,
      swap: 0,
      original_name: flavor.name,
      extra_specs: { ...flavor.extraSpecs },
    },
    created: isoSeconds(server.createdMs),
    updated: isoSeconds(server.updatedMs),
    addresses: addresses(world, server),
    accessIPv4: '',
    accessIPv6: '',
    links: [
      { rel: 'self', href: `${url}/servers/${id}` },
      { rel: 'bookmark', href: `${bare}/servers/${id}` },
    ],
    'OS-DCF:diskConfig': 'MANUAL',
    progress: 0,
    'OS-EXT-AZ:availability_zone':
      server.host === '' ? '' : (world.hosts.get(server.host)?.spec.zone ?? 'nova'),
    config_drive: '',
    key_name: null,
    'OS-SRV-USG:launched_at': server.launchedMs === null ? null : novaTime(server.launchedMs),
    'OS-SRV-USG:terminated_at': null,
    'OS-EXT-SRV-ATTR:host': server.host === '' ? null : server.host,
    'OS-EXT-SRV-ATTR:instance_name': `instance-${server.number.toString(16).padStart(8, '0')}`,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host === '' ? null : server.host,
    'OS-EXT-SRV-ATTR:reservation_id': `r-${id.slice(0, 8)}`,
    'OS-EXT-SRV-ATTR:launch_index': 0,
    'OS-EXT-SRV-ATTR:hostname': server.name,
    'OS-EXT-SRV-ATTR:kernel_id': '',
    'OS-EXT-SRV-ATTR:ramdisk_id': '',
    'OS-EXT-SRV-ATTR:root_device_name': '/dev/sda',
    'OS-EXT-SRV-ATTR:user_data': null,
    'OS-EXT-STS:task_state': shownTask(world, server),
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': powerStates[server.vmState] ?? 0,
    'os-extended-volumes:volumes_attached': [],
    host_status: hostStatus(world, world.hosts.get(server.host)),
    locked: server.locked === true,
    locked_reason: null,
    description: null,
    tags: [...server.tags],
    trusted_image_certificates: null,
    server_groups: [...world.groups.values()].flatMap((group) =>
      group.members.has(id) ? [group.id] : [],
    ),
  };
  if (server.fault === null) return view;
  const { atMs, message } = server.fault;
  return { ...view, fault: { code: 500, created: isoSeconds(atMs), message } };
}

function addresses(world: World, server: ServerState): WireServer['addresses'] {
  const ports = portsOfServer(world, server);
  if (ports.length === 0) return {};
  return {
    'svc-net': ports.map((port) => ({
      version: 4,
      addr: port.ip,
      'OS-EXT-IPS:type': 'fixed',
      'OS-EXT-IPS-MAC:mac_addr': port.mac,
    })),
  };
}

/** A compute service. */
export function serviceView(world: World, host: HostState): WireComputeService {
  const nowMs = world.clock.nowMs();
  return {
    binary: 'nova-compute',
    host: host.name,
    id: host.serviceId,
    zone: host.spec.zone ?? 'nova',
    status: host.enabled ? 'enabled' : 'disabled',
    state: serviceState(world, host),
    updated_at: novaTime(host.computeDiedMs === 'alive' ? nowMs : host.computeDiedMs),
    disabled_reason: host.disabledReason,
    forced_down: host.forcedDown,
  };
}

/** A hypervisor; its capacity was told here until microversion 2.87. */
export function hypervisorView(
  world: World,
  host: HostState,
  microversion: number,
  servers: { name: string; uuid: string }[] | 'not-asked',
): WireHypervisor {
  const view: WireHypervisor = {
    id: host.providerId,
    hypervisor_hostname: host.name,
    hypervisor_type: 'QEMU',
    hypervisor_version: 7_002_000,
    host_ip: host.tunnelIp,
    state: serviceState(world, host),
    status: host.enabled ? 'enabled' : 'disabled',
    service: { id: host.serviceId, host: host.name, disabled_reason: host.disabledReason },
    ...(servers === 'not-asked' ? {} : { servers }),
  };
  if (microversion >= 88) return { ...view, uptime: null };
  const provider = world.ledger.ofHost(host.name);
  const used = provider?.used ?? { VCPU: 0, MEMORY_MB: 0, DISK_GB: 0 };
  return {
    ...view,
    vcpus: host.spec.cores,
    vcpus_used: used.VCPU,
    memory_mb: host.spec.ramMiB,
    memory_mb_used: used.MEMORY_MB + 512,
    local_gb: host.spec.diskGiB,
    local_gb_used: used.DISK_GB,
    free_ram_mb: host.spec.ramMiB - used.MEMORY_MB - 512,
    free_disk_gb: host.spec.diskGiB - used.DISK_GB,
    running_vms: provider?.consumers.size ?? 0,
    current_workload: 0,
    disk_available_least: host.spec.diskGiB - used.DISK_GB,
    cpu_info: {},
  };
}

/** A record of `GET /os-migrations`. */
export function migrationView(world: World, url: string, record: MigrationState): WireMigration {
  const links = ['self', 'bookmark'].map((rel) => ({
    rel,
    href: `${rel === 'self' ? url : url.replace(/\/v2\.1$/, '')}/servers/${record.serverId}/migrations/${record.number}`,
  }));
  // Only a live migration that still runs has a page of its own.
  const live = record.type === 'live-migration' && isInProgress(record);
  return {
    id: record.number,
    uuid: record.uuid,
    source_compute: record.source,
    dest_compute: record.target,
    source_node: record.source,
    dest_node: record.target,
    dest_host: null,
    old_instance_type_id: 1,
    new_instance_type_id: 1,
    instance_uuid: record.serverId,
    status: record.status,
    migration_type: record.type,
    user_id: world.ids.userId,
    project_id: world.ids.projectId,
    created_at: novaTime(record.createdMs),
    updated_at: novaTime(record.updatedMs),
    ...(live ? { links } : {}),
  };
}

/** True while `GET /servers/{id}/migrations` lists a record. */
export function isInProgress(record: MigrationState): boolean {
  return ['accepted', 'queued', 'preparing', 'running', 'post-migrating'].includes(record.status);
}

/** A record of `GET /servers/{id}/migrations`. */
export function serverMigrationView(world: World, record: MigrationState): WireServerMigration {
  const { progress } = record;
  const disk = progress === null ? null : 0;
  return {
    created_at: novaTime(record.createdMs),
    dest_compute: record.target,
    dest_host: null,
    dest_node: record.target,
    disk_processed_bytes: disk,
    disk_remaining_bytes: disk,
    disk_total_bytes: disk,
    id: record.number,
    memory_processed_bytes: progress?.processedBytes ?? null,
    memory_remaining_bytes: progress?.remainingBytes ?? null,
    memory_total_bytes: progress?.totalBytes ?? null,
    server_uuid: record.serverId,
    source_compute: record.source,
    source_node: record.source,
    status: record.status,
    updated_at: novaTime(record.updatedMs),
    uuid: record.uuid,
    user_id: world.ids.userId,
    project_id: world.ids.projectId,
  };
}

/** An instance action; its events' details show from microversion 2.84 on. */
export function actionView(
  world: World,
  server: ServerState,
  action: ActionState,
  events: { microversion: number } | 'not-shown',
): WireInstanceAction {
  const view: WireInstanceAction = {
    action: action.action,
    instance_uuid: server.id,
    request_id: action.requestId,
    user_id: world.ids.userId,
    project_id: world.ids.projectId,
    start_time: novaTime(action.startMs),
    message: action.message,
    updated_at: novaTime(action.updatedMs),
  };
  if (events === 'not-shown') return view;
  return {
    ...view,
    events: action.events.toReversed().map((event) => ({
      event: event.event,
      start_time: novaTime(event.startMs),
      finish_time: event.finishMs === null ? null : novaTime(event.finishMs),
      result: event.result,
      traceback: null,
      host: event.host,
      hostId: hostIdOf(world, event.host),
      details: events.microversion >= 84 ? event.details : null,
    })),
  };
}
