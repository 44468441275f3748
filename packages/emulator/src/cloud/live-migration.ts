import type { MigrationFault } from '../faults.ts';
import { beginAction, beginEvent, controllerName, endEvent, momentEvent } from './actions.ts';
import type { CopyPool, RunningCopy } from './copy-pool.ts';
import { claimOf } from './placement-ledger.ts';
import {
  activateBinding,
  addInactiveBinding,
  dropBinding,
  isBindable,
  portsOfServer,
} from './port-bindings.ts';
import { noMoreHosts, pickHost, scheduleOn } from './scheduler.ts';
import {
  type ActionEvent,
  type ActionState,
  type MigrationState,
  type ServerState,
  serviceState,
  setWhereabouts,
  type World,
} from './world.ts';

/** What Nova is asked for. */
export interface LiveMigrationRequest {
  readonly host: string | null;
  /** Microversions below 2.68: skip the scheduler. */
  readonly force: boolean;
  readonly requestId: string;
}

interface Move {
  readonly server: ServerState;
  readonly record: MigrationState;
  readonly action: ActionState;
  readonly conductor: ActionEvent;
  readonly request: LiveMigrationRequest;
  copy: RunningCopy | undefined;
  over: boolean;
}

const MIB = 1024 * 1024;

/** Makes a record; it shows up in lists a moment later. */
export function addMigration(
  world: World,
  server: ServerState,
  type: MigrationState['type'],
  target: string | null,
): MigrationState {
  const nowMs = world.clock.nowMs();
  const record: MigrationState = {
    number: world.next('migration'),
    uuid: world.newId('migration'),
    type,
    serverId: server.id,
    source: server.host,
    target,
    status: 'accepted',
    createdMs: nowMs,
    updatedMs: nowMs,
    visibleMs: nowMs + world.timings.recordVisibleMs,
    progress: null,
  };
  world.migrations.push(record);
  const own = world.migrationsOf.get(server.id) ?? [];
  own.push(record);
  world.migrationsOf.set(server.id, own);
  return record;
}

/** Writes a record's state. */
export function setMigration(world: World, record: MigrationState, status: string): void {
  record.status = status;
  record.updatedMs = world.clock.nowMs();
}

/** Live migrations as Nova's conductor and computes carry them out, oddities included. */
export class LiveMigrations {
  readonly #world: World;
  readonly #pool: CopyPool;
  readonly #moves = new Map<number, Move>();

  constructor(world: World, pool: CopyPool) {
    this.#world = world;
    this.#pool = pool;
  }

