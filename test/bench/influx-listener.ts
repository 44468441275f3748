import { freeUdpPort, until } from './bench-stack.ts';
import { startBlaster } from './blast.ts';
import { collectdListener, startInflux } from './influx-server.ts';
import { cpuSecondsOf, receiveBufferBytes, udpSocket } from './proc.ts';
import type { Recording } from './recorded-fleet.ts';

/** What influxd's own collectd listener stored of one stretch. */
export type ListenerStretch = {
  values: number;
  points: number;
  storedPerSecond: number;
  droppedAtSocket: number;
  cpuSeconds: number;
};

const READ_BUFFER_BYTES = 8 * 1024 * 1024;
const BACK_MS = 3_300_000;
const DRAIN_LIMIT_MS = 60_000;
// Points that never come: its listener has dropped them.
const QUIET_MS = 5_000;

type Stats = { points: number; failed: number };

/** Sends the recording at influxd's own collectd listener as fast as it is taken, several times. */
export async function measureInfluxListener(
  recording: Recording,
  options: { warmUpSeconds: number; asTakenSeconds: number; runs: number; say(line: string): void },
): Promise<ListenerStretch[]> {
  const port = await freeUdpPort();
  const influx = await startInflux(collectdListener(port));
  const firstTimeMs = Math.floor((Date.now() - BACK_MS) / 1000) * 1000;
  const blaster = startBlaster(recording, port, firstTimeMs);
  const queuedBytes = receiveBufferBytes(READ_BUFFER_BYTES) / 4;
  const run = async (seconds: number): Promise<ListenerStretch> => {
    const look = async () => ({
      stats: await statsOf(influx.url),
      socket: udpSocket(port),
      cpu: cpuSecondsOf(influx.pid),
    });
    const before = await look();
    const startedAt = performance.now();
    const { values } = await blaster.asTaken(queuedBytes, seconds, async () => false);
    // It sends its last batch after a pause of its own (batch-timeout): the time of the last change counts.
    let stored = before.stats.points;
    let storedAt = startedAt;
    const after = await until('influxd has stored everything', DRAIN_LIMIT_MS, async () => {
      const now = await look();
      if (now.stats.points !== stored) storedAt = performance.now();
      stored = now.stats.points;
      const isWhole = stored - before.stats.points >= values;
      const isQuiet = performance.now() - storedAt > QUIET_MS;
      return now.socket.queuedBytes === 0 && (isWhole || isQuiet) ? now : undefined;
    });
    return {
      values,
      points: after.stats.points - before.stats.points,
      storedPerSecond: (1000 * (after.stats.points - before.stats.points)) / (storedAt - startedAt),
      droppedAtSocket: after.socket.dropped - before.socket.dropped,
      cpuSeconds: after.cpu - before.cpu,
    };
  };
  try {
    await run(options.warmUpSeconds);
    const stretches: ListenerStretch[] = [];
    for (let turn = 0; turn < options.runs; turn += 1) {
      const stretch = await run(options.asTakenSeconds);
      options.say(
        `influxd's own listener: ${Math.round(stretch.storedPerSecond)} values/s stored, ${stretch.points} of ${stretch.values}`,
      );
      stretches.push(stretch);
    }
    return stretches;
  } finally {
    await blaster.close();
    await influx.stop();
  }
}

/** Points that its collectd listener has handed to the store, by its own statistics. */
async function statsOf(url: string): Promise<Stats> {
  const response = await fetch(`${url}/debug/vars`, { signal: AbortSignal.timeout(10_000) });
  const all = (await response.json()) as Record<
    string,
    { name?: string; values?: Record<string, number> } | undefined
  >;
  const listener = Object.values(all).find((each) => each?.name === 'collectd')?.values;
  return { points: listener?.pointsTx ?? 0, failed: listener?.batchesTxFail ?? 0 };
}
