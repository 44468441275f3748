import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';

export class PortInUse extends Error {
  override readonly name = 'PortInUse';
  constructor(host: string, port: number) {
    super(`Port ${port} on ${host} is in use`);
  }
}

export type Listening = {
  host: string;
  port: number;
  url: string;
  /** Takes no new connections, lets running requests end within the limit, then cuts the rest. */
  close(withinMs?: number): Promise<void>;
};

/** Listens for HTTP, or for HTTPS where a certificate and its key (PEM) are given. */
export async function listen(
  app: Express,
  host: string,
  port: number,
  tls?: { readonly cert: string; readonly key: string },
): Promise<Listening> {
  const server = tls === undefined ? createServer(app) : createTlsServer(tls, app);
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortInUse(host, port) : error);
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as AddressInfo;
  return {
    host,
    port: address.port,
    url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    close: async (withinMs = 5_000) => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), withinMs);
      await closed;
      clearTimeout(cut);
    },
  };
}
