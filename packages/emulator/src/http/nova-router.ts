import type { WireFlavor, WireHostAggregate } from '@sidestep/openstack/wire';
import type { HostState } from '../cloud/host-state.ts';
import { type MigrationState, type ServerState, serviceState, type World } from '../cloud/world.ts';
import { seededUuid } from '../seed.ts';
import type { FlavorSpec } from '../spec.ts';
import { ApiError } from './api-error.ts';
import { createServer, type NovaParts, serverAction, serverOf } from './nova-actions.ts';
import {
  actionView,
  hypervisorView,
  isInProgress,
  migrationView,
  serverMigrationView,
  serverView,
  serviceView,
  statusOf,
} from './nova-views.ts';
import { type ApiRequest, asRecord, bodyOf, pageOf, param, Router, textOf } from './router.ts';

/** Nova's osapi_max_limit. */
const MAX_PAGE = 1000;

/** Nova takes the name as a regular expression. */
function namePattern(name: string | null): RegExp | undefined {
  try {
    return name === null ? undefined : new RegExp(name);
  } catch {
    throw new ApiError(400, `Invalid input for query parameters name. Value: ${name}.`);
  }
}

function filteredServers(world: World, query: URLSearchParams): ServerState[] {
  const host = query.get('host');
  const pattern = namePattern(query.get('name'));
  const status = query.get('status');
  const rows: ServerState[] = [];
  for (const server of world.servers.values()) {
    if (host !== null && server.host !== host) continue;
    if (pattern !== undefined && !pattern.test(server.name)) continue;
    if (status !== null && statusOf(world, server) !== status.toUpperCase()) continue;
    rows.push(server);
  }
  // Newest first, as Nova sorts; servers of one instant by number.
  return rows.sort((a, b) => b.createdMs - a.createdMs || b.number - a.number);
}

function flavorView(flavor: FlavorSpec): WireFlavor & Record<string, unknown> {
  return {
    id: flavor.id,
    name: flavor.name,
    vcpus: flavor.vcpus,
    ram: flavor.ramMiB,
    disk: flavor.diskGiB,
    'OS-FLV-EXT-DATA:ephemeral': 0,
    swap: 0,
    rxtx_factor: 1,
    'os-flavor-access:is_public': true,
    'OS-FLV-DISABLED:disabled': false,
    description: null,
    extra_specs: { ...flavor.extraSpecs },
  };
}

function newFlavor(world: World, request: ApiRequest): FlavorSpec {
  const body = bodyOf(request, 'flavor');
  const asked = textOf(body.id);
  const id = asked === undefined || asked === 'auto' ? world.newId('flavor') : asked;
  const name = textOf(body.name) ?? id;
  for (const known of world.flavors.values()) {
    if (known.id === id) throw new ApiError(409, `Flavor with ID ${id} already exists.`);
    if (known.name === name) throw new ApiError(409, `Flavor with name ${name} already exists.`);
  }
  const [vcpus, ramMiB, diskGiB] = [Number(body.vcpus), Number(body.ram), Number(body.disk)];
  if (!(vcpus > 0) || !(ramMiB > 0) || !(diskGiB >= 0))
    throw new ApiError(400, 'Invalid input for field/attribute flavor.');
  const flavor: FlavorSpec = { id, name, vcpus, ramMiB, diskGiB };
  world.flavors.set(id, flavor);
  return flavor;
}

function filteredMigrations(
  world: World,
  query: URLSearchParams,
): { id: string; record: MigrationState }[] {
  const serverId = query.get('instance_uuid');
  const status = query.get('status');
  const type = query.get('migration_type');
  const host = query.get('host');
  const source = query.get('source_compute');
  const since = query.get('changes-since');
  const sinceMs = since === null ? Number.NEGATIVE_INFINITY : Date.parse(since);
  const all = serverId === null ? world.migrations : (world.migrationsOf.get(serverId) ?? []);
  return visible(world, all)
    .filter((record) => status === null || record.status === status)
    .filter((record) => type === null || record.type === type)
    .filter((record) => host === null || record.source === host || record.target === host)
    .filter((record) => source === null || record.source === source)
    .filter((record) => record.updatedMs >= sinceMs)
    .toReversed()
    .map((record) => ({ id: record.uuid, record }));
}

function visible(world: World, records: readonly MigrationState[]): MigrationState[] {
  const nowMs = world.clock.nowMs();
  return records.filter(({ visibleMs }) => visibleMs <= nowMs);
}

function serviceOf(world: World, id: string): HostState {
  for (const host of world.hosts.values()) if (host.serviceId === id) return host;
  throw new ApiError(404, `Compute service ${id} could not be found.`);
}

