import type { FlavorSpec, ServerLoadSpec } from '../spec.ts';
import { beginAction, controllerName, momentEvent } from './actions.ts';
import { addMigration, type LiveMigrations, setMigration } from './live-migration.ts';
import { claimOf } from './placement-ledger.ts';
import { bindPort, createPort, deletePort, portsOfServer, setDevice } from './port-bindings.ts';
import { pickHost, scheduleOn } from './scheduler.ts';
import {
  type MigrationState,
  type PortState,
  type ServerState,
  setWhereabouts,
  type World,
} from './world.ts';

/** What a server is made of. */
export interface NewServer {
  readonly id: string;
  readonly name: string;
  readonly flavor: FlavorSpec;
  readonly load: ServerLoadSpec;
  readonly imageId: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly projectId: string;
  readonly locked?: boolean;
}

/** A server that is not anywhere yet. */
export function newServer(world: World, fields: NewServer): ServerState {
  const nowMs = world.clock.nowMs();
  const server: ServerState = {
    ...fields,
    number: world.next('server'),
    portIds: [],
    createdMs: nowMs,
    host: '',
    runsOn: '',
    vmState: 'building',
    taskState: null,
    taskVisibleMs: 0,
    updatedMs: nowMs,
    launchedMs: null,
    paused: false,
    fault: null,
    actions: [],
    whereabouts: [],
  };
  world.servers.set(server.id, server);
  return server;
}

/** Attaches ports and claims resources: the server is on the host, not yet running. */
export function placeServer(world: World, server: ServerState, host: string): void {
  server.host = host;
  setWhereabouts(world, server, host);
  world.ledger.claim(server.id, host, claimOf(server));
}

/** Lets a server run. */
export function launchServer(world: World, server: ServerState): void {
  server.vmState = 'active';
  server.taskState = null;
  server.launchedMs = world.clock.nowMs();
  server.updatedMs = server.launchedMs;
  world.events.serverAdded(server);
}

/** The operations on servers that are not live migrations. */
export class ServerOperations {
  readonly #world: World;
  readonly #moves: LiveMigrations;

  constructor(world: World, moves: LiveMigrations) {
    this.#world = world;
    this.#moves = moves;
  }

  /** Builds a server in the background; a refusal of the scheduler ends in ERROR with a fault. */
  create(
    fields: Omit<NewServer, 'id'>,
    options: {
      ports: readonly PortState[];
      newPorts: number;
      host: string | null;
      requestId: string;
    },
  ): ServerState {
    const world = this.#world;
    const server = newServer(world, { ...fields, id: world.newId('server') });
    server.taskState = 'scheduling';
    const action = beginAction(world, server, 'create', options.requestId);
    for (const port of options.ports) setDevice(world, port, server.id, 'compute:nova');
    server.portIds.push(...options.ports.map(({ id }) => id));
    world.clock.after(world.timings.buildMs, () => {
      if (server.vmState === 'deleted') return;
      const named = options.host === null ? undefined : world.hosts.get(options.host);
      const host = options.host === null ? pickHost(world, server, []) : named;
      if (host === undefined || scheduleOn(world, server, host) !== 'fits') {
        server.vmState = 'error';
        server.taskState = null;
        server.fault = {
          message: 'No valid host was found. There are not enough hosts available.',
          atMs: world.clock.nowMs(),
        };
        momentEvent(
          world,
          action,
          'conductor_schedule_and_build_instances',
          controllerName,
          server.fault.message,
        );
        return;
      }
      placeServer(world, server, host.name);
      for (let i = 0; i < options.newPorts; i += 1) {
        const port = createPort(world, { name: '' });
        setDevice(world, port, server.id, 'compute:nova');
        server.portIds.push(port.id);
      }
      for (const port of portsOfServer(world, server)) bindPort(world, port, host.name);
      momentEvent(world, action, 'compute__do_build_and_run_instance', host.name);
      launchServer(world, server);
    });
    return server;
  }

