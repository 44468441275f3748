import { decodeDatagram, type EncodableValueList, encodeDatagrams } from '@sidestep/collectd';
import { type CloudSpec, fleetCloud, manualClock, startEmulator } from '@sidestep/emulator';

export const fleetHosts = 100;
export const fleetServers = 300;
const SECOND_MS = 1_000;
const FIRST_MS = 1_700_000_000_000;

/** Numbers that the index holds of each datagram. */
export const INDEX_COLUMNS = 4;

/** The benchmark's cloud: 100 hosts, 300 VNFs, 75 chains. */
export const benchCloud = (seed: number): CloudSpec =>
  fleetCloud({ hosts: fleetHosts, servers: fleetServers, chains: 75, seed });

/** What the agents of a cloud sent in some seconds, in memory that threads can share. */
export type Recording = {
  bytes: SharedArrayBuffer;
  /** Four numbers a datagram: where it begins, where it ends, how many values it holds, in which second it was sent. */
  index: SharedArrayBuffer;
  datagrams: number;
  values: number;
  seconds: number;
};

/** Records the collectd datagrams of the emulated fleet at 1 s, as they would go over the network. */
export async function recordFleet(seed: number, seconds: number): Promise<Recording> {
  const datagrams: Uint8Array[] = [];
  const clock = manualClock(FIRST_MS);
  const cloud = await startEmulator(benchCloud(seed), {
    clock,
    onDatagram: (datagram) => datagrams.push(Uint8Array.from(datagram)),
  });
  try {
    clock.advance(seconds * SECOND_MS);
  } finally {
    await cloud.close();
  }
  return packed(datagrams, seconds);
}

/**
 * The same values as a compute host's own collectd sends them: those of the host and of its servers (plugin virt) together, in
 * datagrams as full as collectd's (1452 bytes; the recorded ones of a real collectd hold 35 values on average).
 */
export async function recordHostAgents(seed: number, seconds: number): Promise<Recording> {
  const fleet = await recordFleet(seed, seconds);
  const agents = new Map<string, EncodableValueList[]>();
  for (const [row, datagram] of datagramsOf(fleet).entries()) {
    const { valueLists } = decodeDatagram(datagram);
    for (const list of valueLists) {
      const key = `${list.timeMs} ${row % fleetHosts}`;
      const lists = agents.get(key);
      if (lists === undefined) agents.set(key, [list]);
      else lists.push(list);
    }
  }
  // By time: the order of the recording, whoever sends.
  const inOrder = [...agents.values()].sort((a, b) => (a[0]?.timeMs ?? 0) - (b[0]?.timeMs ?? 0));
  return packed(
    inOrder.flatMap((lists) => encodeDatagrams(lists)),
    seconds,
  );
}

/** The datagrams of a recording, in its memory. */
export function datagramsOf({ bytes, index, datagrams }: Recording): Uint8Array[] {
  const all = new Uint8Array(bytes);
  const numbers = new Uint32Array(index);
  return Array.from({ length: datagrams }, (_, row) =>
    all.subarray(numbers[row * INDEX_COLUMNS], numbers[row * INDEX_COLUMNS + 1]),
  );
}

function packed(datagrams: readonly Uint8Array[], seconds: number): Recording {
  const total = datagrams.reduce((sum, { length }) => sum + length, 0);
  const bytes = new SharedArrayBuffer(total);
  const index = new SharedArrayBuffer(
    datagrams.length * INDEX_COLUMNS * Uint32Array.BYTES_PER_ELEMENT,
  );
  const into = new Uint8Array(bytes);
  const numbers = new Uint32Array(index);
  let at = 0;
  let values = 0;
  for (const [row, datagram] of datagrams.entries()) {
    into.set(datagram, at);
    const { result, valueLists } = decodeDatagram(datagram);
    const second = Math.floor(((valueLists[0]?.timeMs ?? FIRST_MS) - FIRST_MS) / SECOND_MS);
    numbers.set([at, at + datagram.length, result.values, second], row * INDEX_COLUMNS);
    at += datagram.length;
    values += result.values;
  }
  return { bytes, index, datagrams: datagrams.length, values, seconds };
}

/** Where the eight bytes of a datagram's time stand: behind the host, which comes first. */
export function timeOffset(datagram: Uint8Array): number {
  return partOffset(datagram, TIME_PART);
}

/** Whose a plain or signed datagram's first values are and of when, without reading the values. */
export function headOf(datagram: Uint8Array): { host: string; timeMs: number } {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  const host = partOffset(datagram, HOST_PART);
  const time = timeOffset(datagram);
  const end = host - 4 + view.getUint16(host - 2);
  return {
    // A zero ends the name.
    host: Buffer.from(datagram.subarray(host, end - 1)).toString('latin1'),
    // In halves, as the parser does: 64 bits are more than a number holds.
    timeMs: Math.floor(view.getUint32(time) * 4_000 + view.getUint32(time + 4) / 1_073_741.824),
  };
}

const HOST_PART = 0x0000;
const TIME_PART = 0x0008;

function partOffset(datagram: Uint8Array, type: number): number {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  for (let at = 0; at + 4 <= datagram.length; at += view.getUint16(at + 2)) {
    if (view.getUint16(at) === type) return at + 4;
  }
  throw new Error(`a datagram without a part of type ${type}`);
}