  /** Takes a request in; everything else happens later, and a failure shows in the action only. */
  start(server: ServerState, request: LiveMigrationRequest): void {
    const world = this.#world;
    const action = beginAction(world, server, 'live-migration', request.requestId);
    server.taskState = 'migrating';
    server.taskVisibleMs = world.clock.nowMs() + world.timings.statusVisibleMs;
    server.updatedMs = world.clock.nowMs();
    const { migrationFaults } = world;
    const silent = [migrationFaults.get('*'), migrationFaults.get(server.host)];
    if (silent.some((fault) => fault?.conductorSilent === true)) return;
    const move: Move = {
      server,
      record: addMigration(world, server, 'live-migration', null),
      action,
      conductor: beginEvent(world, action, 'conductor_live_migrate_instance', controllerName),
      request,
      copy: undefined,
      over: false,
    };
    this.#moves.set(move.record.number, move);
    world.clock.after(world.timings.schedulingMs, () => this.#schedule(move));
  }

  /** Bytes of a move in progress, brought up to date. */
  refreshProgress(record: MigrationState): void {
    const move = this.#moves.get(record.number);
    if (move?.copy === undefined || record.progress === null) return;
    this.#progress(move);
  }

  abort(record: MigrationState): void {
    const move = this.#moves.get(record.number);
    // Past the switch there is nothing left to abort, although the record still reads `running`.
    if (move === undefined || move.copy?.state().phase === 'done') return;
    // The source's compute carries it out: a dead one never hears of it.
    if (!this.#lives(move.server.host)) return;
    move.copy?.abort();
    this.#world.clock.after(this.#world.timings.postMs, () => this.#rollBack(move, 'cancelled'));
  }

  forceComplete(record: MigrationState): void {
    const move = this.#moves.get(record.number);
    if (move !== undefined && this.#lives(move.server.host)) move.copy?.forceComplete();
  }

  /** A machine or its nova-compute died: copies on it break, unless it is the source's own story. */
  hostLost(host: string): void {
    for (const move of this.#moves.values()) {
      if (move.copy === undefined || move.copy.state().phase === 'done') continue;
      if (move.record.target === host || move.server.host === host) {
        move.copy.abort();
        // Only a living source compute can roll back; a dead one leaves everything as it stood.
        if (move.server.host !== host) this.#rollBack(move, 'failed');
      }
    }
  }

  /** A nova-compute is back: it settles what it left behind. */
  hostBack(host: string): void {
    for (const move of [...this.#moves.values()])
      if (move.copy !== undefined && move.server.host === host && move.record.status === 'running')
        this.#rollBack(move, 'error');
  }

  /** The server is gone. */
  drop(server: ServerState): void {
    for (const move of [...this.#moves.values()]) {
      if (move.server !== server) continue;
      move.copy?.abort();
      this.#rollBack(move, 'error');
    }
  }

  /** CPU that copies cost a host, in cores. */
  cores(host: string): number {
    return 0.4 * this.#pool.countOn(host);
  }

  #lives(host: string): boolean {
    return this.#world.hosts.get(host)?.computeDiedMs === 'alive';
  }

  #fault(move: Move): MigrationFault {
    const { migrationFaults } = this.#world;
    return {
      ...migrationFaults.get('*'),
      ...migrationFaults.get(move.server.host),
      ...migrationFaults.get(move.record.target ?? ''),
    };
  }

  #schedule(move: Move): void {
    if (move.over) return;
    const world = this.#world;
    const { server, request } = move;
    const source = world.hosts.get(server.host);
    if (source === undefined || serviceState(world, source) === 'down') {
      this.#refuse(move, `Compute service of ${server.host} is unavailable at this time.`);
      return;
    }
    if (request.force && request.host === server.host) {
      move.record.target = request.host;
      const details = `Unable to migrate instance (${server.id}) to current host (${server.host}).`;
      this.#refuse(move, details);
      return;
    }
    if (request.host === server.host) {
      this.#refuse(move, noMoreHosts);
      return;
    }
    const target =
      request.host === null
        ? pickHost(world, server, [server.host])
        : world.hosts.get(request.host);
    if (target === undefined) {
      this.#refuse(move, noMoreHosts);
      return;
    }
    const verdict = request.force ? 'fits' : scheduleOn(world, server, target);
    if (verdict !== 'fits') {
      this.#refuse(move, verdict);
      return;
    }
    // From here the target holds the server's claim, and the migration the source's.
    world.ledger.handOver(server.id, move.record.uuid, server.host);
    world.ledger.claim(server.id, target.name, claimOf(server));
    this.#awaitComputes(move, target.name, world.clock.nowMs());
  }

  /** The pre-checks are calls to both computes; one that has just died lets the caller wait. */
  #awaitComputes(move: Move, target: string, sinceMs: number): void {
    if (move.over) return;
    const { clock, timings } = this.#world;
    if (this.#lives(target) && this.#lives(move.server.host)) {
      clock.after(timings.precheckMs, () => this.#precheck(move, target));
      return;
    }
    const waitedMs = clock.nowMs() - sinceMs;
    if (waitedMs >= timings.rpcTimeoutMs) {
      this.#unclaim(move, target);
      this.#refuse(move, noMoreHosts);
      return;
    }
    clock.after(Math.min(500, timings.rpcTimeoutMs - waitedMs), () =>
      this.#awaitComputes(move, target, sinceMs),
    );
  }

  #precheck(move: Move, target: string): void {
    if (move.over) return;
    const world = this.#world;
    const { action, server } = move;
    const { precheckFail } = {
      ...world.migrationFaults.get('*'),
      ...world.migrationFaults.get(target),
    };
    if (precheckFail !== undefined) {
      const details = `Migration pre-check error: ${precheckFail}`;
      momentEvent(world, action, 'compute_check_can_live_migrate_destination', target, details);
      this.#unclaim(move, target);
      this.#refuse(move, noMoreHosts);
      return;
    }
    momentEvent(world, action, 'compute_check_can_live_migrate_destination', target);
    momentEvent(world, action, 'compute_check_can_live_migrate_source', server.host);
    const ports = portsOfServer(world, server);
    if (ports.length > 0 && !isBindable(world, target)) {
      this.#unclaim(move, target);
      this.#refuse(move, noMoreHosts);
      return;
    }
    world.clock.after(world.timings.preparingMs, () => this.#prepare(move, target));
  }

  #prepare(move: Move, target: string): void {
    if (move.over) return;
    const world = this.#world;
    move.record.target = target;
    setMigration(world, move.record, 'preparing');
    for (const port of portsOfServer(world, move.server)) addInactiveBinding(world, port, target);
    momentEvent(world, move.action, 'compute_live_migration', move.server.host);
    world.clock.after(world.timings.runningMs, () => this.#copy(move, target));
  }

  #copy(move: Move, target: string): void {
    if (move.over) return;
    const world = this.#world;
    const { server, record } = move;
    if (!this.#lives(target)) {
      this.#rollBack(move, 'failed');
      return;
    }
    momentEvent(world, move.action, 'compute_pre_live_migration', target);
    endEvent(world, move.action, move.conductor, null);
    setMigration(world, record, 'running');
    const fault = this.#fault(move);
    const bytes = server.flavor.ramMiB * MIB;
    move.copy = this.#pool.start({
      source: server.host,
      target,
      params: {
        memoryMiB: server.flavor.ramMiB,
        dirtyMiBPerSecond: server.load.dirtyMiBPerSecond,
        workingSetMiB: server.load.workingSetMiB,
        downtimeLimitMs: world.timings.downtimeLimitMs,
      },
      stallAtBytes: fault.hang === true ? 0.9 * bytes : 'never',
      failAtBytes: fault.fail === true || fault.rollbackFail !== undefined ? 0.5 * bytes : 'never',
      onStopped: () => this.#pause(server, true),
      onDone: () => this.#switchOver(move, target),
      onFailed: () => this.#failed(move, fault.rollbackFail),
    });
    world.clock.after(world.timings.progressMs, () => {
      if (!move.over) this.#progress(move);
    });
  }

