import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { World } from '../cloud/world.ts';
import type { ApiCall } from '../emulator-types.ts';
import type { FaultBoard } from '../fault-board.ts';
import type { ServiceName } from '../faults.ts';
import { ApiError, errorBody } from './api-error.ts';
import type { ControlHandler } from './control.ts';
import type { Tokens } from './keystone.ts';
import type { ApiRequest, ApiResponse, Router } from './router.ts';

const MAX_BODY_BYTES = 4 * 1024 * 1024;
const MAX_CALLS = 10_000;

/** The first path segment of each service, and what of the rest is its version. */
const prefixes: Readonly<Record<ServiceName, { path: string; version: string }>> = {
  identity: { path: '/identity', version: '/v3' },
  compute: { path: '/compute', version: '/v2.1' },
  placement: { path: '/placement', version: '' },
  network: { path: '/network', version: '' },
  image: { path: '/image', version: '' },
};

/** Where each service listens, given the base address. */
export function serviceUrl(baseUrl: string, service: ServiceName): string {
  const { path, version } = prefixes[service];
  return `${baseUrl}${path}${version}`;
}

/** What the server serves. */
export interface ApiServerParts {
  readonly world: World;
  readonly faults: FaultBoard;
  readonly tokens: Tokens;
  readonly maxMicroversion: string;
  readonly routers: Readonly<Record<ServiceName, Router>>;
  readonly control: ControlHandler;
}

interface Parsed {
  readonly service: ServiceName;
  readonly path: string;
  readonly url: URL;
}

/** One HTTP server for all services of the cloud. */
export class ApiServer {
  readonly calls: ApiCall[] = [];
  readonly #parts: ApiServerParts;
  readonly #server: Server;
  #baseUrl = '';

