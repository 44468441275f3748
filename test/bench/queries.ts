import { answer } from '@sidestep/contracts';
import type { Emulator } from '@sidestep/emulator';
import { type BenchStack, pause, until, withStack } from './bench-stack.ts';
import { cpuSecondsOf } from './proc.ts';
import { fleetHosts } from './recorded-fleet.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** How long windows of a well-filled store take, over HTTP, and what filling it took. */
export type QueryResult = {
  importedSamples: number;
  importSeconds: number;
  oneHost: Spread;
  allHosts: Spread;
};

export type QueryOptions = {
  settings: Record<string, string>;
  historySeconds: number;
  /** Whose CPU the history is of: a hundred hosts, or servers. */
  of?: 'host' | 'server';
  oneHostQueries: number;
  allHostsQueries: number;
  say(line: string): void;
};

const SAMPLES_PER_REQUEST = 10_000;
const REQUESTS_AT_ONCE = 3;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const QUIET_LIMIT_MS = 90_000;
const QUIET_CPU_SHARE = 0.15;
// Longer than the 10 s between two rollups.
const LOOK_MS = 12_000;

/** Fills a store with history at 1 s of a metric of all hosts, then asks for the last hour by minute. */
export function measureQueries(cloud: Emulator, options: QueryOptions): Promise<QueryResult> {
  const { settings } = options;
  return withStack(cloud, { only: ['monitoring'], settings }, async (stack) => {
    const toMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
    const startedAt = performance.now();
    const { of = 'host' } = options;
    const importedSamples = await importHistory(stack, of, toMs, options.historySeconds);
    const importSeconds = (performance.now() - startedAt) / 1000;
    options.say(`${importedSamples} samples written in ${importSeconds.toFixed(0)} s`);
    await untilQuiet(stack);
    const hosts = namesOf(of);
    const oneHost = await timed(options.oneHostQueries, async (turn) => {
      const series = await lastHour(stack, of, toMs, [hosts[(turn * 37) % hosts.length] ?? '']);
      if (series !== 1) throw new Error(`one host has ${series} series`);
    });
    const allHosts = await timed(options.allHostsQueries, async () => {
      const series = await lastHour(stack, of, toMs, undefined);
      if (series !== hosts.length) throw new Error(`all hosts have ${series} series`);
    });
    return { importedSamples, importSeconds, oneHost, allHosts };
  });
}

const namesOf = (of: 'host' | 'server'): string[] =>
  Array.from(
    { length: fleetHosts },
    (_, at) => `${of === 'host' ? 'compute' : 'vm'}${String(at + 1).padStart(3, '0')}`,
  );

async function importHistory(
  { monitoring }: BenchStack,
  of: 'host' | 'server',
  toMs: number,
  seconds: number,
): Promise<number> {
  const hosts = namesOf(of);
  const perHost = SAMPLES_PER_REQUEST / hosts.length;
  const begin = toMs - seconds * 1000;
  const stretches = Math.ceil(seconds / perHost);
  let next = 0;
  let written = 0;
  const write = async (): Promise<void> => {
    for (let stretch = next++; stretch < stretches; stretch = next++) {
      const from = stretch * perHost;
      const to = Math.min(seconds, from + perHost);
      const samples = hosts.flatMap((resource, host) =>
        Array.from({ length: to - from }, (_, at) => ({
          resource,
          metric: `${of}.cpuPercent`,
          timestampMs: begin + (from + at) * 1000,
          value: Math.round(5000 + 3000 * Math.sin((from + at) / 600 + host)) / 100,
        })),
      );
      const body = { samples };
      const { stored } = await answer('monitoring', monitoring.POST('/samples', { body }));
      written += stored;
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, write));
  return written;
}

/** Imported history is rolled up and packed first: that work is not the queries'. */
async function untilQuiet(stack: BenchStack): Promise<void> {
  const pid = stack.pids.get('monitoring') ?? 0;
  let before = cpuSecondsOf(pid);
  await pause(LOOK_MS);
  await until(
    'Monitoring comes to rest',
    QUIET_LIMIT_MS,
    () => {
      const now = cpuSecondsOf(pid);
      const share = (now - before) / (LOOK_MS / 1000);
      before = now;
      return share < QUIET_CPU_SHARE ? true : undefined;
    },
    LOOK_MS,
  );
}

async function lastHour(
  { monitoring }: BenchStack,
  of: 'host' | 'server',
  toMs: number,
  resources: string[] | undefined,
): Promise<number> {
  const body = {
    metrics: [`${of}.cpuPercent`],
    from: new Date(toMs - HOUR_MS).toISOString(),
    to: new Date(toMs).toISOString(),
    stepMs: MINUTE_MS,
    aggregate: 'mean' as const,
    ...(resources === undefined ? {} : { resources }),
  };
  const { series, steps } = await answer('monitoring', monitoring.POST('/query', { body }));
  const whole = series.every(({ values }) => values.every((value) => value !== null));
  if (steps !== HOUR_MS / MINUTE_MS || !whole) throw new Error('a window has gaps');
  return series.length;
}

async function timed(turns: number, ask: (turn: number) => Promise<void>): Promise<Spread> {
  const tookMs: number[] = [];
  for (let turn = 0; turn < turns; turn += 1) {
    const startedAt = performance.now();
    await ask(turn);
    tookMs.push(performance.now() - startedAt);
  }
  return spreadOf(tookMs);
}
