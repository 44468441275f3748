import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { acceleratedClock } from './clock.ts';
import { demoCloud } from './clouds/demo-cloud.ts';
import { fleetCloud } from './clouds/fleet-cloud.ts';
import { startEmulator } from './emulator.ts';
import type { CollectdTarget, EmulatorOptions } from './emulator-types.ts';
import type { CloudSpec } from './spec.ts';

const usage = `node packages/emulator/src/main.ts [options]

  --spec demo|fleet|FILE   the cloud (default demo); FILE is a CloudSpec as JSON
  --seed N                 seed of demo and fleet (default 1)
  --hosts, --servers, --chains N   size of fleet (default 100, 300, 75)
  --live-in SECONDS        demo: stress counts from this long after the start (default 0)
  --address A --port N     where the APIs listen (default 127.0.0.1, a free port)
  --collectd ADDRESS:PORT  where the collectd packets go (default: nowhere)
  --interval-ms N          between two packets of a host (default 1000)
  --acceleration X         cloud seconds per second (default 1)
  --latency-ms N --jitter-ms N   how long each API call takes (default 0, 0)
  --max-microversion V     Nova's highest (default 2.90)
  --credentials FILE       where the credentials are written (default: a new private folder)
  --control-token T        bearer token of /emulator/ (default: a random one)

Prints one line of JSON once it serves: authUrl, baseUrl, credentialsPath. SIGINT or SIGTERM stops it.
`;

/** A fault in the command line: shown as one line, exit code 1. */
class UsageError extends Error {}

function numberOption(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new UsageError(`--${name} ${text}: not a number`);
  return value;
}

function collectdTarget(text: string, intervalMs: number): CollectdTarget {
  const match = /^(.+):(\d{1,5})$/.exec(text);
  const [, address = '', port = ''] = match ?? [];
  if (match === null || Number(port) > 65_535)
    throw new UsageError(`--collectd ${text}: ADDRESS:PORT is needed`);
  return { address: address.replace(/^\[|\]$/g, ''), port: Number(port), intervalMs };
}

const specLists = ['hosts', 'flavors', 'servers', 'chains', 'stress'] as const;
const specObjects = ['defaultTraffic', 'defaultServerLoad'] as const;

/** Refuses what lacks a part of a spec; what contradicts itself is refused when the cloud is filled. */
function checkedSpec(value: CloudSpec): CloudSpec {
  for (const key of specLists)
    if (!Array.isArray(value?.[key])) throw new UsageError(`${key}: a list is needed`);
  for (const key of specObjects)
    if (typeof value[key] !== 'object') throw new UsageError(`${key}: an object is needed`);
  if (!Number.isInteger(value.seed)) throw new UsageError('seed: a whole number is needed');
  if (typeof value.region !== 'string') throw new UsageError('region: a text is needed');
  return value;
}

type Values = Readonly<Record<string, string | undefined>>;

function cloudSpec(values: Values): CloudSpec {
  const seed = numberOption('seed', values.seed, 1);
  const liveStartMs = Date.now() + 1000 * numberOption('live-in', values['live-in'], 0);
  const name = values.spec ?? 'demo';
  if (name === 'demo') return demoCloud(seed, { liveStartMs });
  if (name === 'fleet')
    return fleetCloud({
      hosts: numberOption('hosts', values.hosts, 100),
      servers: numberOption('servers', values.servers, 300),
      chains: numberOption('chains', values.chains, 75),
      seed,
      liveStartMs,
    });
  try {
    return checkedSpec(JSON.parse(readFileSync(name, 'utf8')));
  } catch (error) {
    throw new UsageError(
      `--spec ${name}: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function main(argv: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...argv],
    options: {
      help: { type: 'boolean', short: 'h' },
      spec: text,
      seed: text,
      hosts: text,
      servers: text,
      chains: text,
      'live-in': text,
      address: text,
      port: text,
      collectd: text,
      'interval-ms': text,
      acceleration: text,
      'latency-ms': text,
      'jitter-ms': text,
      'max-microversion': text,
      credentials: text,
      'control-token': text,
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return;
  }
  const intervalMs = numberOption('interval-ms', values['interval-ms'], 1000);
  const factor = numberOption('acceleration', values.acceleration, 1);
  const { help: _, ...texts } = values;
  const spec = cloudSpec(texts);
  const options: EmulatorOptions = {
    port: numberOption('port', values.port, 0),
    address: values.address ?? '127.0.0.1',
    clock: acceleratedClock({ factor }),
    maxMicroversion: values['max-microversion'] ?? '2.90',
    latency: {
      fixedMs: numberOption('latency-ms', values['latency-ms'], 0),
      jitterMs: numberOption('jitter-ms', values['jitter-ms'], 0),
    },
    ...(values.collectd === undefined
      ? {}
      : { collectd: collectdTarget(values.collectd, intervalMs) }),
    ...(values['control-token'] === undefined ? {} : { controlToken: values['control-token'] }),
  };
  const emulator = await startEmulator(spec, options);
  const ownFolder =
    values.credentials === undefined
      ? mkdtempSync(join(tmpdir(), 'sidestep-emulator-'))
      : undefined;
  const credentialsPath = values.credentials ?? join(ownFolder ?? '', 'credentials.json');
  const secrets = {
    ...emulator.credentials,
    controlUrl: `${emulator.baseUrl}/emulator`,
    controlToken: emulator.controlToken,
  };
  writeFileSync(credentialsPath, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 });
  const { authUrl, baseUrl, port } = emulator;
  const cloud = { name: spec.name, hosts: spec.hosts.length, servers: spec.servers.length };
  process.stdout.write(`${JSON.stringify({ authUrl, baseUrl, port, credentialsPath, cloud })}\n`);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    if (ownFolder !== undefined) rmSync(ownFolder, { recursive: true, force: true });
    emulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const line = error instanceof Error ? error.message : String(error);
  process.stderr.write(`emulator: ${line}\n`);
  process.exitCode = 1;
});