  constructor(parts: ApiServerParts) {
    this.#parts = parts;
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch(() => response.destroy());
    });
    // Clients of a test keep connections open; none may be cut between two of their requests.
    this.#server.keepAliveTimeout = 120_000;
  }

  listen(port: number, address: string): Promise<{ port: number; baseUrl: string }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, address, () => {
        const bound = this.#server.address() as AddressInfo;
        const host = address.includes(':') ? `[${address}]` : address;
        this.#baseUrl = `http://${host}:${bound.port}`;
        resolve({ port: bound.port, baseUrl: this.#baseUrl });
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of request) {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    }
    const text = Buffer.concat(chunks).toString('utf8');
    const url = new URL(request.url ?? '/', 'http://emulator');
    const method = request.method ?? 'GET';
    if (bytes > MAX_BODY_BYTES) {
      send(response, { status: 413 });
      return;
    }
    if (url.pathname.startsWith('/emulator/')) {
      const answer = this.#parts.control(
        method,
        url,
        parseJson(text),
        request.headers.authorization,
      );
      send(response, answer);
      return;
    }
    const parsed = parsePath(url);
    if (parsed === undefined) {
      send(response, { status: 404, body: { error: { code: 404, title: 'Not Found' } } });
      return;
    }
    const latencyMs = this.#parts.faults.nextLatencyMs();
    const work = (): void => this.#serve(parsed, method, parseJson(text), request, response);
    if (latencyMs > 0) this.#parts.world.clock.after(latencyMs, work);
    else work();
  }

  #serve(
    { path, service, url }: Parsed,
    method: string,
    body: unknown,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const requestId = `req-${randomUUID()}`;
    const effect = this.#parts.faults.effectOn(service, method, path);
    if (effect === 'reset') {
      this.#log(service, method, path, 0, requestId, body);
      response.destroy();
      return;
    }
    if (effect === 'timeout') {
      this.#log(service, method, path, 0, requestId, body);
      return;
    }
    let answer: ApiResponse;
    const headers: Record<string, string> = { 'x-openstack-request-id': requestId };
    if (service === 'compute') headers['x-compute-request-id'] = requestId;
    try {
      if (typeof effect === 'number')
        throw new ApiError(effect, 'The server is currently unavailable.', 'ServiceUnavailable');
      answer = this.#handle({ path, service, url }, method, body, request, requestId, headers);
    } catch (error) {
      const refusal =
        error instanceof ApiError
          ? error
          : new ApiError(500, `Unexpected API Error. ${String(error)}`, 'HTTPInternalServerError');
      answer = { status: refusal.status, body: errorBody(service, refusal, requestId) };
      if (refusal.status === 401)
        headers['www-authenticate'] = `Keystone uri="${this.#baseUrl}/identity"`;
    }
    const lost = effect === 'answer-lost';
    this.#log(service, method, path, lost ? 0 : answer.status, requestId, body);
    if (lost) return;
    send(response, { ...answer, headers: { ...headers, ...answer.headers } });
  }

  #handle(
    { path, service, url }: Parsed,
    method: string,
    body: unknown,
    request: IncomingMessage,
    requestId: string,
    headers: Record<string, string>,
  ): ApiResponse {
    const { routers, tokens } = this.#parts;
    const isOpen = service === 'identity' ? path === '/' || path === '/auth/tokens' : path === '/';
    const token = request.headers['x-auth-token'];
    if (!isOpen && (typeof token !== 'string' || !tokens.isValid(token)))
      throw new ApiError(401, 'The request you have made requires authentication.');
    const microversion = this.#microversion(service, request, headers);
    const { handler, params } = routers[service].find(method, path);
    return handler({
      service,
      method,
      path,
      params,
      query: url.searchParams,
      headers: request.headers,
      body,
      microversion,
      requestId,
      serviceUrl: serviceUrl(this.#baseUrl, service),
    } satisfies ApiRequest);
  }

  #microversion(
    service: ServiceName,
    request: IncomingMessage,
    headers: Record<string, string>,
  ): number {
    if (service !== 'compute' && service !== 'placement') return 0;
    const maximum = service === 'compute' ? this.#parts.maxMicroversion : '1.39';
    const minimum = service === 'compute' ? '2.1' : '1.0';
    const general = String(request.headers['openstack-api-version'] ?? '');
    const asked =
      new RegExp(`${service}\\s+(\\S+)`).exec(general)?.[1] ??
      (service === 'compute'
        ? String(request.headers['x-openstack-nova-api-version'] ?? minimum)
        : minimum);
    const version = asked === 'latest' ? maximum : asked;
    const [major, minor] = version.split('.').map(Number);
    const [maxMajor, maxMinor] = maximum.split('.').map(Number);
    if (major === undefined || minor === undefined || !Number.isInteger(minor))
      throw new ApiError(400, `API Version String ${version} is of invalid format.`);
    if (major !== maxMajor || maxMinor === undefined || minor > maxMinor)
      throw new ApiError(
        406,
        `Version ${version} is not supported by the API. Minimum is ${minimum} and maximum is ${maximum}.`,
      );
    headers['openstack-api-version'] = `${service} ${version}`;
    if (service === 'compute') headers['x-openstack-nova-api-version'] = version;
    return minor;
  }

  #log(
    service: ServiceName,
    method: string,
    path: string,
    status: number,
    requestId: string,
    body: unknown,
  ): void {
    // Reads are many and change nothing; a login's body is a password.
    if (method === 'GET' || service === 'identity') return;
    const atMs = this.#parts.world.clock.nowMs();
    this.calls.push({ atMs, service, method, path, status, requestId, body });
    if (this.calls.length > MAX_CALLS) this.calls.shift();
  }
}

function parsePath(url: URL): Parsed | undefined {
  for (const service of ['identity', 'compute', 'placement', 'network', 'image'] as const) {
    const { path: prefix, version } = prefixes[service];
    if (url.pathname !== prefix && !url.pathname.startsWith(`${prefix}/`)) continue;
    const rest = url.pathname.slice(prefix.length) || '/';
    const inner = version !== '' && rest.startsWith(version) ? rest.slice(version.length) : rest;
    const trimmed = inner.length > 1 ? inner.replace(/\/$/, '') : '/';
    return { service, path: trimmed, url };
  }
  return undefined;
}

function parseJson(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, { body, headers = {}, status }: ApiResponse): void {
  if (response.destroyed) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    ...(text === '' ? {} : { 'content-type': 'application/json' }),
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
