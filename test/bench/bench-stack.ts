import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatorLogin, freePort, type Stack, startStack } from '@sidestep/cli';
import { type ServiceName, serviceClient } from '@sidestep/contracts';
import type { Emulator } from '@sidestep/emulator';

/** Services under measurement, as processes of ours, with clients that may do everything. */
export type BenchStack = Stack & {
  collectdPort: number;
  monitoring: ReturnType<typeof serviceClient<'monitoring'>>;
  migration: ReturnType<typeof serviceClient<'migration'>>;
  prediction: ReturnType<typeof serviceClient<'prediction'>>;
  /** Monitoring's own counters. */
  counted(): Promise<Counters>;
};

/** What Monitoring says of its intake. */
export type Counters = {
  values: number;
  stored: number;
  dropped: number;
  waiting: number;
  /** Datagrams that were received and not looked at yet. */
  unread: number;
  refused: number;
};

const PORT_TRIES = 20;
const CALL_LIMIT_MS = 60_000;

/** A UDP port on loopback that is free now; the emulator has to know it before the services start. */
export async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

/** Starts services on free ports and a folder of their own, runs the work, and stops everything whatever came of it. */
export async function withStack<T>(
  cloud: Emulator,
  options: {
    only?: readonly ServiceName[];
    settings?: Record<string, string>;
    collectdPort?: number;
  },
  work: (stack: BenchStack) => Promise<T>,
): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'sidestep-bench-'));
  try {
    const collectdPort = options.collectdPort ?? (await freeUdpPort());
    const stack = await startOnFreePorts({
      dataDir,
      collectdPort,
      openstack: emulatorLogin(cloud, dataDir),
      settings: { SIDESTEP_LOG_LEVEL: 'warn', ...options.settings },
      ...(options.only === undefined ? {} : { only: options.only }),
    });
    try {
      return await Promise.race([work(withClients(stack, collectdPort)), stack.processes.watch()]);
    } finally {
      await stack.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function startOnFreePorts(
  options: Omit<Parameters<typeof startStack>[0], 'portBase'>,
): Promise<Stack> {
  for (let attempt = 1; ; attempt += 1) {
    const portBase = await freePort();
    try {
      return await startStack({ ...options, portBase });
    } catch (error) {
      // Four ports in a row are needed, and only the first was looked for.
      const taken = error instanceof Error && error.message.includes('is in use');
      if (!taken || attempt === PORT_TRIES) throw error;
    }
  }
}

function withClients(stack: Stack, collectdPort: number): BenchStack {
  const client = <Name extends ServiceName>(name: Name) =>
    serviceClient(name, {
      baseUrl: stack.url[name],
      token: stack.access.token.admin,
      timeoutMs: CALL_LIMIT_MS,
    });
  return {
    ...stack,
    collectdPort,
    monitoring: client('monitoring'),
    migration: client('migration'),
    prediction: client('prediction'),
    counted: async () => {
      const response = await fetch(`${stack.url.monitoring}/metrics`, {
        headers: { authorization: `Bearer ${stack.access.token.viewer}` },
        signal: AbortSignal.timeout(CALL_LIMIT_MS),
      });
      const text = await response.text();
      return {
        values: sumOf(text, 'sidestep_collectd_values_total'),
        stored: sumOf(text, 'sidestep_samples_stored_total'),
        dropped: sumOf(text, 'sidestep_samples_dropped_total'),
        waiting: sumOf(text, 'sidestep_samples_waiting'),
        unread: sumOf(text, 'sidestep_collectd_datagrams_waiting'),
        refused:
          sumOf(text, 'sidestep_collectd_refused_total') +
          sumOf(text, 'sidestep_collectd_not_newer_total') +
          sumOf(text, 'sidestep_collectd_implausible_time_total') +
          sumOf(text, 'sidestep_collectd_too_many_series_total'),
      };
    },
  };
}

/** Sum over all labels of a metric in Prometheus' text format. */
function sumOf(text: string, metric: string): number {
  let sum = 0;
  for (const line of text.split('\n')) {
    if (!line.startsWith(metric)) continue;
    const [, value] = /^[^{ ]+(?:\{.*\})? (\S+)/.exec(line) ?? [];
    sum += Number(value ?? 0);
  }
  return sum;
}

/** Asks again until the answer is given. */
export async function until<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | undefined> | T | undefined,
  everyMs = 100,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answered = await ask();
    if (answered !== undefined) return answered;
    if (performance.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await pause(everyMs);
  }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
