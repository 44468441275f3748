import {
  answer,
  type MigrationClient,
  type MonitoringClient,
  type PredictionClient,
  type ServiceName,
  serviceClient,
  serviceNames,
} from '@sidestep/contracts';
import { demoCloud, type Emulator, startEmulator } from '@sidestep/emulator';
import { makeCollectdUser, signingAs } from '../collectd-user.ts';
import { takeDemoFolder } from '../demo/demo-folder.ts';
import { demoSettings } from '../demo/demo-settings.ts';
import { nothingTold, type Scene, tell } from '../demo/story.ts';
import { type Summary, summaryOf } from '../demo/summary.ts';
import { emulatorLogin } from '../emulator-login.ts';
import type { Output } from '../output.ts';
import { type Stack, startStack } from '../stack.ts';
import { untilInterrupted } from '../until-interrupted.ts';

export type DemoOptions = {
  portBase: number;
  collectdPort: number;
  /** Everything is kept in `demo` below it; default: in a temporary folder, removed at the end. */
  dataDir?: string;
  redisUrl?: string;
  policy: string;
  seed: number;
  untilMoved: boolean;
};

const tickMs = 10_000;
const historyMs = 3 * 3_600_000;
const untilMovedLimitMs = 300_000;
const samplesPerRequest = 10_000;

/** An emulated cloud, the four services on it, and their story on the terminal. */
export async function demo(options: DemoOptions, output: Output): Promise<number> {
  const folder = takeDemoFolder(options.dataDir);
  const dataDir = folder.path;
  // Interrupted while it starts: what runs by then ends with our end, and its folder holds tokens.
  const abandon = () => {
    folder.leave();
    process.exit(130);
  };
  process.on('SIGINT', abandon);
  process.on('SIGTERM', abandon);
  // What happens on its own clock is laid out from here: history before, live after.
  const liveStartMs = Math.ceil(Date.now() / tickMs) * tickMs + setUpMs;

  output.line(
    'Sidestep demo: an emulated cloud of 6 hosts, 18 VNFs and 4 chains (firewall → IPS → DPI → web)',
  );
  const cloud = await startEmulator(demoCloud(options.seed, { liveStartMs }), {
    collectd: {
      address: '127.0.0.1',
      port: options.collectdPort,
      intervalMs: 1_000,
      security: signingAs(makeCollectdUser(dataDir)),
    },
  });
  let stack: Stack;
  try {
    stack = await startStack({
      dataDir,
      portBase: options.portBase,
      collectdPort: options.collectdPort,
      ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
      openstack: emulatorLogin(cloud, dataDir),
      settings: demoSettings(options),
      tokenInDocs: true,
    });
  } catch (error) {
    await cloud.close();
    folder.leave();
    throw error;
  } finally {
    process.off('SIGINT', abandon);
    process.off('SIGTERM', abandon);
  }
  const started = {
    stop: async () => {
      await stack.stop();
      await cloud.close();
      folder.leave();
    },
  };
  let summary: Summary | undefined;
  const handled = (made: Summary) => {
    summary = made;
  };
  const code = await untilInterrupted(started, output, () =>
    Promise.race([show(stack, cloud, options, output, handled), stack.processes.watch()]),
  );
  // The last line of all: whoever reads it need not look for it.
  if (summary !== undefined) output.line(JSON.stringify(summary));
  return code;
}

/** Room for the services' start and the training, so that the first episode is not missed. */
const setUpMs = 20_000;

async function show(
  stack: Stack,
  cloud: Emulator,
  options: DemoOptions,
  output: Output,
  onHandled: (summary: Summary) => void,
): Promise<number> {
  const client = <Name extends ServiceName>(name: Name) =>
    serviceClient(name, {
      baseUrl: stack.url[name],
      token: stack.access.token.operator,
      timeoutMs: 30_000,
    });
  const [monitoring, prediction, migration] = [
    client('monitoring'),
    client('prediction'),
    client('migration'),
  ];
  output.line(`services are up; Swagger UI, already authorised (logs: ${stack.logDir}):`);
  for (const name of serviceNames) output.line(`  ${name.padEnd(10)} ${stack.url[name]}/docs/`);

  const samples = await fillHistory(cloud, monitoring);
  output.line(`history is filled in: ${historyMs / 3_600_000} h at 10 s, ${samples} samples`);
  await train(prediction, output);
  output.line(
    `set up; live at 1 s from now on, policy ${options.policy}, mode auto; times are UTC; Ctrl-C ends it`,
  );
  output.line(
    'the first host runs hot in a minute or two; an overload foreseen only proposes a move, one that is there makes it',
  );
  return follow(monitoring, migration, options, output, onHandled);
}

