import type { FleetView } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import { policyNamed } from '@sidestep/policies';
import { type Fence, type Records, silentLog, sqliteRecords } from '@sidestep/service-kit';
import { type ManualClock, manualClock } from '@sidestep/service-kit/testing';
import type { Mode } from '../../src/domain/decision.ts';
import { type GuardrailLimits, safeLimits } from '../../src/domain/guardrails/limits.ts';
import type { Operation } from '../../src/domain/operation.ts';
import type { Compute } from '../../src/ports/compute.ts';
import type { Hosts } from '../../src/ports/hosts.ts';
import type { Meters } from '../../src/ports/meters.ts';
import type { Places } from '../../src/ports/places.ts';
import { createLedger, type Ledger } from '../../src/usecases/ledger.ts';
import { recoverOperations } from '../../src/usecases/operate/recover-operations.ts';
import { type RunOptions, runOperation } from '../../src/usecases/operate/run-operation.ts';
import type { OnPoint, OperateLimits, WorkerPoint } from '../../src/usecases/operate/step.ts';
import { type ReconcileLimits, reconcile } from '../../src/usecases/reconcile.ts';
import { type FakeChains, fakeChains } from './fake-chains.ts';
import { type FakeCompute, fakeCompute } from './fake-compute.ts';
import { type FakeForecasts, fakeForecasts } from './fake-forecasts.ts';
import { type FakeHosts, fakeHosts } from './fake-hosts.ts';
import { type FakePlaces, fakePlaces } from './fake-places.ts';
import { fakeSurroundings } from './fake-surroundings.ts';
import { type FakeTelemetry, fakeTelemetry } from './fake-telemetry.ts';

export const decideLimits: ReconcileLimits & { vetoRestMs: number } = {
  triggerMetrics: new Set(['host.cpuPercent', 'forecast.failureRisk']),
  maxInventoryAgeMs: 120_000,
  slots: { perHost: 1, perLink: null },
  vetoRestMs: 600_000,
  rules: { pinnedTag: 'sidestep:pinned', overcomes: new Set(['local-disk']) },
};

export const operateLimits: OperateLimits = {
  slots: { perHost: 1, perLink: null },
  leaseMs: 15_000,
  pollMs: 1_000,
  callTimeoutMs: 30_000,
  maxCalls: 3,
  migrationTimeoutMs: 900_000,
  conductorTimeoutMs: 180_000,
  stallMs: 30_000,
  onNonConvergence: 'abort',
  convergenceMs: 120_000,
  abortTimeoutMs: 120_000,
  verifyTimeoutMs: 60_000,
  patienceMs: 60_000,
  onFailure: 'recover',
  maxMoveRetries: 0,
  operatorWaitMs: 0,
  onBroken: 'repath',
  maxCompensations: 2,
  probeTimeoutMs: 5_000,
  maxRepathRetries: 3,
  retryMs: 1_000,
  settleMs: 10_000,
  hostRestMs: 60_000,
};

/** Limits that hold nothing back. */
export const wideLimits: GuardrailLimits = {
  ...safeLimits,
  cooldown: { firstMs: 0, maxMs: 0, quietMs: 0 },
  cycle: { windowMs: 0 },
  budgets: {
    cluster: { perHour: 100_000, burst: 10_000 },
    hostIn: { perHour: 100_000, burst: 10_000 },
    hostOut: { perHour: 100_000, burst: 10_000 },
  },
  concurrentMoves: 1_000,
};

/** The use cases on fakes, with a clock that moves when a worker pauses. */
export type World = {
  clock: ManualClock;
  records: Records;
  ledger: Ledger;
  compute: FakeCompute;
  hosts: FakeHosts;
  telemetry: FakeTelemetry;
  forecasts: FakeForecasts;
  places: FakePlaces;
  chains: FakeChains;
  /** Operations that the workers were told of. */
  readonly woken: Operation[];
  readonly counted: { decided: string[]; states: string[]; alarmToCallMs: number[] };
  limits: ReconcileLimits;
  reconcile(woken?: boolean): Promise<void>;
  /** A worker works the operation until it ends, or until it dies at the point: then its lease is not given back. */
  run(operationId: string, worker?: WorkerParts): Promise<void>;
  /** What the service does every so often: wakes what has no worker. */
  recover(): Promise<number>;
  operation(id?: string): Promise<Operation>;
  reconcileOptions(): Parameters<typeof reconcile>[0];
};
export type WorkerParts = {
  name?: string;
  /** Where it dies as by kill -9. */
  diesAt?: WorkerPoint;
  onPoint?: OnPoint;
  limits?: Partial<OperateLimits>;
  onPause?: (forMs: number) => Promise<void> | void;
};

