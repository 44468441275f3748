import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { UsageError } from './usage-error.ts';

/** A TCP port on loopback that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('the system gave no port');
  return address.port;
}

/** Refuses with one line where a TCP port that the user asked for is taken. */
export async function demandFreePort(port: number, what: string, flag: string): Promise<void> {
  const taken = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(true));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)));
  });
  if (taken)
    throw new UsageError(`port ${port} (${what}) is in use; free it or give another with ${flag}`);
}

/** The same for UDP. */
export async function demandFreeUdpPort(port: number, what: string, flag: string): Promise<void> {
  const taken = await new Promise<boolean>((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => {
      socket.close();
      resolve(true);
    });
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(false)));
  });
  if (taken)
    throw new UsageError(
      `UDP port ${port} (${what}) is in use; free it or give another with ${flag}`,
    );
}