async function fillHistory(cloud: Emulator, monitoring: MonitoringClient): Promise<number> {
  const to = Math.floor(cloud.clock.nowMs() / tickMs) * tickMs;
  let batch: Parameters<typeof write>[1] = [];
  let count = 0;
  for (const sample of cloud.history(to - historyMs, to, tickMs)) {
    batch.push(sample);
    count++;
    if (batch.length < samplesPerRequest) continue;
    await write(monitoring, batch);
    batch = [];
  }
  if (batch.length > 0) await write(monitoring, batch);
  return count;
}

async function write(
  monitoring: MonitoringClient,
  samples: { resource: string; metric: string; timestampMs: number; value: number }[],
): Promise<void> {
  await answer('monitoring', monitoring.POST('/samples', { body: { samples } }));
}

async function train(prediction: PredictionClient, output: Output): Promise<void> {
  const { id } = await answer(
    'prediction',
    prediction.POST('/trainings', { body: { lastMs: historyMs, seed: 1 } }),
  );
  for (;;) {
    const training = await answer(
      'prediction',
      prediction.GET('/trainings/{trainingId}', { params: { path: { trainingId: id } } }),
    );
    output.progress(`training the model ${bar(training.progress)} ${training.detail}`);
    if (training.state === 'failed') {
      output.progressDone(
        `the training failed (${training.problem?.detail ?? 'no reason given'}): the fallback answers`,
      );
      return;
    }
    if (training.state === 'completed') {
      output.progressDone(await trained(prediction, training.modelVersion));
      return;
    }
    await pause(300);
  }
}

async function trained(prediction: PredictionClient, version: string | null): Promise<string> {
  if (version === null) return 'the training brought no model: the fallback answers';
  const model = await answer(
    'prediction',
    prediction.GET('/models/{version}', { params: { path: { version } } }),
  );
  const status = await answer('prediction', prediction.GET('/status'));
  const figure = (value: number | null) => value?.toFixed(3) ?? '–';
  return `model ${version} is trained (${status.backend ?? '?'}, ${model.rows} rows): onset AP ${figure(model.metrics.onsetAveragePrecision)} where the last value has ${figure(model.metrics.persistenceOnsetAveragePrecision)}`;
}

async function follow(
  monitoring: MonitoringClient,
  migration: MigrationClient,
  options: DemoOptions,
  output: Output,
  onHandled: (summary: Summary) => void,
): Promise<number> {
  const deadline = performance.now() + untilMovedLimitMs;
  let told = nothingTold;
  for (;;) {
    const scene = await look(monitoring, migration);
    const next = tell(told, scene);
    told = next.told;
    for (const line of next.lines)
      output.line(`${new Date().toISOString().slice(11, 19)}  ${line}`);
    output.progress(cpuNow(scene.cpuPercent));
    const summary = options.untilMoved ? handled(scene) : undefined;
    if (summary !== undefined) {
      onHandled(summary);
      return 0;
    }
    if (options.untilMoved && performance.now() > deadline) {
      output.line('no hot host was handled within five minutes');
      return 1;
    }
    await pause(1_000);
  }
}

async function look(monitoring: MonitoringClient, migration: MigrationClient): Promise<Scene> {
  const [{ alarms }, { decisions }, { operations }, { chains }, { samples }] = await Promise.all([
    answer('monitoring', monitoring.GET('/alarms', { params: { query: { state: 'raised' } } })),
    answer('migration', migration.GET('/decisions', { params: { query: { limit: 50 } } })),
    answer('migration', migration.GET('/operations', { params: { query: { limit: 50 } } })),
    answer('monitoring', monitoring.GET('/fleet')),
    answer(
      'monitoring',
      monitoring.GET('/latest', { params: { query: { metric: 'host.cpuPercent' } } }),
    ),
  ]);
  return {
    alarms,
    decisions,
    operations,
    chainNames: new Map(chains.map((chain) => [chain.id, chain.name])),
    cpuPercent: new Map(
      samples.filter(({ fresh }) => fresh).map(({ resource, value }) => [resource, value]),
    ),
  };
}

function handled(scene: Scene): Summary | undefined {
  for (const operation of scene.operations) {
    const decision = scene.decisions.find((each) => each.id === operation.decisionId);
    if (operation.state === 'COMPLETED' && decision !== undefined)
      return summaryOf(decision, operation);
  }
  return undefined;
}

/** What a terminal shows while there is nothing to tell. */
function cpuNow(cpuPercent: ReadonlyMap<string, number>): string {
  const hosts = [...cpuPercent].toSorted(([a], [b]) => a.localeCompare(b));
  return `CPU now: ${hosts.map(([host, percent]) => `${host} ${percent.toFixed(0)} %`).join(' · ')}`;
}

function bar(progress: number): string {
  const full = Math.round(progress * 20);
  return `[${'█'.repeat(full)}${'·'.repeat(20 - full)}] ${(progress * 100).toFixed(0).padStart(3)} %`;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
