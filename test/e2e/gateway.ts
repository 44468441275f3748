import { createServer, type IncomingMessage, type Server, request as send } from 'node:http';
import { freePort } from '@sidestep/cli';

/** A request to the cloud, as the gateway sees it. */
export type CloudRequest = { method: string; path: string; body: string };

type Trap = {
  wanted: (request: CloudRequest) => boolean;
  when: 'arrives' | 'is-done';
  act: () => Promise<void>;
};

/** What stands between the services and the cloud: a place to break exactly there. */
export type Gateway = {
  /** The cloud's addresses, seen through the gateway. */
  through(cloudUrl: string): string;
  /**
   * Does something, once, when a request `arrives` (it never reaches the cloud) or `is-done` (the cloud has worked on
   * it); it is never answered. Resolves when that happened.
   */
  once(wanted: Trap['wanted'], when: Trap['when'], act: () => Promise<void>): Promise<CloudRequest>;
  close(): Promise<void>;
};

/** Starts a gateway to the cloud at `cloudUrl`; its catalogue's addresses lead through the gateway too. */
export async function startGateway(cloudUrl: string): Promise<Gateway> {
  const port = await freePort();
  const ownUrl = `http://127.0.0.1:${port}`;
  const traps = new Set<Trap & { sprung: (request: CloudRequest) => void }>();
  const server: Server = createServer((incoming, outgoing) => {
    const pass = async () => {
      const body = await textOf(incoming);
      const { method = 'GET', url: path = '/', headers } = incoming;
      const request = { method, path, body };
      const trap = [...traps].find(({ wanted }) => wanted(request));
      if (trap !== undefined) traps.delete(trap);
      if (trap?.when === 'arrives') {
        await trap.act();
        trap.sprung(request);
        outgoing.destroy();
        return;
      }
      const answer = await forwarded(new URL(path, cloudUrl), { method, headers, body });
      if (trap !== undefined) {
        await trap.act();
        trap.sprung(request);
        outgoing.destroy();
        return;
      }
      const text = answer.text.replaceAll(cloudUrl, ownUrl);
      outgoing.writeHead(answer.status, {
        ...answer.headers,
        'content-length': Buffer.byteLength(text),
      });
      outgoing.end(text);
    };
    pass().catch(() => outgoing.destroy());
  });
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    through: (url) => url.replace(cloudUrl, ownUrl),
    once: (wanted, when, act) =>
      new Promise((sprung) => {
        traps.add({ wanted, when, act, sprung });
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Answer = { status: number; headers: IncomingMessage['headers']; text: string };

function forwarded(
  url: URL,
  { method, headers, body }: { method: string; headers: IncomingMessage['headers']; body: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = send(url, { method, headers: { ...headers, host: url.host } }, (answer) => {
      textOf(answer).then(
        (text) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, text }),
        reject,
      );
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

async function textOf(stream: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