/** Nova v2.1 behind its version document. */
export function novaRouter(parts: NovaParts): Router {
  const { maxMicroversion, moves, world } = parts;

  const versionBody = (request: ApiRequest): unknown => ({
    id: 'v2.1',
    status: 'CURRENT',
    version: maxMicroversion,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${request.serviceUrl}/` }],
  });

  const migrationOf = (request: ApiRequest): MigrationState => {
    const server = serverOf(world, request);
    const number = Number(param(request, 'migration'));
    const record = visible(world, world.migrationsOf.get(server.id) ?? []).find(
      (candidate) => candidate.number === number,
    );
    if (record === undefined || !isInProgress(record))
      throw new ApiError(
        404,
        `In-progress live migration ${param(request, 'migration')} is not found for server ${server.id}.`,
      );
    moves.refreshProgress(record);
    return record;
  };

  const flavorOf = (request: ApiRequest): FlavorSpec => {
    const id = param(request, 'flavor');
    const flavor = world.flavors.get(id);
    if (flavor === undefined) throw new ApiError(404, `Flavor ${id} could not be found.`);
    return flavor;
  };

  const updateService = (request: ApiRequest): HostState => {
    const host = serviceOf(world, param(request, 'service'));
    const body = asRecord(request.body);
    const status = textOf(body.status);
    if (status !== undefined && status !== 'enabled' && status !== 'disabled')
      throw new ApiError(400, `Invalid input for field/attribute status. Value: ${status}.`);
    if (status !== undefined) {
      host.enabled = status === 'enabled';
      host.disabledReason = host.enabled ? null : (textOf(body.disabled_reason) ?? null);
    }
    if (typeof body.forced_down === 'boolean') {
      if (!body.forced_down && host.forcedDown && parts.evacuations.unclean(host.name).length > 0)
        throw new ApiError(
          400,
          `Unset of forced_down is not allowed: host ${host.name} has evacuations in status done.`,
        );
      host.forcedDown = body.forced_down;
    }
    return host;
  };

  return new Router()
    .on('GET', '/', (request) => ({ status: 200, body: { version: versionBody(request) } }))
    .on('GET', '/os-hypervisors/detail', (request) => {
      const withServers = request.query.get('with_servers') === 'true';
      const byHost = new Map<string, { name: string; uuid: string }[]>();
      if (withServers)
        for (const server of world.servers.values()) {
          const list = byHost.get(server.host) ?? [];
          list.push({ name: server.name, uuid: server.id });
          byHost.set(server.host, list);
        }
      const hosts = [...world.hosts.values()].map((host) => ({ host, id: host.providerId }));
      const { nextHref, page } = pageOf(request, hosts, MAX_PAGE);
      const hypervisors = page.map(({ host }) =>
        hypervisorView(
          world,
          host,
          request.microversion,
          withServers ? (byHost.get(host.name) ?? []) : 'not-asked',
        ),
      );
      const links =
        nextHref === undefined ? {} : { hypervisors_links: [{ rel: 'next', href: nextHref }] };
      return { status: 200, body: { hypervisors, ...links } };
    })
    .on('GET', '/os-hypervisors', () => ({
      status: 200,
      body: {
        hypervisors: Array.from(world.hosts.values(), (host) => ({
          id: host.providerId,
          hypervisor_hostname: host.name,
          state: serviceState(world, host),
          status: host.enabled ? 'enabled' : 'disabled',
        })),
      },
    }))
    .on('GET', '/os-hypervisors/:hypervisor', (request) => {
      for (const host of world.hosts.values())
        if (host.providerId === param(request, 'hypervisor'))
          return {
            status: 200,
            body: { hypervisor: hypervisorView(world, host, request.microversion, 'not-asked') },
          };
      throw new ApiError(404, `Compute host ${param(request, 'hypervisor')} could not be found.`);
    })
    .on('GET', '/os-services', ({ query }) => {
      const host = query.get('host');
      const binary = query.get('binary');
      const services = [...world.hosts.values()]
        .filter(({ name }) => host === null || host === name)
        .map((state) => serviceView(world, state))
        .filter((service) => binary === null || binary === service.binary);
      return { status: 200, body: { services } };
    })
    .on('PUT', '/os-services/:service', (request) => ({
      status: 200,
      body: { service: serviceView(world, updateService(request)) },
    }))
    .on('GET', '/flavors/detail', (request) => {
      const { nextHref, page } = pageOf(request, [...world.flavors.values()], MAX_PAGE);
      const links =
        nextHref === undefined ? {} : { flavors_links: [{ rel: 'next', href: nextHref }] };
      return { status: 200, body: { flavors: page.map(flavorView), ...links } };
    })
    .on('POST', '/flavors', (request) => {
      const flavor = newFlavor(world, request);
      return { status: 200, body: { flavor: flavorView(flavor) } };
    })
    .on('GET', '/flavors/:flavor', (request) => ({
      status: 200,
      body: { flavor: flavorView(flavorOf(request)) },
    }))
    .on('DELETE', '/flavors/:flavor', (request) => {
      world.flavors.delete(flavorOf(request).id);
      return { status: 202 };
    })
    .on('GET', '/os-aggregates', () => ({
      status: 200,
      body: {
        aggregates: (world.spec.aggregates ?? []).map(
          ({ name, hosts, metadata }, index): WireHostAggregate & Record<string, unknown> => ({
            id: index + 1,
            uuid: seededUuid(world.spec.seed, 'aggregate', name),
            name,
            hosts: [...hosts],
            metadata: { ...metadata },
            availability_zone: metadata.availability_zone ?? null,
            deleted: false,
            created_at: '2026-01-01T00:00:00.000000',
            updated_at: null,
            deleted_at: null,
          }),
        ),
      },
    }))
    .on('GET', '/os-server-groups', () => ({
      status: 200,
      body: {
        server_groups: Array.from(world.groups.values(), (group) => ({
          id: group.id,
          name: group.name,
          policy: group.policy,
          rules: {},
          members: [...group.members],
          project_id: world.ids.projectId,
          user_id: world.ids.userId,
        })),
      },
    }))
    .on('GET', '/servers/detail', (request) => {
      const rows = filteredServers(world, request.query);
      const { nextHref, page } = pageOf(request, rows, MAX_PAGE);
      const servers = page.map((server) => {
        const { server_groups: _, ...view } = serverView(world, request.serviceUrl, server);
        return view;
      });
      const links =
        nextHref === undefined ? {} : { servers_links: [{ rel: 'next', href: nextHref }] };
      return { status: 200, body: { servers, ...links } };
    })
    .on('GET', '/servers', (request) => {
      const { page } = pageOf(request, filteredServers(world, request.query), MAX_PAGE);
      return { status: 200, body: { servers: page.map(({ id, name }) => ({ id, name })) } };
    })
    .on('POST', '/servers', (request) => createServer(parts, request))
    .on('GET', '/servers/:server', (request) => ({
      status: 200,
      body: { server: serverView(world, request.serviceUrl, serverOf(world, request)) },
    }))
    .on('DELETE', '/servers/:server', (request) => {
      parts.operations.delete(serverOf(world, request), request.requestId);
      return { status: 204 };
    })
    .on('POST', '/servers/:server/action', (request) => serverAction(parts, request))
    .on('GET', '/servers/:server/migrations', (request) => {
      const server = serverOf(world, request);
      const records = visible(world, world.migrationsOf.get(server.id) ?? []).filter(
        (record) => record.type === 'live-migration' && isInProgress(record),
      );
      for (const record of records) moves.refreshProgress(record);
      return {
        status: 200,
        body: { migrations: records.map((record) => serverMigrationView(world, record)) },
      };
    })
    .on('GET', '/servers/:server/migrations/:migration', (request) => ({
      status: 200,
      body: { migration: serverMigrationView(world, migrationOf(request)) },
    }))
    .on('DELETE', '/servers/:server/migrations/:migration', (request) => {
      const record = migrationOf(request);
      if (record.status === 'accepted') {
        const text = `Migration ${record.number} state of instance ${record.serverId} is accepted. Cannot abort the live migration while the migration is in this state.`;
        throw new ApiError(400, text);
      }
      moves.abort(record);
      return { status: 202 };
    })
    .on('POST', '/servers/:server/migrations/:migration/action', (request) => {
      const record = migrationOf(request);
      if (!('force_complete' in asRecord(request.body)))
        throw new ApiError(400, "Invalid input: 'force_complete' is a required property");
      if (record.status !== 'running') {
        const text = `Migration ${record.number} state of instance ${record.serverId} is ${record.status}. Cannot force_complete while the migration is in this state.`;
        throw new ApiError(400, text);
      }
      moves.forceComplete(record);
      return { status: 202 };
    })
    .on('GET', '/os-migrations', (request) => {
      const rows = filteredMigrations(world, request.query);
      const { nextHref, page } = pageOf(request, rows, MAX_PAGE);
      const migrations = page.map(({ record }) => migrationView(world, request.serviceUrl, record));
      const links =
        nextHref === undefined ? {} : { migrations_links: [{ rel: 'next', href: nextHref }] };
      return { status: 200, body: { migrations, ...links } };
    })
    .on('GET', '/servers/:server/os-instance-actions', (request) => {
      const server = serverOf(world, request);
      const instanceActions = server.actions
        .toReversed()
        .map((action) => actionView(world, server, action, 'not-shown'));
      return { status: 200, body: { instanceActions } };
    })
    .on('GET', '/servers/:server/os-instance-actions/:action', (request) => {
      const server = serverOf(world, request);
      const id = param(request, 'action');
      const action = server.actions.find(({ requestId }) => requestId === id);
      if (action === undefined)
        throw new ApiError(404, `Action for request_id ${id} on instance ${server.id} not found`);
      const { microversion } = request;
      return {
        status: 200,
        body: { instanceAction: actionView(world, server, action, { microversion }) },
      };
    });
}
