import { readFileSync } from 'node:fs';
import {
  type CloudSpec,
  type Emulator,
  type EmulatorOptions,
  type ManualClock,
  manualClock,
  serverIdOf,
  startEmulator,
} from '@sidestep/emulator';
import { onTestFinished } from 'vitest';

/** The instant at which the test clouds start. */
export const startMs = Date.UTC(2026, 10, 21, 3, 0, 0);

const traffic = { clients: 8, thinkMs: 60, timeoutMs: 3000 };

/** Five hosts; A, B and C with a server each on compute1, 2, 3; a chain A → B entered on compute4. */
export function testSpec(changes: Partial<CloudSpec> = {}): CloudSpec {
  const load = {
    baseCores: 0.05,
    cpuMsPerRequest: 6,
    dirtyMiBPerSecond: 20,
    workingSetMiB: 128,
    memoryRatio: 0.5,
  };
  return {
    name: 'test',
    seed: 7,
    region: 'RegionOne',
    hosts: [1, 2, 3, 4, 5].map((number) => ({
      name: `compute${number}`,
      cores: 12,
      ramMiB: 24_576,
      diskGiB: 500,
      backgroundCores: 2,
      noisePercent: 1,
      migrationMiBPerSecond: 128,
      cpuAllocationRatio: 2,
      ramAllocationRatio: 1,
    })),
    flavors: [
      { id: 'small', name: 'small', vcpus: 1, ramMiB: 1024, diskGiB: 5 },
      { id: 'huge', name: 'huge', vcpus: 4, ramMiB: 20_480, diskGiB: 5 },
    ],
    servers: ['A', 'B', 'C'].map((name, index) => ({
      ...load,
      name,
      flavor: 'small',
      host: `compute${index + 1}`,
    })),
    chains: [
      {
        name: 'chain',
        hops: [
          { name: 'first', servers: ['A'] },
          { name: 'second', servers: ['B'] },
        ],
        sourceHost: 'compute4',
        destinationHost: 'compute5',
        traffic,
      },
    ],
    stress: [],
    defaultTraffic: traffic,
    defaultServerLoad: load,
    ...changes,
  };
}

/** An answer of the cloud, read. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Headers;
}

/** A running test cloud and a plain client. */
export interface TestCloud {
  readonly emulator: Emulator;
  readonly clock: ManualClock;
  id(server: string): string;
  /** Path below the base address, such as `/compute/v2.1/servers/detail`. */
  call(method: string, path: string, body?: unknown, microversion?: string): Promise<Answer>;
  /** A field of the answer's body, by its path. */
  read(path: string, ...keys: (string | number)[]): Promise<unknown>;
  liveMigrate(server: string, host: string | null): Promise<Answer>;
}

/** Steps into an unknown value. */
export function at(value: unknown, ...keys: (string | number)[]): unknown {
  let here = value;
  for (const key of keys) {
    if (typeof here !== 'object' || here === null) return undefined;
    here = Object.entries(here).find(([name]) => name === String(key))?.[1];
  }
  return here;
}

/** A recorded answer. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** The field names of a value, each with its kind, to compare shapes. */
export function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, shape(inner)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Starts a cloud on stepped time, closed when the test ends. */
export async function testCloud(
  spec: CloudSpec = testSpec(),
  options: EmulatorOptions = {},
): Promise<TestCloud> {
  const clock = manualClock(startMs);
  const emulator = await startEmulator(spec, { clock, controlToken: 'control', ...options });
  onTestFinished(() => emulator.close());
  const { applicationCredentialId, applicationCredentialSecret } = emulator.credentials;
  const login = await fetch(`${emulator.authUrl}/auth/tokens`, {
    method: 'POST',
    body: JSON.stringify({
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: {
            id: applicationCredentialId,
            secret: applicationCredentialSecret,
          },
        },
      },
    }),
  });
  const token = login.headers.get('x-subject-token') ?? '';
  const call: TestCloud['call'] = async (method, path, body, microversion = '2.90') => {
    const response = await fetch(`${emulator.baseUrl}${path}`, {
      method,
      headers: {
        'x-auth-token': token,
        authorization: 'Bearer control',
        'openstack-api-version': `compute ${microversion}`,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? '' : JSON.parse(text),
      headers: response.headers,
    };
  };
  const id = (server: string): string => serverIdOf(spec, server);
  return {
    emulator,
    clock,
    id,
    call,
    read: async (path, ...keys) => at((await call('GET', path)).body, ...keys),
    liveMigrate: (server, host) =>
      call('POST', `/compute/v2.1/servers/${id(server)}/action`, {
        'os-migrateLive': { host, block_migration: 'auto' },
      }),
  };
}