/** A hot host h1 with s1 on it, and two hosts that could take it. */
export const hotHost = (): FleetView =>
  cloud()
    .host('h1', { cpuPercent: 95 })
    .server('s1', { on: 'h1', cpuPercent: 90 })
    .host('h2', { cpuPercent: 20 })
    .host('h3', { cpuPercent: 40 })
    .chain('c1', ['s1'])
    .build();

export function world(
  parts: {
    view?: FleetView;
    mode?: Mode;
    policy?: string;
    guardrails?: GuardrailLimits;
    records?: Records;
    /** Computes in place of the fake ones. */
    cloud?: Compute;
    places?: Places;
    cloudHosts?: Hosts;
  } = {},
): World {
  const view = parts.view ?? hotHost();
  const clock = manualClock(view.atMs);
  const now = () => clock.now();
  const records = parts.records ?? sqliteRecords(':memory:', clock);
  const ledger = createLedger(records, {
    mode: parts.mode ?? 'auto',
    policy: parts.policy ?? 'least-cpu',
    guardrails: parts.guardrails ?? safeLimits,
  });
  const compute = fakeCompute();
  const hosts = fakeHosts(view.hosts.map(({ id }) => id));
  const telemetry = fakeTelemetry(view);
  const forecasts = fakeForecasts({ h1: 0.9, h2: 0.3, h3: 0.01 });
  const places = fakePlaces();
  const chains = fakeChains();
  const woken: Operation[] = [];
  const counted: World['counted'] = { decided: [], states: [], alarmToCallMs: [] };
  const meters: Meters = {
    decided: (outcome) => counted.decided.push(outcome),
    operationEntered: (state) => counted.states.push(state),
    decideTook: () => undefined,
    chainGrewTo: () => undefined,
    alarmToCall: (durationMs) => counted.alarmToCallMs.push(durationMs),
  };
  const wake = async (operation: Operation) => {
    woken.push(operation);
  };
  const made: World = {
    clock,
    records,
    ledger,
    compute,
    hosts,
    telemetry,
    forecasts,
    places,
    chains,
    woken,
    counted,
    limits: decideLimits,
    reconcileOptions: () => ({
      telemetry,
      forecasts,
      places: parts.places ?? places,
      surroundings: fakeSurroundings(telemetry),
      now,
      ledger,
      meters,
      log: silentLog,
      limits: made.limits,
      policyNamed,
      wake,
    }),
    reconcile: (byWake = true) => reconcile(made.reconcileOptions(), byWake),
    run: async (operationId, worker = {}) => {
      let pauses = 0;
      const held = new Set<Fence>();
      const dead = Promise.withResolvers<'dead'>();
      const options: RunOptions = {
        worker: worker.name ?? 'worker',
        pace: {
          pause: async (forMs) => {
            pauses += 1;
            if (pauses > 10_000) throw new Error('the operation never ends');
            clock.advance(forMs);
            for (const fence of held) await records.renewLease(fence, operateLimits.leaseMs);
            await worker.onPause?.(forMs);
          },
          stopping: () => false,
          keepLease: (fence) => {
            held.add(fence);
            return { stop: () => void held.delete(fence) };
          },
        },
        now,
        ledger,
        compute: parts.cloud ?? compute,
        hosts: parts.cloudHosts ?? hosts,
        chains,
        telemetry,
        forecasts,
        meters,
        log: silentLog,
        limits: { ...operateLimits, ...worker.limits },
        rules: decideLimits.rules,
        places: parts.places ?? places,
        triggerMetrics: decideLimits.triggerMetrics,
        onPoint: async (point, id) => {
          await worker.onPoint?.(point, id);
          if (point !== worker.diesAt) return;
          dead.resolve('dead');
          await new Promise(() => undefined);
        },
      };
      await Promise.race([runOperation(operationId, options), dead.promise]);
    },
    recover: () => recoverOperations({ ledger, worker: 'recovery', now, wake }, 15_000),
    operation: async (id) => {
      const stored = await ledger.operation(id ?? woken.at(-1)?.id ?? 'none');
      if (stored === undefined) throw new Error('no operation was begun');
      return stored.value;
    },
  };
  return made;
}
