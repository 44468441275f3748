import { negotiate, once } from '../http/microversion.ts';
import { createServiceClient, pathOf } from '../http/service-client.ts';
import type { Transport } from '../http/transport.ts';
import type { Session } from '../identity/session.ts';
import type { CallOptions, Microversions, Nova } from '../types/clients.ts';
import type { Accepted, ServerSpec } from '../types/compute.ts';
import type {
  WireComputeServiceUpdate,
  WireFlavorCreate,
  WireServerAction,
  WireServerCreate,
} from '../wire/compute.ts';
import { readComputeService, readHypervisor } from './read-hosts.ts';
import { readInstanceAction, readMigration, readServerMigration } from './read-migration.ts';
import { readAggregate, readFlavor, readServer, readServerGroup } from './read-server.ts';

/** 2.84 brought the details of instance action events: below it, a failed migration has no reason. */
const FLOOR = '2.84';
/** The last one whose answers were recorded and read here (Zed has up to 2.93). */
export const NOVA_CEILING = '2.90';

/** The versioned root of Nova: the catalogue's URL may go on with the project's id. */
function versionRoot(endpoint: string): string {
  return endpoint.replace(/(\/v2(?:\.\d+)?)\/.*$/, '$1');
}

function createBody(spec: ServerSpec): WireServerCreate {
  const networks =
    typeof spec.networks === 'string'
      ? spec.networks
      : spec.networks.map((each) =>
          'portId' in each ? { port: each.portId } : { uuid: each.networkId },
        );
  return {
    server: {
      name: spec.name,
      flavorRef: spec.flavorId,
      imageRef: spec.imageId ?? '',
      networks,
      ...(spec.host === undefined ? {} : { host: spec.host }),
      ...(spec.metadata === undefined ? {} : { metadata: { ...spec.metadata } }),
      ...(spec.tags === undefined ? {} : { tags: [...spec.tags] }),
      ...(spec.userData === undefined ? {} : { user_data: spec.userData }),
      ...(spec.availabilityZone === undefined ? {} : { availability_zone: spec.availabilityZone }),
    },
    ...(spec.serverGroupId === undefined
      ? {}
      : { 'os:scheduler_hints': { group: spec.serverGroupId } }),
  };
}