  delete(server: ServerState, requestId: string): void {
    const world = this.#world;
    beginAction(world, server, 'delete', requestId);
    server.taskState = 'deleting';
    world.clock.after(world.timings.deleteMs, () => {
      this.#moves.drop(server);
      server.vmState = 'deleted';
      world.servers.delete(server.id);
      world.ledger.releaseAll(server.id);
      for (const group of world.groups.values()) group.members.delete(server.id);
      // While the ports still name it: its chains lose a member.
      world.events.serversChanged([server.id]);
      // Nova unbinds the ports that it was given and deletes those that it made.
      for (const port of portsOfServer(world, server)) {
        if (port.name === '') deletePort(world, port);
        else {
          bindPort(world, port, '');
          setDevice(world, port, '', '');
        }
      }
      world.events.serverRemoved(server);
    });
  }

  stop(server: ServerState, requestId: string): void {
    this.#power(server, 'stop', requestId);
  }

  start(server: ServerState, requestId: string): void {
    this.#power(server, 'start', requestId);
  }

  #power(server: ServerState, what: 'stop' | 'start', requestId: string): void {
    const world = this.#world;
    const action = beginAction(world, server, what, requestId);
    server.taskState = what === 'stop' ? 'powering-off' : 'powering-on';
    world.clock.after(world.timings.deleteMs, () => {
      server.vmState = what === 'stop' ? 'stopped' : 'active';
      server.taskState = null;
      server.updatedMs = world.clock.nowMs();
      momentEvent(world, action, `compute_${what}_instance`, server.host);
      world.events.serversChanged([server.id]);
    });
  }

  /** Cold migration: stops the guest, moves it, and waits to be confirmed or reverted. */
  coldMigrate(server: ServerState, host: string | null, requestId: string): void {
    const world = this.#world;
    const action = beginAction(world, server, 'migrate', requestId);
    const record = addMigration(world, server, 'migration', host);
    server.taskState = 'resize_prep';
    world.clock.after(world.timings.schedulingMs, () => {
      const named = host === null ? undefined : world.hosts.get(host);
      const target = host === null ? pickHost(world, server, [server.host]) : named;
      const verdict = target === undefined ? 'none' : scheduleOn(world, server, target);
      if (target === undefined || verdict !== 'fits') {
        server.taskState = null;
        setMigration(world, record, 'error');
        const details =
          verdict === 'none' || verdict === 'fits' ? 'No valid host was found. ' : verdict;
        momentEvent(world, action, 'conductor_migrate_server', controllerName, details);
        return;
      }
      record.target = target.name;
      setMigration(world, record, 'migrating');
      world.ledger.handOver(server.id, record.uuid, server.host);
      world.ledger.claim(server.id, target.name, claimOf(server));
      server.paused = true;
      world.events.serversChanged([server.id]);
      world.clock.after(world.timings.buildMs, () => {
        this.#relocate(server, target.name);
        server.vmState = 'resized';
        server.taskState = null;
        setMigration(world, record, 'finished');
        momentEvent(world, action, 'compute_finish_resize', target.name);
      });
    });
  }

  #relocate(server: ServerState, host: string): void {
    const world = this.#world;
    server.host = host;
    setWhereabouts(world, server, host);
    server.paused = false;
    server.updatedMs = world.clock.nowMs();
    for (const port of portsOfServer(world, server)) bindPort(world, port, host);
    world.events.serversChanged([server.id]);
  }

  #finished(server: ServerState): MigrationState | undefined {
    return this.#world.migrationsOf
      .get(server.id)
      ?.findLast(({ status, type }) => status === 'finished' && type === 'migration');
  }

  confirm(server: ServerState, requestId: string): void {
    const world = this.#world;
    const record = this.#finished(server);
    beginAction(world, server, 'confirmResize', requestId);
    if (record !== undefined) {
      world.ledger.releaseAll(record.uuid);
      setMigration(world, record, 'confirmed');
    }
    server.vmState = 'active';
    server.updatedMs = world.clock.nowMs();
  }

  revert(server: ServerState, requestId: string): void {
    const world = this.#world;
    const record = this.#finished(server);
    const action = beginAction(world, server, 'revertResize', requestId);
    if (record === undefined) return;
    server.taskState = 'resize_reverting';
    server.paused = true;
    world.clock.after(world.timings.buildMs, () => {
      world.ledger.releaseAll(server.id);
      world.ledger.handOver(record.uuid, server.id, record.source);
      this.#relocate(server, record.source);
      server.vmState = 'active';
      server.taskState = null;
      setMigration(world, record, 'reverted');
      momentEvent(world, action, 'compute_finish_revert_resize', record.source);
    });
  }
}
