import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  emulatorLogin,
  freePort,
  makeCollectdUser,
  ownProcesses,
  type Stack,
  signedOnly,
  signingAs,
  startStack,
} from '@sidestep/cli';
import {
  type MigrationClient,
  type MonitoringClient,
  type NfvoClient,
  type PredictionClient,
  type ServiceName,
  serviceClient,
} from '@sidestep/contracts';
import { type CloudSpec, type Emulator, startEmulator } from '@sidestep/emulator';
import type { Role } from '@sidestep/service-kit';
import { poll } from '../openstack/poll.ts';
import { quickTimings, spec } from './cloud.ts';
import { type Gateway, startGateway } from './gateway.ts';
import { wideGuardrails } from './guardrails.ts';
import { type OwnRedis, ownRedis } from './redis.ts';

type ClientOf = {
  monitoring: MonitoringClient;
  prediction: PredictionClient;
  migration: MigrationClient;
  nfvo: NfvoClient;
};

/** A cloud, and the four services on it as processes. */
export type Rig = {
  cloud: Emulator;
  gateway: Gateway;
  redis: OwnRedis;
  stack: Stack;
  dataDir: string;
  /** UDP, on loopback. */
  collectdPort: number;
  client<Name extends ServiceName>(name: Name, role?: Role): ClientOf[Name];
  /** kill -9. */
  kill(name: ServiceName): Promise<void>;
  close(): Promise<void>;
};

/** Everything in a tenth of its usual time. */
const quickSettings: Record<string, string> = {
  ...signedOnly,
  SIDESTEP_LOG_LEVEL: 'info',
  SIDESTEP_INVENTORY_EVERY_MS: '500',
  SIDESTEP_INVENTORY_TIMEOUT_MS: '2000',
  SIDESTEP_PREDICTION_TRAINS_ITSELF: 'false',
  SIDESTEP_POLICY: 'least-cpu',
  SIDESTEP_RECONCILE_MS: '500',
  SIDESTEP_RECOVER_MS: '500',
  SIDESTEP_CONTROL_SHARE: '0',
  SIDESTEP_GUARDRAILS: wideGuardrails(),
  SIDESTEP_HOST_REST_MS: '0',
  SIDESTEP_VETO_REST_MS: '60000',
  SIDESTEP_SERVICE_TIMEOUT_MS: '2000',
  // A move goes on without advice that is late; what these tests are about comes of it.
  SIDESTEP_ADVICE_TIMEOUT_MS: '5000',
  SIDESTEP_REPATH_TIMEOUT_MS: '20000',
  SIDESTEP_OPENSTACK_TIMEOUT_MS: '2000',
  SIDESTEP_CALL_TIMEOUT_MS: '1500',
  SIDESTEP_POLL_MS: '100',
  SIDESTEP_LEASE_MS: '1000',
  SIDESTEP_MIGRATION_TIMEOUT_MS: '20000',
  SIDESTEP_ABORT_TIMEOUT_MS: '5000',
  SIDESTEP_VERIFY_TIMEOUT_MS: '10000',
  SIDESTEP_PATIENCE_MS: '6000',
  SIDESTEP_RETRY_MS: '200',
  SIDESTEP_OPERATOR_WAIT_MS: '500',
  SIDESTEP_SETTLE_MS: '1000',
  SIDESTEP_NFVO_OPENSTACK_TIMEOUT_MS: '2000',
  SIDESTEP_NFVO_LEASE_MS: '1000',
};

/** The rule that ships, judging each sample: raised after a second, cleared after a second. */
const quickRule = {
  name: 'host CPU high',
  metric: 'host.cpuPercent',
  comparison: '>=',
  threshold: 90,
  forMs: 1_000,
  clearThreshold: 80,
  clearForMs: 1_000,
  windowMs: 0,
  severity: 'critical',
} as const;

export type RigOptions = {
  /** How often a question is asked again while a service is away; default 4, some two seconds. */
  retries?: number;
  settings?: Record<string, string>;
  programs?: Partial<Record<ServiceName, string>>;
  /** In place of the usual cloud. */
  cloud?: CloudSpec;
};

/** Starts everything and waits until each host reports and the inventory is read. */
export async function startRig(options: RigOptions = {}): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sidestep-e2e-'));
  const closers: (() => Promise<void> | void)[] = [
    () => {
      // To see what the services said: a folder that the logs of each file's rig are left in.
      const kept = process.env.SIDESTEP_E2E_LOGS;
      if (kept !== undefined)
        cpSync(join(dataDir, 'logs'), mkdtempSync(join(kept, 'rig-')), { recursive: true });
      rmSync(dataDir, { recursive: true, force: true });
    },
  ];
  const close = async () => {
    for (const undo of closers.splice(0).reverse()) await undo();
  };
  try {
    const portBase = await freePortBase();
    const collectdPort = portBase + 4;
    const wanted = options.cloud ?? spec;
    const cloud = await startEmulator(wanted, {
      collectd: {
        address: '127.0.0.1',
        port: collectdPort,
        intervalMs: 500,
        security: signingAs(makeCollectdUser(dataDir)),
      },
      tickMs: 250,
      timings: quickTimings,
    });
    closers.push(() => cloud.close());
    const gateway = await startGateway(cloud.baseUrl);
    closers.push(() => gateway.close());
    const processes = ownProcesses();
    closers.push(() => processes.stopAll());
    const redis = await ownRedis(processes, dataDir);
    const stack = await startStack({
      dataDir,
      portBase,
      collectdPort,
      redisUrl: redis.url,
      openstack: {
        ...emulatorLogin(cloud, dataDir),
        OS_AUTH_URL: gateway.through(cloud.authUrl),
      },
      settings: { ...quickSettings, ...options.settings },
      ...(options.programs === undefined ? {} : { programs: options.programs }),
    });
    closers.push(() => stack.stop());
    const rig: Rig = {
      cloud,
      gateway,
      redis,
      stack,
      dataDir,
      collectdPort,
      client: (name, role = 'operator') =>
        serviceClient(name, {
          baseUrl: stack.url[name],
          token: stack.access.token[role],
          timeoutMs: 20_000,
          // A service that was just killed and started again: the next look is worth more than a quick failure.
          retries: options.retries ?? 4,
        }),
      kill: async (name) => {
        const victim = stack.process(name);
        process.kill(victim.pid, 'SIGKILL');
        await victim.ended;
      },
      close,
    };
    await settled(rig, wanted);
    return rig;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Until what a decision needs is there: the quick rule, every host's load, the inventory. */
async function settled(rig: Rig, { hosts, chains, servers }: CloudSpec): Promise<void> {
  const monitoring = rig.client('monitoring');
  await monitoring.PUT('/alarm-rules/{ruleId}', {
    params: { path: { ruleId: 'host-cpu-high' } },
    body: quickRule,
  });
  await poll('every host and server reports', 20_000, async () => {
    const { data: fleet } = await monitoring.GET('/fleet');
    const { data: latest } = await monitoring.GET('/latest', {
      params: { query: { metric: 'server.cpuPercent' } },
    });
    const known =
      fleet?.hosts.length === hosts.length &&
      fleet.chains.length === chains.length &&
      fleet.hosts.every(({ telemetry, trusted }) => telemetry === 'fresh' && trusted) &&
      latest?.samples.length === servers.length;
    return known || undefined;
  });
}

/** Five ports in a row that are free now. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = await freePort();
    if (base + 4 > 65_535) continue;
    const others = await Promise.all([1, 2, 3, 4].map((offset) => isFree(base + offset)));
    if (others.every((free) => free)) return base;
  }
  throw new Error('no five ports in a row are free');
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
