import {
  type CloudSpec,
  type Emulator,
  manualClock,
  serverIdOf,
  startEmulator,
} from '@sidestep/emulator';
import type { FleetView } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import { createOpenStack, type Nova } from '@sidestep/openstack';
import { onTestFinished } from 'vitest';
import { openstackCompute } from '../../src/adapters/openstack/openstack-compute.ts';
import { openstackHosts } from '../../src/adapters/openstack/openstack-hosts.ts';
import type { Mode } from '../../src/domain/decision.ts';
import type { GuardrailLimits } from '../../src/domain/guardrails/limits.ts';
import type { HostDrain } from '../../src/domain/hosts/host-drain.ts';
import type { HostIncident } from '../../src/domain/hosts/host-incident.ts';
import { isTerminal, type Operation } from '../../src/domain/operation.ts';
import type { FencingAnswer, FencingHook } from '../../src/ports/fencing.ts';
import type { Hosts } from '../../src/ports/hosts.ts';
import { confirmFencing } from '../../src/usecases/hosts/confirm-fencing.ts';
import { type HostLedger, hostLedger } from '../../src/usecases/hosts/host-ledger.ts';
import { type RunHostWorkOptions, runHostWork } from '../../src/usecases/hosts/run-host-work.ts';
import { type DrainRequest, startDrain } from '../../src/usecases/hosts/start-drain.ts';
import { operateLimits, type WorkerParts, type World, wideLimits, world } from './world.ts';

const startMs = Date.UTC(2026, 0, 1);

export type HostCloudParts = {
  /** Server name → host. Default: a, b, c and d on h1. */
  servers?: Record<string, string>;
  /** Servers that keep everything on a volume. Default: all. */
  onLocalDisk?: readonly string[];
  /** Chains as hops of server names. */
  chains?: Record<string, string[][]>;
  hosts?: readonly string[];
  mode?: Mode;
  /** What the fencing hook answers, one each, the last again and again; without them there is no hook. */
  hook?: readonly FencingAnswer[];
  localDisksMayBeRebuilt?: boolean;
  /** How long Nova calls a dead host up. */
  serviceDownMs?: number;
  /** Default: nothing is held back but a fifth move at a time. */
  guardrails?: Partial<GuardrailLimits>;
};

/** Hosts with several servers in the emulated cloud, and what empties them. */
export type HostCloud = World & {
  emulator: Emulator;
  cloudHosts: Hosts;
  nova: Nova;
  known: HostLedger;
  /** What the hook was asked, by host. */
  readonly fenced: string[];
  id(server: string): string;
  options(): RunHostWorkOptions;
  /** Lets the cloud's time and ours pass. */
  pass(forMs: number): void;
  /** One look at the hosts, without working what it began. */
  look(): Promise<void>;
  /** The same with the telemetry that a test has set. */
  lookAsItIs(): Promise<void>;
  lookWith(options: RunHostWorkOptions): Promise<void>;
  /** Works every operation that has not ended to its end. */
  workOperations(worker?: WorkerParts): Promise<void>;
  /** Looks and works until nothing changes any more. */
  settle(worker?: WorkerParts): Promise<void>;
  drain(hostId: string, parts?: Partial<DrainRequest>): Promise<string>;
  drainNow(id: string): Promise<HostDrain>;
  /** The machine dies, and everybody comes to know. */
  kill(hostId: string): void;
  /** Its series and those of its servers end; Nova has heard nothing yet. */
  mute(hostId: string): void;
  /** The machine is back, and everybody hears of it. */
  revive(hostId: string): void;
  fence(hostId: string, means?: 'operator' | 'hook'): Promise<string>;
  incidentNow(id: string): Promise<HostIncident>;
  operations(): Promise<Operation[]>;
  placed(server: string): string | undefined;
  /** Calls to Nova by which a server was to leave its host. */
  asked(kind: 'os-migrateLive' | 'evacuate'): number;
};

