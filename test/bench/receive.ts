import { createDatagramParser } from '@sidestep/collectd';
import { listenUdp } from '@sidestep/monitoring';
import { pause, until } from './bench-stack.ts';
import { type Blaster, startBlaster } from './blast.ts';
import { receiveBufferBytes, udpSocket } from './proc.ts';
import type { Recording } from './recorded-fleet.ts';

/** What was received and parsed of a stretch. */
export type Received = {
  offeredPerSecond: number;
  parsedPerSecond: number;
  droppedAtSocket: number;
  values: number;
};

export type ReceiveResult = {
  asTaken: readonly Received[];
  /** At fixed rates, in the order tried. */
  atRates: readonly Received[];
  held: Received | 'none';
};

const ASKED_BUFFER_BYTES = 16 * 1024 * 1024;
const SECONDS = 3;
const RUNS = 3;
/** Values a second that are tried, highest first; the aim is among them. */
const RATES = [4_000_000, 3_000_000, 2_500_000, 2_000_000, 1_500_000, 1_000_000, 500_000];
const START_MS = 1_700_000_000_000;

/** Monitoring's listener on its thread and the parser on this one; another one sends over loopback. */
export async function measureReceive(
  recording: Recording,
  say: (line: string) => void,
): Promise<ReceiveResult> {
  let values = 0;
  let sum = 0;
  const parser = createDatagramParser<object>({
    seriesOf: (identity) => identity,
    onValues: (list) => {
      for (let at = 0; at < list.count; at += 1) sum += list.values[at] ?? 0;
    },
  });
  const listening = await listenUdp(
    '127.0.0.1',
    0,
    (bytes) => {
      values += parser.parse(bytes).values;
    },
    (error) => say(String(error)),
  );
  const fallen = (): number => udpSocket(listening.port).dropped;
  const blaster = startBlaster(recording, listening.port, START_MS);
  const stretch = async (send: (by: Blaster) => ReturnType<Blaster['atRate']>) => {
    const [before, droppedBefore] = [values, fallen()];
    const startedAt = performance.now();
    const report = await send(blaster);
    await until('everything is read', 10_000, () =>
      udpSocket(listening.port).queuedBytes === 0 && listening.waiting() === 0 ? true : undefined,
    );
    const received: Received = {
      offeredPerSecond: report.values / report.seconds,
      parsedPerSecond: (1000 * (values - before)) / (performance.now() - startedAt),
      droppedAtSocket: fallen() - droppedBefore,
      values: values - before,
    };
    say(
      `received: ${Math.round(received.offeredPerSecond)} values/s sent, ${Math.round(received.parsedPerSecond)} parsed, ${received.droppedAtSocket} datagrams dropped`,
    );
    await pause(200);
    return received;
  };
  const queuedBytes = receiveBufferBytes(ASKED_BUFFER_BYTES) / 4;
  try {
    const asTaken: Received[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      asTaken.push(await stretch((by) => by.asTaken(queuedBytes, SECONDS, async () => false)));
    }
    const atRates: Received[] = [];
    for (const rate of RATES) {
      const tried = await stretch((by) => by.atRate(rate, SECONDS));
      atRates.push(tried);
      if (tried.droppedAtSocket === 0) break;
    }
    if (Number.isNaN(sum)) throw new Error('a value was not a number');
    const held = atRates.find(({ droppedAtSocket }) => droppedAtSocket === 0) ?? 'none';
    return { asTaken, atRates, held };
  } finally {
    await blaster.close();
    await listening.close();
  }
}
