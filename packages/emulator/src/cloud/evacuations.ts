import { beginAction, controllerName, momentEvent } from './actions.ts';
import { addMigration, setMigration } from './live-migration.ts';
import { claimOf } from './placement-ledger.ts';
import { bindPort, portsOfServer } from './port-bindings.ts';
import { noMoreHosts, pickHost, scheduleOn } from './scheduler.ts';
import {
  type ActionState,
  type MigrationState,
  type ServerState,
  setWhereabouts,
  type World,
} from './world.ts';

/** How often a rebuild looks again whether its dead host has come back. */
const lookAgainMs = 500;

/** Servers of dead hosts made anew elsewhere, as Nova's conductor and computes do it. */
export class Evacuations {
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  /** Takes a request in; a refusal of the scheduler shows in the action, and the server ends in ERROR. */
  start(server: ServerState, host: string | null, requestId: string): void {
    const world = this.#world;
    const action = beginAction(world, server, 'evacuate', requestId);
    const record = addMigration(world, server, 'evacuation', host);
    server.taskState = 'rebuilding';
    world.clock.after(world.timings.schedulingMs, () => {
      const named = host === null ? undefined : world.hosts.get(host);
      const target = host === null ? pickHost(world, server, [server.host]) : named;
      const verdict = target === undefined ? noMoreHosts : scheduleOn(world, server, target);
      if (target === undefined || verdict !== 'fits') {
        const event = 'conductor_rebuild_instance';
        this.#fail({ server, record, action }, 'error', event, controllerName, verdict);
        return;
      }
      record.target = target.name;
      setMigration(world, record, 'pre-migrating');
      world.ledger.claim(server.id, target.name, claimOf(server));
      world.clock.after(world.timings.buildMs, () => this.#rebuild(server, record, action));
    });
  }

  /** What was evacuated from a host and not yet cleaned up there: Nova does not let it be forced up so long. */
  unclean(host: string): MigrationState[] {
    return this.#world.migrations.filter(
      ({ type, source, status, serverId }) =>
        type === 'evacuation' &&
        source === host &&
        status === 'done' &&
        this.#world.servers.has(serverId),
    );
  }

  /** The dead host's nova-compute has started again: it destroys what was evacuated from it. */
  hostBack(host: string): void {
    for (const record of this.unclean(host)) setMigration(this.#world, record, 'completed');
  }

  #rebuild(server: ServerState, record: MigrationState, action: ActionState): void {
    const world = this.#world;
    if (!world.servers.has(server.id)) return;
    const target = record.target ?? '';
    // A destination that dies meanwhile leaves the server as it stands until it comes back.
    if (world.hosts.get(target)?.computeDiedMs !== 'alive') {
      world.clock.after(lookAgainMs, () => this.#rebuild(server, record, action));
      return;
    }
    const event = 'compute_rebuild_instance';
    const faults = [world.migrationFaults.get(target), world.migrationFaults.get('*')];
    const reason = faults.find((fault) => fault?.rebuildFail !== undefined)?.rebuildFail;
    if (reason !== undefined) {
      world.ledger.release(server.id, target);
      this.#fail({ server, record, action }, 'failed', event, target, reason);
      return;
    }
    const { source } = record;
    world.ledger.release(server.id, source);
    server.host = target;
    setWhereabouts(world, server, target);
    if (server.vmState !== 'stopped') server.vmState = 'active';
    server.taskState = null;
    server.fault = null;
    server.paused = false;
    server.updatedMs = world.clock.nowMs();
    for (const port of portsOfServer(world, server)) bindPort(world, port, target);
    world.events.serversChanged([server.id]);
    setMigration(world, record, 'done');
    momentEvent(world, action, event, target);
  }

  #fail(
    {
      server,
      record,
      action,
    }: { server: ServerState; record: MigrationState; action: ActionState },
    status: 'error' | 'failed',
    event: string,
    host: string,
    details: string,
  ): void {
    const world = this.#world;
    server.vmState = 'error';
    server.taskState = null;
    server.fault = { message: details, atMs: world.clock.nowMs() };
    server.updatedMs = world.clock.nowMs();
    setMigration(world, record, status);
    momentEvent(world, action, event, host, details);
    world.events.serversChanged([server.id]);
  }
}
