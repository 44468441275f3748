import { createSocket } from 'node:dgram';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { udpSocket } from './proc.ts';
import { INDEX_COLUMNS, type Recording, timeOffset } from './recorded-fleet.ts';

/** What the thread is asked to send. */
export type BlastOrder =
  | { kind: 'rate'; valuesPerSecond: number; seconds: number }
  | { kind: 'as-taken'; queuedBytes: number; seconds: number };

/** What it has sent; `lastTimeMs` is the time that the last values bear. */
export type BlastReport = {
  datagrams: number;
  values: number;
  seconds: number;
  firstTimeMs: number;
  lastTimeMs: number;
};

type Parts = {
  recording: Recording;
  port: number;
  firstTimeMs: number;
  control: SharedArrayBuffer;
};

const BURST = 32;
/** A sender that was held up does not make up for more than this: a burst is not the rate that was asked for. */
const FORGIVEN_MS = 20;
// Monitoring refuses readings more than a minute ahead of its clock.
const MOST_AHEAD_MS = 50_000;

const { recording, port, firstTimeMs, control } = workerData as Parts;
const bytes = new Uint8Array(recording.bytes);
const index = new Uint32Array(recording.index);
const held = new Int32Array(control);
const rows = Array.from({ length: recording.datagrams }, (_, row) => {
  const [from = 0, to = 0, values = 0, second = 0] = index.subarray(row * INDEX_COLUMNS);
  const datagram = bytes.subarray(from, to);
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  return { datagram, view, at: timeOffset(datagram), values, second };
});
const firstSecond = rows[0]?.second ?? 0;
const socket = createSocket('udp4');
let sent = 0;

/** The next datagram in the order of the recording, stamped with the second that follows those before. */
function next(): { datagram: Uint8Array; values: number; timeMs: number } | 'out-of-time' {
  const round = Math.floor(sent / rows.length);
  const row = rows[sent % rows.length];
  if (row === undefined) throw new Error('nothing was recorded');
  const second = row.second - firstSecond + round * recording.seconds;
  const timeMs = firstTimeMs + second * 1000;
  if (timeMs > Date.now() + MOST_AHEAD_MS) return 'out-of-time';
  const stamp = timeMs / 1000;
  row.view.setUint32(row.at, Math.floor(stamp / 4));
  row.view.setUint32(row.at + 4, Math.round((stamp % 4) * 2 ** 30));
  sent += 1;
  return { datagram: row.datagram, values: row.values, timeMs };
}

async function blast(order: BlastOrder): Promise<BlastReport> {
  const perSecond =
    order.kind === 'rate'
      ? (order.valuesPerSecond * recording.datagrams) / recording.values
      : Number.POSITIVE_INFINITY;
  const startedAt = performance.now();
  const endAt = startedAt + order.seconds * 1000;
  let dueFrom = startedAt;
  let dueSent = 0;
  const report = { datagrams: 0, values: 0, firstTimeMs: 0, lastTimeMs: 0 };
  for (let now = startedAt; now < endAt; now = performance.now()) {
    const wait =
      order.kind === 'as-taken'
        ? Atomics.load(held, 0) === 1 || udpSocket(port).queuedBytes > order.queuedBytes
        : dueSent >= ((now - dueFrom) * perSecond) / 1000;
    if (wait) {
      await sleep(1);
      continue;
    }
    const backlogMs = now - dueFrom - (dueSent * 1000) / perSecond;
    if (backlogMs > FORGIVEN_MS) dueFrom += backlogMs - FORGIVEN_MS;
    for (let burst = 0; burst < BURST; burst += 1) {
      const made = next();
      if (made === 'out-of-time') return { ...report, seconds: (now - startedAt) / 1000 };
      socket.send(made.datagram);
      dueSent += 1;
      if (report.datagrams === 0) report.firstTimeMs = made.timeMs;
      report.datagrams += 1;
      report.values += made.values;
      report.lastTimeMs = made.timeMs;
    }
    await nextTurn();
  }
  return { ...report, seconds: (performance.now() - startedAt) / 1000 };
}

await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve));
parentPort?.on('message', (order: BlastOrder) => {
  void blast(order).then((report) => parentPort?.postMessage(report));
});