/** Makes the Nova client. */
export function createNova(options: {
  readonly session: Session;
  readonly transport: Transport;
  /** Highest microversion to use. */
  readonly ceiling: string;
}): Nova {
  const shared = { service: 'compute', ...options } as const;
  const unversioned = createServiceClient({ ...shared, base: versionRoot });
  const microversions = once(async (call: CallOptions | undefined): Promise<Microversions> => {
    const version = (await unversioned.get('/', {}, call)).object('version');
    return negotiate(
      { service: 'compute', path: '/' },
      { min: version.string('min_version'), max: version.string('version') },
      { floor: FLOOR, ceiling: options.ceiling },
    );
  });
  const client = createServiceClient({
    ...shared,
    base: (endpoint) => endpoint,
    headers: async (call) => {
      const { negotiated } = await microversions(call);
      return {
        'openstack-api-version': `compute ${negotiated}`,
        'x-openstack-nova-api-version': negotiated,
      };
    },
  });

  const act = async (
    serverId: string,
    action: WireServerAction,
    call: CallOptions | undefined,
    repeat: 'unsent' | 'never' = 'unsent',
  ): Promise<Accepted> => {
    const path = pathOf`/servers/${serverId}/action`;
    const answer = await client.send('POST', path, action, { ...call, repeat });
    return { requestId: answer.requestId };
  };
  const updateService = async (id: string, body: WireComputeServiceUpdate, call?: CallOptions) => {
    const answer = await client.send('PUT', pathOf`/os-services/${id}`, body, call);
    return readComputeService(answer.json().object('service'));
  };
  const migrationPath = (serverId: string, migrationId: number) =>
    pathOf`/servers/${serverId}/migrations/${migrationId}`;

  return {
    microversions: (call) => microversions(call),
    listHypervisors: async (query = {}, call) => {
      const withServers = query.withServers ?? false;
      const found = await client.list(
        '/os-hypervisors/detail',
        { items: 'hypervisors', links: 'hypervisors_links' },
        { with_servers: withServers ? 'true' : undefined, limit: query.pageSize },
        call,
      );
      return found.map(readHypervisor(withServers));
    },
    listComputeServices: async (filter = {}, call) => {
      const query = { host: filter.host, binary: filter.binary };
      return (await client.get('/os-services', query, call))
        .list('services')
        .map(readComputeService);
    },
    enableComputeService: (id, call) => updateService(id, { status: 'enabled' }, call),
    disableComputeService: (id, reason, call) =>
      updateService(
        id,
        { status: 'disabled', ...(reason === undefined ? {} : { disabled_reason: reason }) },
        call,
      ),
    setForcedDown: (id, forcedDown, call) => updateService(id, { forced_down: forcedDown }, call),
    listServers: async (filter = {}, call) => {
      const found = await client.list(
        '/servers/detail',
        { items: 'servers', links: 'servers_links' },
        {
          all_tenants: filter.allTenants === false ? undefined : '1',
          host: filter.host,
          status: filter.status,
          name: filter.name,
          limit: filter.pageSize,
        },
        call,
      );
      return found.map(readServer);
    },
    showServer: async (id, call) =>
      readServer((await client.get(pathOf`/servers/${id}`, {}, call)).object('server')),
    createServer: async (spec, call) => {
      const answer = await client.send('POST', '/servers', createBody(spec), call);
      return { id: answer.json().object('server').string('id'), requestId: answer.requestId };
    },
    deleteServer: async (id, call) => {
      await client.send('DELETE', pathOf`/servers/${id}`, undefined, call);
    },
    startServer: (id, call) => act(id, { 'os-start': null }, call),
    stopServer: (id, call) => act(id, { 'os-stop': null }, call),
    listFlavors: async (call) => {
      const found = await client.list(
        '/flavors/detail',
        { items: 'flavors', links: 'flavors_links' },
        { is_public: 'None' }, // Nova's word for: the private ones too.
        call,
      );
      return found.map(readFlavor);
    },
    createFlavor: async ({ id, name, vcpus, ramMiB, diskGiB }, call) => {
      const flavor = { name, vcpus, ram: ramMiB, disk: diskGiB };
      const body: WireFlavorCreate = { flavor: id === undefined ? flavor : { ...flavor, id } };
      return readFlavor(
        (await client.send('POST', '/flavors', body, call)).json().object('flavor'),
      );
    },
    deleteFlavor: async (id, call) => {
      await client.send('DELETE', pathOf`/flavors/${id}`, undefined, call);
    },
    liveMigrate: (id, { host, blockMigration = 'auto' }, call) =>
      act(id, { 'os-migrateLive': { host, block_migration: blockMigration } }, call, 'never'),
    listMigrations: async (filter = {}, call) => {
      const found = await client.list(
        '/os-migrations',
        { items: 'migrations', links: 'migrations_links' },
        {
          instance_uuid: filter.serverId,
          status: filter.status,
          migration_type: filter.type,
          host: filter.host,
          source_compute: filter.sourceHost,
          'changes-since': filter.changesSince,
          limit: filter.limit,
        },
        { ...call, limit: filter.limit },
      );
      return found.map(readMigration);
    },
    listServerMigrations: async (id, call) =>
      (await client.get(pathOf`/servers/${id}/migrations`, {}, call))
        .list('migrations')
        .map(readServerMigration),
    showServerMigration: async (id, migrationId, call) =>
      readServerMigration(
        (await client.get(migrationPath(id, migrationId), {}, call)).object('migration'),
      ),
    abortServerMigration: async (id, migrationId, call) => {
      const answer = await client.send('DELETE', migrationPath(id, migrationId), undefined, call);
      return { requestId: answer.requestId };
    },
    forceCompleteServerMigration: async (id, migrationId, call) => {
      const path = `${migrationPath(id, migrationId)}/action`;
      const answer = await client.send('POST', path, { force_complete: null }, call);
      return { requestId: answer.requestId };
    },
    listInstanceActions: async (id, call) => {
      const path = pathOf`/servers/${id}/os-instance-actions`;
      const found = await client.list(path, { items: 'instanceActions', links: 'links' }, {}, call);
      return found.map(readInstanceAction);
    },
    showInstanceAction: async (id, requestId, call) => {
      const path = pathOf`/servers/${id}/os-instance-actions/${requestId}`;
      return readInstanceAction((await client.get(path, {}, call)).object('instanceAction'));
    },
    listAggregates: async (call) =>
      (await client.get('/os-aggregates', {}, call)).list('aggregates').map(readAggregate),
    listServerGroups: async (query = {}, call) => {
      const all = query.allProjects === false ? undefined : 'true';
      return (await client.get('/os-server-groups', { all_projects: all }, call))
        .list('server_groups')
        .map(readServerGroup);
    },
    evacuateServer: (id, spec = {}, call) =>
      act(id, { evacuate: spec.host === undefined ? {} : { host: spec.host } }, call, 'never'),
    coldMigrateServer: (id, spec = {}, call) =>
      act(id, { migrate: spec.host === undefined ? null : { host: spec.host } }, call, 'never'),
    confirmResize: (id, call) => act(id, { confirmResize: null }, call),
    revertResize: (id, call) => act(id, { revertResize: null }, call),
  };
}
