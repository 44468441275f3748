import { answer } from '@sidestep/contracts';
import type { Emulator } from '@sidestep/emulator';
import { type BenchStack, type Counters, until, withStack } from './bench-stack.ts';
import { type Blaster, type BlastReport, startBlaster } from './blast.ts';
import { cpuSecondsOf, receiveBufferBytes, udpSocket, waitedSecondsOf } from './proc.ts';
import type { Recording } from './recorded-fleet.ts';

/** What came of one stretch of sending. */
export type Stretch = BlastReport & {
  offeredPerSecond: number;
  /** Values whose samples were stored, by the time from the first sent to the last stored. */
  storedPerSecond: number;
  /** Samples that came of them: raw readings and canonical metrics. */
  samples: number;
  droppedAtSocket: number;
  lostAfterSocket: number;
  /** From the last datagram sent until everything was stored. */
  drainSeconds: number;
  cpuSeconds: number;
  storeCpuSeconds: number;
  /** How long Monitoring could have run and had no core: the neighbours' part in the result. */
  waitedForCpuSeconds: number;
};

/** What was found of one store. */
export type IntakeResult = {
  /** Sent as fast as it was taken. */
  asTaken: Stretch;
  /** Sent at fixed rates, in the order tried. */
  atRates: readonly Stretch[];
  /** The highest of them that was held. */
  held: Stretch | 'none';
  /** Samples stored by Monitoring's counter when all that was taken had been, and those that queries count then. */
  stored: number;
  readBack: number;
};

export type IntakeOptions = {
  settings: Record<string, string>;
  /** The store's own process, where it has one. */
  storePid?: number;
  warmUpSeconds: number;
  asTakenSeconds: number;
  rateSeconds: number;
  say(line: string): void;
};

// As Monitoring's listener asks for.
export const ASKED_BUFFER_BYTES = 16 * 1024 * 1024;
/** More samples than this on their way to the store, and the sender waits: nothing may pile up unseen. */
const MOST_WAITING = 400_000;
const MOST_UNREAD = 4_000;
/** A rate is held when all of it is stored so soon after the last datagram. */
const HELD_DRAIN_SECONDS = 2;
const DRAIN_LIMIT_MS = 60_000;
/** Shares of the rate as taken that are tried: downwards until one is held, or upwards while the first is. */
const FIRST_SHARE = 1.1;
const LOWER_SHARES = [0.9, 0.7, 0.5, 0.35];
const HIGHER_SHARES = [1.4, 1.8, 2.3];
const METRICS_PER_QUERY = 10;
const HOUR_MS = 3_600_000;
// Monitoring refuses readings more than an hour old; the start-up takes its part of that.
const BACK_MS = 3_300_000;

/** Sends the recorded fleet at Monitoring, whose store is as the settings say, and counts what is stored. */
export async function measureIntake(
  cloud: Emulator,
  recording: Recording,
  options: IntakeOptions,
): Promise<IntakeResult> {
  const { rateSeconds, say, settings, warmUpSeconds } = options;
  const first = await withBlaster(cloud, recording, settings, async (stack, blaster, beganMs) => {
    await asTakenFor(stack, blaster, options, warmUpSeconds);
    const asTaken = await asTakenFor(stack, blaster, options, options.asTakenSeconds);
    say(`as taken: ${described(asTaken)}`);
    const { stored } = await stack.counted();
    return { asTaken, stored, readBack: await readBack(stack, beganMs) };
  });
  const atRates: Stretch[] = [];
  // Each rate has a service of its own: one takes samples of an hour, and a fast one is soon through with it.
  const isHeldAt = async (share: number): Promise<boolean> => {
    const rate = share * first.asTaken.storedPerSecond;
    const tried = await withBlaster(cloud, recording, settings, async (stack, blaster) => {
      const { lastTimeMs } = await asTakenFor(stack, blaster, options, warmUpSeconds);
      const seconds = Math.min(rateSeconds, secondsLeft(recording, lastTimeMs, rate));
      return stretchOf(stack, options, () => blaster.atRate(rate, seconds));
    });
    say(`at a fixed rate: ${described(tried)}`);
    // What ended long before its time tells nothing.
    if (tried.seconds < rateSeconds / 2) return false;
    atRates.push(tried);
    return isHeld(tried);
  };
  const upwards = await isHeldAt(FIRST_SHARE);
  for (const share of upwards ? HIGHER_SHARES : LOWER_SHARES) {
    if ((await isHeldAt(share)) !== upwards) break;
  }
  return { ...first, atRates, held: atRates.filter(isHeld).at(-1) ?? 'none' };
}

/** For how long a rate can be kept after samples of a time, until they would lie too far ahead of the clock. */
function secondsLeft({ values, seconds }: Recording, lastTimeMs: number, rate: number): number {
  const recordedSeconds = (Date.now() - lastTimeMs) / 1000;
  return (recordedSeconds * values) / seconds / rate;
}