export async function hostCloud(parts: HostCloudParts = {}): Promise<HostCloud> {
  const time = manualClock(startMs);
  const wanted = spec(parts);
  const emulator = await startEmulator(wanted, {
    clock: time,
    timings: { serviceDownMs: parts.serviceDownMs ?? 12_000 },
  });
  onTestFinished(() => emulator.close());
  const { applicationCredentialId: id, applicationCredentialSecret: secret } = emulator.credentials;
  const clients = createOpenStack({
    authUrl: emulator.authUrl,
    auth: { kind: 'application-credential', id, secret },
    region: 'RegionOne',
    timeoutMs: 1_000,
    retries: 0,
  });
  const cloudHosts = openstackHosts(clients);
  const dead = new Set<string>();
  const silent = new Set<string>();
  const idOf = (server: string) => serverIdOf(wanted, server);
  const base = world({
    view: viewNow(),
    mode: parts.mode ?? 'recommend',
    guardrails: { ...wideLimits, concurrentMoves: 4, ...parts.guardrails },
    cloud: openstackCompute(clients),
    cloudHosts,
  });
  const fenced: string[] = [];
  const answers = [...(parts.hook ?? [])];
  const hook: FencingHook | null =
    parts.hook === undefined
      ? null
      : {
          fence: async ({ hostId }) => {
            fenced.push(hostId);
            const [next] = answers.length > 1 ? answers.splice(0, 1) : answers;
            return next ?? { kind: 'unsure', detail: 'nothing was said' };
          },
        };

  /** Monitoring's view of the cloud as it stands. */
  function viewNow(): FleetView {
    const builder = cloud(startMs);
    const placements = emulator.placements();
    for (const { name } of wanted.hosts) {
      const down = dead.has(name);
      builder.host(name, {
        state: down ? 'down' : 'up',
        cpuPercent:
          down || silent.has(name)
            ? 'unknown'
            : 20 + wanted.hosts.findIndex((host) => host.name === name),
        quality: down ? 'unknown' : 'good',
      });
    }
    for (const { name } of wanted.servers) {
      const on = placements.get(idOf(name)) ?? null;
      const isSilent = dead.has(on ?? '') || silent.has(on ?? '');
      const cpuPercent = isSilent ? 'unknown' : 40;
      builder.server(idOf(name), { on, name, cpuPercent, ramMiB: 512 });
    }
    for (const [chain, hops] of Object.entries(parts.chains ?? {})) {
      builder.chain(chain, ...hops.map((members) => members.map(idOf)));
    }
    return builder.build();
  }

  const sut: HostCloud = {
    ...base,
    emulator,
    cloudHosts,
    nova: clients.nova,
    fenced,
    known: hostLedger(base.records),
    id: idOf,
    options: () => ({
      ...base.reconcileOptions(),
      hosts: cloudHosts,
      limits: { ...sut.limits, leaving: { maxTries: 3, retryMs: 30_000 } },
      incidents: {
        hookTries: 3,
        hookRetryMs: 5_000,
        quietMs: 30_000,
        localDisksMayBeRebuilt: parts.localDisksMayBeRebuilt ?? false,
      },
      hook,
      worker: 'host-worker',
      leaseMs: 15_000,
      pace: { keepLease: () => ({ stop: () => undefined }), stopping: () => false },
    }),
    pass: (forMs) => {
      base.clock.advance(forMs);
      time.advance(forMs);
    },
    look: async () => {
      base.telemetry.view = viewNow();
      await runHostWork(sut.options());
    },
    lookAsItIs: () => runHostWork(sut.options()),
    lookWith: async (options) => {
      base.telemetry.view = viewNow();
      await runHostWork(options);
    },
    workOperations: async (worker = {}) => {
      for (const { id: operationId } of await base.ledger.live()) {
        await base.run(operationId, {
          ...worker,
          limits: { callTimeoutMs: 500, ...worker.limits },
          onPause: async (forMs) => {
            time.advance(forMs);
            await worker.onPause?.(forMs);
          },
        });
      }
    },
    settle: async (worker = {}) => {
      let before = '';
      for (let turn = 0; turn < 60; turn++) {
        await sut.look();
        await sut.workOperations(worker);
        sut.pass(10_000);
        const [drains, incidents] = await Promise.all([
          sut.known.runningDrains(),
          sut.known.openIncidents(),
        ]);
        const after = JSON.stringify([drains, incidents]);
        if (drains.length + incidents.length === 0 || (turn > 20 && after === before)) return;
        before = after;
      }
      throw new Error('the hosts never settle');
    },
    drain: async (hostId, more = {}) => {
      const drain = await startDrain(sut.options(), {
        hostId,
        reason: 'new memory',
        by: 'an operator',
        policy: 'least-cpu',
        disableService: true,
        maxConcurrentMoves: 2,
        ...more,
      });
      return drain.id;
    },
    drainNow: async (drainId) => {
      const stored = await sut.known.drain(drainId);
      if (stored === undefined) throw new Error(`no drain ${drainId}`);
      return stored.value;
    },
    kill: (hostId) => {
      emulator.faults.hostDown(hostId);
      sut.pass(60_000);
      dead.add(hostId);
      const raisedAtMs = base.clock.now();
      for (const metric of ['telemetry.hostDown', 'telemetry.ageSeconds']) {
        base.telemetry.raise(hostId, {
          id: `${metric}-${hostId}`,
          ruleId: metric,
          metric,
          raisedAtMs,
        });
      }
      base.telemetry.view = viewNow();
    },
    mute: (hostId) => {
      silent.add(hostId);
      const metric = 'telemetry.ageSeconds';
      base.telemetry.raise(hostId, {
        id: metric,
        ruleId: metric,
        metric,
        raisedAtMs: base.clock.now(),
      });
      base.telemetry.view = viewNow();
    },
    revive: (hostId) => {
      emulator.faults.hostUp(hostId);
      dead.delete(hostId);
      base.telemetry.clear(hostId);
      sut.pass(1_000);
      base.telemetry.view = viewNow();
    },
    fence: async (hostId, means = 'operator') => {
      const given = { means, by: 'an operator', reason: 'power is off' };
      const options = { ...sut.options(), hookConfigured: hook !== null };
      return (await confirmFencing(options, hostId, given)).id;
    },
    incidentNow: async (incidentId) => {
      const stored = await sut.known.incident(incidentId);
      if (stored === undefined) throw new Error(`no incident ${incidentId}`);
      return stored.value;
    },
    operations: async () =>
      (await base.ledger.operations({}, { limit: 1_000 })).items.map(({ value }) => value),
    placed: (server) => emulator.placements().get(idOf(server)),
    asked: (kind) =>
      emulator
        .calls()
        .filter(({ method, body }) => method === 'POST' && JSON.stringify(body).includes(kind))
        .length,
  };
  return sut;
}

