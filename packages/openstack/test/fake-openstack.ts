import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Clock,
  createOpenStack,
  type OpenStack,
  OpenStackError,
  type OpenStackOptions,
} from '@sidestep/openstack';

/** One request that the fake server received. */
export type Seen = {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
};

/** What a route answers with; a function writes (or breaks) the answer itself. */
export type Answer =
  | {
      readonly status?: number;
      readonly json?: unknown;
      readonly text?: string;
      readonly headers?: Record<string, string>;
    }
  | ((response: ServerResponse, request: IncomingMessage) => void);

/** Steps by itself: each sleep is over at once and moves the time on. */
export type FakeClock = Clock & { readonly sleptMs: number[]; advance(ms: number): void };

/** A clock that tests step. */
export function fakeClock(startMs = Date.parse('2026-11-20T20:00:00Z')): FakeClock {
  let nowMs = startMs;
  const sleptMs: number[] = [];
  return {
    sleptMs,
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (delayMs, signal) => {
      signal?.throwIfAborted();
      sleptMs.push(delayMs);
      nowMs += delayMs;
    },
  };
}

/** A small HTTP server that plays one OpenStack: each route answers what the test gave it, in turn; the last one stays. */
export type FakeOpenStack = AsyncDisposable & {
  readonly url: string;
  readonly seen: Seen[];
  /** `on('GET /compute/v2.1/servers/detail', …)`; the path without query. */
  on(route: string, ...answers: readonly Answer[]): void;
  /** Requests of a route so far. */
  count(route: string): number;
  /** Clients of this cloud. */
  connect(options?: Partial<OpenStackOptions>): OpenStack;
};

export const PASSWORD = 'pw-5e1f0c2a';
export const APPLICATION_SECRET = 'acs-77b1d90e';

/** The catalogue of the fake. */
export function catalog(url: string, region = 'RegionOne') {
  return [
    ['identity', '/identity/v3'],
    ['compute', '/compute/v2.1'],
    ['placement', '/placement'],
    ['network', '/network'],
    ['image', '/image'],
  ].map(([type, path]) => ({
    id: `${type}-id`,
    type,
    name: String(type),
    endpoints: ['public', 'internal'].map((each) => ({
      id: `${type}-${each}`,
      interface: each,
      region,
      region_id: region,
      url: each === 'public' ? `${url}${path}` : `${url}/internal${path}`,
    })),
  }));
}

/** Keystone's answer to a token request. */
export function tokenAnswer(
  value: string,
  services: unknown,
  lifeMs = 3_600_000,
  issuedAt = '2026-11-20T20:00:00.000000Z',
): Answer {
  return {
    status: 201,
    headers: { 'x-subject-token': value },
    json: {
      token: {
        methods: ['password'],
        user: { id: 'u1', name: 'admin', domain: { id: 'default', name: 'Default' } },
        project: { id: 'p1', name: 'admin', domain: { id: 'default', name: 'Default' } },
        roles: [{ id: 'r1', name: 'admin' }],
        catalog: services,
        issued_at: issuedAt,
        expires_at: new Date(Date.parse(issuedAt) + lifeMs).toISOString(),
      },
    },
  };
}

/** Nova's version document. */
export function computeVersion(max: string, min = '2.1'): Answer {
  return { json: { version: { id: 'v2.1', status: 'CURRENT', version: max, min_version: min } } };
}

function write(answer: Answer, response: ServerResponse, request: IncomingMessage): void {
  if (typeof answer === 'function') {
    answer(response, request);
    return;
  }
  response.writeHead(answer.status ?? 200, {
    'content-type': 'application/json',
    'x-openstack-request-id': 'req-fake',
    ...answer.headers,
  });
  response.end(answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json)));
}

/** Starts the fake on a free port of the loopback, with a token, a catalogue and microversions up to 2.90. */
export async function startFakeOpenStack(): Promise<FakeOpenStack> {
  const routes = new Map<string, Answer[]>();
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      const path = request.url ?? '';
      const method = request.method ?? '';
      seen.push({
        method,
        path,
        headers: request.headers,
        body: text === '' ? null : JSON.parse(text),
      });
      const answers = routes.get(`${method} ${path.split('?')[0]}`) ?? [];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      const missing = { status: 404, json: { itemNotFound: { code: 404, message: 'no route' } } };
      write(answer ?? missing, response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${address.port}`;
  const on: FakeOpenStack['on'] = (route, ...answers) => {
    routes.set(route, [...answers]);
  };
  on('POST /identity/v3/auth/tokens', tokenAnswer('token-1', catalog(url)));
  on('GET /compute/v2.1/', computeVersion('2.90'));
  on('GET /placement/', {
    json: {
      versions: [{ id: 'v1.0', status: 'CURRENT', min_version: '1.0', max_version: '1.39' }],
    },
  });
  return {
    url,
    seen,
    on,
    count: (route) =>
      seen.filter(({ method, path }) => `${method} ${path.split('?')[0]}` === route).length,
    connect: (options = {}) =>
      createOpenStack({
        authUrl: `${url}/identity`,
        auth: { kind: 'password', username: 'admin', password: PASSWORD, projectName: 'admin' },
        clock: fakeClock(),
        random: () => 0.5,
        timeoutMs: 5_000,
        ...options,
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The OpenStackError that a call ends in. */
export async function errorOf(call: Promise<unknown>): Promise<OpenStackError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof OpenStackError) return error;
    throw error;
  }
  throw new Error('the call did not fail');
}