  #progress(move: Move): void {
    const { copy, record, server } = move;
    if (copy === undefined) return;
    record.progress = {
      totalBytes: server.flavor.ramMiB * MIB,
      processedBytes: Math.round(copy.state().processedBytes),
      remainingBytes: Math.round(copy.remainingBytes()),
    };
    record.updatedMs = this.#world.clock.nowMs();
  }

  #pause(server: ServerState, paused: boolean): void {
    server.paused = paused;
    this.#world.events.serversChanged([server.id]);
  }

  /** The guest runs on the target; Nova does not say so yet. */
  #switchOver(move: Move, target: string): void {
    const world = this.#world;
    const { server, record } = move;
    if (record.progress !== null) record.progress = { ...record.progress, remainingBytes: 0 };
    setWhereabouts(world, server, target);
    server.paused = false;
    for (const port of portsOfServer(world, server)) activateBinding(world, port, target);
    world.events.serversChanged([server.id]);
    world.clock.after(world.timings.postMs, () => this.#settleServer(move, target));
  }

  #settleServer(move: Move, target: string): void {
    if (move.over) return;
    const world = this.#world;
    const { server, record } = move;
    const source = server.host;
    for (const port of portsOfServer(world, server)) dropBinding(world, port, source);
    server.host = target;
    this.#release(server);
    const event = 'compute_post_live_migration_at_destination';
    const { postFail } = this.#fault(move);
    momentEvent(world, move.action, event, target, postFail ?? null);
    if (postFail !== undefined) this.#leaveInError(server, postFail);
    move.over = true;
    world.clock.after(world.timings.completedMs, () => {
      world.ledger.releaseAll(record.uuid);
      setMigration(world, record, 'completed');
      this.#moves.delete(record.number);
    });
  }

  #release(server: ServerState): void {
    server.taskState = null;
    server.taskVisibleMs = 0;
    server.updatedMs = this.#world.clock.nowMs();
  }

  #unclaim(move: Move, target: string): void {
    const { ledger } = this.#world;
    ledger.release(move.server.id, target);
    ledger.handOver(move.record.uuid, move.server.id, move.server.host);
  }

  /** Before anything moved: the reason stands in the conductor's event, the record says `error`. */
  #refuse(move: Move, details: string): void {
    const world = this.#world;
    if (move.over) return;
    move.over = true;
    endEvent(world, move.action, move.conductor, details);
    setMigration(world, move.record, 'error');
    this.#release(move.server);
    this.#moves.delete(move.record.number);
  }

  #failed(move: Move, rollbackFail: string | undefined): void {
    if (rollbackFail === undefined) {
      this.#rollBack(move, 'failed');
      return;
    }
    const event = 'compute_rollback_live_migration';
    momentEvent(this.#world, move.action, event, move.server.host, rollbackFail);
    this.#rollBack(move, 'error');
    this.#leaveInError(move.server, rollbackFail);
  }

  #leaveInError(server: ServerState, message: string): void {
    server.vmState = 'error';
    server.fault = { message, atMs: this.#world.clock.nowMs() };
    this.#world.events.serversChanged([server.id]);
  }

  /** After the copy began: the server stays, and Nova says no reason anywhere. */
  #rollBack(move: Move, status: 'failed' | 'cancelled' | 'error'): void {
    const world = this.#world;
    if (move.over) return;
    move.over = true;
    move.copy?.abort();
    const { record, server } = move;
    if (record.target !== null) {
      for (const port of portsOfServer(world, server)) dropBinding(world, port, record.target);
      if (world.servers.has(server.id)) this.#unclaim(move, record.target);
    }
    if (move.conductor.result === null) endEvent(world, move.action, move.conductor, null);
    world.ledger.releaseAll(record.uuid);
    setMigration(world, record, status);
    this.#release(server);
    this.#moves.delete(record.number);
    if (server.paused) this.#pause(server, false);
  }
}