/** Stretches as fast as they are taken, one after another, after one to warm up. */
export function measureAsTaken(
  cloud: Emulator,
  recording: Recording,
  options: IntakeOptions & { runs: number },
): Promise<Stretch[]> {
  return withBlaster(cloud, recording, options.settings, async (stack, blaster) => {
    const run = (seconds: number) => asTakenFor(stack, blaster, options, seconds);
    await run(options.warmUpSeconds);
    const stretches: Stretch[] = [];
    for (let turn = 0; turn < options.runs; turn += 1) {
      const stretch = await run(options.asTakenSeconds);
      options.say(described(stretch));
      stretches.push(stretch);
    }
    return stretches;
  });
}

function withBlaster<T>(
  cloud: Emulator,
  recording: Recording,
  settings: Record<string, string>,
  work: (stack: BenchStack, blaster: Blaster, firstTimeMs: number) => Promise<T>,
): Promise<T> {
  return withStack(cloud, { only: ['monitoring'], settings }, async (stack) => {
    await until('the inventory', 30_000, async () => {
      const fleet = await answer('monitoring', stack.monitoring.GET('/fleet'));
      return fleet.observedAt === null ? undefined : fleet;
    });
    const firstTimeMs = Math.floor((Date.now() - BACK_MS) / 1000) * 1000;
    const blaster = startBlaster(recording, stack.collectdPort, firstTimeMs);
    try {
      return await work(stack, blaster, firstTimeMs);
    } finally {
      await blaster.close();
    }
  });
}

function asTakenFor(
  stack: BenchStack,
  blaster: Blaster,
  options: IntakeOptions,
  seconds: number,
): Promise<Stretch> {
  const queuedBytes = receiveBufferBytes(ASKED_BUFFER_BYTES) / 4;
  const hold = async () => {
    const { waiting, unread } = await stack.counted();
    return waiting > MOST_WAITING || unread > MOST_UNREAD;
  };
  return stretchOf(stack, options, () => blaster.asTaken(queuedBytes, seconds, hold));
}

function isHeld(tried: Stretch): boolean {
  const lost = tried.droppedAtSocket + tried.lostAfterSocket;
  return lost === 0 && tried.drainSeconds <= HELD_DRAIN_SECONDS;
}

export function described(stretch: Stretch): string {
  const { offeredPerSecond, storedPerSecond, droppedAtSocket, drainSeconds } = stretch;
  return `${Math.round(offeredPerSecond)} values/s sent, ${Math.round(storedPerSecond)} stored, ${droppedAtSocket} datagrams dropped at the socket, stored ${drainSeconds.toFixed(1)} s after the last`;
}

async function stretchOf(
  stack: BenchStack,
  { storePid }: IntakeOptions,
  send: () => Promise<BlastReport>,
): Promise<Stretch> {
  const pid = stack.pids.get('monitoring') ?? 0;
  const look = async () => ({
    counted: await stack.counted(),
    socket: udpSocket(stack.collectdPort),
    cpu: cpuSecondsOf(pid),
    waited: waitedSecondsOf(pid),
    storeCpu: storePid === undefined ? 0 : cpuSecondsOf(storePid),
  });
  const before = await look();
  const startedAt = performance.now();
  const report = await send();
  const sentAt = performance.now();
  const after = await until('everything is stored', DRAIN_LIMIT_MS, async () => {
    const now = await look();
    const { waiting, unread } = now.counted;
    return now.socket.queuedBytes === 0 && waiting + unread === 0 ? now : undefined;
  });
  const storedAt = performance.now();
  const change = (name: keyof Counters) => after.counted[name] - before.counted[name];
  return {
    ...report,
    offeredPerSecond: report.values / report.seconds,
    storedPerSecond: (1000 * change('values')) / (storedAt - startedAt),
    samples: change('stored'),
    droppedAtSocket: after.socket.dropped - before.socket.dropped,
    lostAfterSocket: change('dropped') + change('refused'),
    drainSeconds: (storedAt - sentAt) / 1000,
    cpuSeconds: after.cpu - before.cpu,
    storeCpuSeconds: after.storeCpu - before.storeCpu,
    waitedForCpuSeconds: after.waited - before.waited,
  };
}

/** Counts every sample of the last hour by queries: what is stored is what can be read. */
async function readBack({ monitoring }: BenchStack, firstTimeMs: number): Promise<number> {
  const metrics = new Set<string>();
  let cursor: string | undefined;
  do {
    const query = { limit: 1000, ...(cursor === undefined ? {} : { cursor }) };
    const page = await answer('monitoring', monitoring.GET('/series', { params: { query } }));
    for (const { metric } of page.series) metrics.add(metric);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  const names = [...metrics];
  let count = 0;
  for (let at = 0; at < names.length; at += METRICS_PER_QUERY) {
    const body = {
      metrics: names.slice(at, at + METRICS_PER_QUERY),
      from: new Date(firstTimeMs).toISOString(),
      to: new Date(firstTimeMs + 2 * HOUR_MS).toISOString(),
      stepMs: HOUR_MS,
      aggregate: 'count' as const,
    };
    const { series } = await answer('monitoring', monitoring.POST('/query', { body }));
    for (const { values } of series) for (const value of values) count += value ?? 0;
  }
  return count;
}
