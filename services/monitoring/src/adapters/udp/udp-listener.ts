import { createSocket } from 'node:dgram';
import { PortInUse } from '@sidestep/service-kit';

export interface UdpListening {
  readonly port: number;
  close(): Promise<void>;
}

// Bursts of a whole site's agents wait here; the kernel may grant less (net.core.rmem_max).
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024;

/** Listens for datagrams; whatever one holds, and whatever the socket meets later, the listener goes on. */
export async function listenUdp(
  host: string,
  port: number,
  onDatagram: (bytes: Buffer) => void,
  onError: (error: Error) => void,
): Promise<UdpListening> {
  const socket = createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(host, port) : error);
    });
    socket.bind(port, host, resolve);
  });
  socket.removeAllListeners('error');
  socket.on('error', onError);
  socket.on('message', onDatagram);
  try {
    socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
  } catch (error) {
    onError(error instanceof Error ? error : new Error(String(error)));
  }
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