/** The dead worker's leases run out, and what has no worker is woken. */
export async function taken(sut: HostCloud): Promise<void> {
  sut.pass(operateLimits.leaseMs + 1);
  await sut.recover();
}

export const allEnded = (operations: readonly Operation[]): boolean =>
  operations.every(({ state }) => isTerminal(state));

function spec(parts: HostCloudParts): CloudSpec {
  const load = {
    baseCores: 0.05,
    cpuMsPerRequest: 6,
    dirtyMiBPerSecond: 20,
    workingSetMiB: 64,
    memoryRatio: 0.5,
  };
  const servers = parts.servers ?? { a: 'h1', b: 'h1', c: 'h1', d: 'h1' };
  return {
    name: 'hosts',
    seed: 11,
    region: 'RegionOne',
    hosts: (parts.hosts ?? ['h1', 'h2', 'h3', 'h4']).map((name) => ({
      name,
      cores: 12,
      ramMiB: 24_576,
      diskGiB: 500,
      backgroundCores: 2,
      noisePercent: 1,
      migrationMiBPerSecond: 512,
      cpuAllocationRatio: 2,
      ramAllocationRatio: 1,
    })),
    flavors: [{ id: 'f', name: 'f', vcpus: 1, ramMiB: 512, diskGiB: 0 }],
    servers: Object.entries(servers).map(([name, host]) => ({
      ...load,
      name,
      flavor: 'f',
      host,
      volumeBacked: !(parts.onLocalDisk ?? []).includes(name),
    })),
    chains: [],
    stress: [],
    defaultTraffic: { clients: 8, thinkMs: 60, timeoutMs: 3_000 },
    defaultServerLoad: load,
  };
}
