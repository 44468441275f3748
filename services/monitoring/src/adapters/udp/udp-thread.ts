import { createSocket } from 'node:dgram';
import { parentPort, workerData } from 'node:worker_threads';
import { type RingMemory, RingWriter } from './datagram-ring.ts';

/** What the thread is started with. */
export interface UdpThreadData {
  readonly host: string;
  readonly port: number;
  readonly receiveBufferBytes: number;
  readonly memory: RingMemory;
}

/** What the thread tells. */
export type UdpThreadNews =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'refused'; readonly code: string | undefined; readonly message: string }
  | { readonly kind: 'fault'; readonly message: string }
  | { readonly kind: 'datagrams' }
  | { readonly kind: 'closed' };

const { host, port, receiveBufferBytes, memory } = workerData as UdpThreadData;
const ring = new RingWriter(memory);
const tell = (news: UdpThreadNews): void => parentPort?.postMessage(news);
const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });

socket.once('error', (error: NodeJS.ErrnoException) =>
  tell({ kind: 'refused', code: error.code, message: error.message }),
);
socket.bind(port, host, () => {
  socket.removeAllListeners('error');
  socket.on('error', (error) => tell({ kind: 'fault', message: error.message }));
  try {
    socket.setRecvBufferSize(receiveBufferBytes);
  } catch (error) {
    tell({ kind: 'fault', message: error instanceof Error ? error.message : String(error) });
  }
  tell({ kind: 'listening', port: socket.address().port });
});
socket.on('message', (datagram) => {
  ring.writeWhenRoom(datagram);
  if (ring.wakes()) tell({ kind: 'datagrams' });
});
parentPort?.once('message', () => socket.close(() => tell({ kind: 'closed' })));
