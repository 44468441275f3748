import { createServer, type Socket } from 'node:net';
import { PortInUse } from '@sidestep/service-kit';
import { type FramingFault, SyslogFramer } from '../../domain/syslog-framing.ts';

export interface TcpListening {
  readonly port: number;
  close(): Promise<void>;
}

const MAX_CONNECTIONS = 1000;
/** A sender that says nothing for so long has gone away without a word. */
const IDLE_MS = 3_600_000;

/** Listens for syslog over TCP (RFC 6587), counted or by lines; a stream that cannot be read any further is closed. */
export async function listenSyslogTcp(
  host: string,
  port: number,
  maxBytes: number,
  onMessage: (bytes: Uint8Array) => void,
  onFault: (reason: FramingFault) => void,
  onError: (error: Error) => void,
): Promise<TcpListening> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const framer = new SyslogFramer(maxBytes);
    socket.setTimeout(IDLE_MS, () => socket.destroy());
    // Senders come and go as they like; a reset is nothing to tell.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', (piece: Buffer) => {
      const { frames, faults, readable } = framer.push(piece);
      for (const frame of frames) onMessage(frame);
      for (const fault of faults) onFault(fault);
      if (!readable) socket.destroy();
    });
    socket.on('end', () => {
      // A last line without its newline is a message as well.
      for (const frame of framer.push(Uint8Array.of(10)).frames) onMessage(frame);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(host, port) : error);
    });
    server.listen(port, host, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', onError);
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
