import type { Evacuations } from '../cloud/evacuations.ts';
import type { LiveMigrations } from '../cloud/live-migration.ts';
import type { ServerOperations } from '../cloud/server-operations.ts';
import { type ServerState, serviceState, type World } from '../cloud/world.ts';
import { ApiError } from './api-error.ts';
import { type ApiRequest, type ApiResponse, asRecord, bodyOf, param, textOf } from './router.ts';

/** The parts of the cloud that Nova drives. */
export interface NovaParts {
  readonly world: World;
  readonly moves: LiveMigrations;
  readonly operations: ServerOperations;
  readonly evacuations: Evacuations;
  readonly maxMicroversion: string;
}

/** A server by id; 404 in Nova's words. */
export function serverOf(world: World, request: ApiRequest): ServerState {
  const id = param(request, 'server');
  const server = world.servers.get(id);
  if (server === undefined) throw new ApiError(404, `Instance ${id} could not be found.`);
  return server;
}

/** A value as Python prints it in Nova's schema errors. */
function pythonText(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonText).join(', ')}]`;
  return `{${Object.entries(value)
    .map(([key, inner]) => `'${key}': ${pythonText(inner)}`)
    .join(', ')}}`;
}

function refuseState(server: ServerState, action: string, allowed: readonly string[]): void {
  const head = `Cannot '${action}' instance ${server.id} while it is in`;
  if (!allowed.includes(server.vmState))
    throw new ApiError(409, `${head} vm_state ${server.vmState}`);
  if (server.taskState !== null) throw new ApiError(409, `${head} task_state ${server.taskState}`);
}

function knownHost(parts: NovaParts, name: string | null): void {
  if (name !== null && !parts.world.hosts.has(name))
    throw new ApiError(400, `Compute host ${name} could not be found.`);
}

function liveMigrate(parts: NovaParts, request: ApiRequest, server: ServerState): ApiResponse {
  const { microversion } = request;
  const body = bodyOf(request, 'os-migrateLive');
  const head = `Invalid input for field/attribute os-migrateLive. Value: ${pythonText(body)}. `;
  for (const field of ['host', 'block_migration'])
    if (!(field in body)) throw new ApiError(400, `${head}'${field}' is a required property`);
  const withForce = microversion >= 30 && microversion < 68;
  const extra = Object.keys(body).find(
    (key) => key !== 'host' && key !== 'block_migration' && !(withForce && key === 'force'),
  );
  if (extra !== undefined)
    throw new ApiError(
      400,
      `${head}Additional properties are not allowed ('${extra}' was unexpected)`,
    );
  const host = textOf(body.host) ?? null;
  knownHost(parts, host);
  refuseState(server, 'os-migrateLive', ['active', 'paused']);
  const force = body.force === true;
  parts.moves.start(server, { host, force, requestId: request.requestId });
  return { status: 202 };
}

function hostOf(parts: NovaParts, body: unknown): string | null {
  const host = textOf(asRecord(body).host) ?? null;
  knownHost(parts, host);
  return host;
}

/** `POST /servers/{id}/action`. */
export function serverAction(parts: NovaParts, request: ApiRequest): ApiResponse {
  const server = serverOf(parts.world, request);
  const { operations, world } = parts;
  const { requestId } = request;
  const body = asRecord(request.body);
  const [action] = Object.keys(body);
  switch (action) {
    case 'os-migrateLive':
      return liveMigrate(parts, request, server);
    case 'os-stop':
      refuseState(server, 'stop', ['active']);
      operations.stop(server, requestId);
      return { status: 202 };
    case 'os-start':
      refuseState(server, 'start', ['stopped']);
      operations.start(server, requestId);
      return { status: 202 };
    case 'migrate': {
      const host = hostOf(parts, body.migrate);
      refuseState(server, 'migrate', ['active', 'stopped']);
      if (host === server.host)
        throw new ApiError(400, 'Cannot migrate to the host where the server exists.');
      operations.coldMigrate(server, host, requestId);
      return { status: 202 };
    }
    case 'confirmResize':
      refuseState(server, 'confirmResize', ['resized']);
      operations.confirm(server, requestId);
      return { status: 204 };
    case 'revertResize':
      refuseState(server, 'revertResize', ['resized']);
      operations.revert(server, requestId);
      return { status: 202 };
    case 'evacuate': {
      const host = hostOf(parts, body.evacuate);
      const source = world.hosts.get(server.host);
      if (source !== undefined && serviceState(world, source) === 'up')
        throw new ApiError(400, `Compute service of ${server.host} is still in use.`);
      if (host === server.host) throw new ApiError(400, "The target host can't be the same one.");
      refuseState(server, 'evacuate', ['active', 'stopped', 'error']);
      parts.evacuations.start(server, host, requestId);
      return { status: 200 };
    }
    default:
      throw new ApiError(400, `There is no such action: ${action ?? ''}`);
  }
}

/** `POST /servers`. */
export function createServer(parts: NovaParts, request: ApiRequest): ApiResponse {
  const { operations, world } = parts;
  const body = bodyOf(request, 'server');
  const flavorId = textOf(body.flavorRef) ?? '';
  const flavor = world.flavors.get(flavorId);
  if (flavor === undefined) throw new ApiError(400, `Flavor ${flavorId} could not be found.`);
  const name = textOf(body.name);
  if (name === undefined)
    throw new ApiError(
      400,
      "Invalid input for field/attribute server. 'name' is a required property",
    );
  const host = textOf(body.host) ?? null;
  knownHost(parts, host);
  const networks = Array.isArray(body.networks) ? body.networks.map(asRecord) : [];
  const ports = networks.flatMap((network) => {
    const id = textOf(network.port);
    if (id === undefined) return [];
    const port = world.ports.get(id);
    if (port === undefined) throw new ApiError(400, `Port id ${id} could not be found.`);
    if (port.deviceId !== '') throw new ApiError(409, `Port ${id} is still in use.`);
    return [port];
  });
  const hints = asRecord(asRecord(request.body)['os:scheduler_hints']);
  const groupId = textOf(hints.group);
  const group = groupId === undefined ? undefined : world.groups.get(groupId);
  if (groupId !== undefined && group === undefined)
    throw new ApiError(400, `Server group ${groupId} could not be found.`);
  const metadata = Object.fromEntries(
    Object.entries(asRecord(body.metadata)).map(([key, value]) => [key, String(value)]),
  );
  const tags = Array.isArray(body.tags) ? body.tags.map(String) : [];
  const server = operations.create(
    {
      name,
      flavor,
      load: world.spec.defaultServerLoad,
      imageId: textOf(body.imageRef) ?? world.ids.imageId,
      metadata,
      tags,
      projectId: world.ids.projectId,
    },
    {
      ports,
      newPorts: networks.length - ports.length,
      host,
      requestId: request.requestId,
    },
  );
  group?.members.add(server.id);
  return {
    status: 202,
    body: {
      server: {
        id: server.id,
        links: [{ rel: 'self', href: `${request.serviceUrl}/servers/${server.id}` }],
        'OS-DCF:diskConfig': 'MANUAL',
        security_groups: [{ name: 'default' }],
        adminPass: 'emulated',
      },
    },
  };
}
