import { Worker } from 'node:worker_threads';
import { PortInUse } from '@sidestep/service-kit';
import { RingReader, ringMemory } from './datagram-ring.ts';
import type { UdpThreadData, UdpThreadNews } from './udp-thread.ts';

export interface UdpListening {
  readonly port: number;
  /** Datagrams that were received and not handed on yet. */
  waiting(): number;
  /** Stops receiving; what was received is handed on before it resolves. */
  close(): Promise<void>;
}

// Bursts of a whole site's agents wait here; the kernel may grant less (net.core.rmem_max).
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;
// A quarter of a million values, about a second of the most that can be stored: more would be more to lose with the process.
const RING_BYTES = 8 * 1024 * 1024;
const MAX_DATAGRAM_BYTES = 65_536;
/** So many are handed on before other work gets its turn. */
const TURN_DATAGRAMS = 256;

/**
 * Listens for datagrams on a thread of its own, so that the kernel's buffer is emptied however busy this one is. What is handed on
 * lies in memory that is used again: copy what is kept. Whatever a datagram holds, the listener goes on.
 */
export async function listenUdp(
  host: string,
  port: number,
  onDatagram: (bytes: Buffer) => void,
  onError: (error: Error) => void,
): Promise<UdpListening> {
  const memory = ringMemory(RING_BYTES);
  const ring = new RingReader(memory);
  const data: UdpThreadData = { host, port, receiveBufferBytes: RECEIVE_BUFFER_BYTES, memory };
  const thread = new Worker(new URL('./udp-thread.ts', import.meta.url), { workerData: data });
  const copy = Buffer.alloc(MAX_DATAGRAM_BYTES);
  let isDraining = false;

  const handOn = (most: number): boolean => {
    for (let turn = 0; turn < most; turn += 1) {
      const length = ring.read(copy);
      if (length === undefined) return false;
      onDatagram(copy.subarray(0, length));
    }
    return true;
  };
  const drain = (): void => {
    ring.sleeps();
    isDraining = handOn(TURN_DATAGRAMS);
    if (isDraining) setImmediate(drain);
  };

  const bound = await new Promise<number>((resolve, reject) => {
    thread.on('message', (news: UdpThreadNews) => {
      if (news.kind === 'datagrams' && !isDraining) drain();
      else if (news.kind === 'listening') resolve(news.port);
      else if (news.kind === 'fault') onError(new Error(news.message));
      else if (news.kind === 'refused') {
        void thread.terminate();
        const isTaken = news.code === 'EADDRINUSE';
        reject(isTaken ? new PortInUse(host, port) : new Error(news.message));
      }
    });
    // A process that receives nothing any more must not look well: it ends, and is started again.
    thread.once('error', (error) => {
      reject(error);
      throw error;
    });
  });
  return {
    port: bound,
    waiting: () => ring.waiting,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        thread.on('message', (news: UdpThreadNews) => {
          if (news.kind === 'closed') resolve();
        });
      });
      thread.postMessage('close');
      await closed;
      handOn(Number.POSITIVE_INFINITY);
      await thread.terminate();
    },
  };
}
