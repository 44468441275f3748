import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { BlockList, isIPv4 } from 'node:net';
import { openApiDocument, type ServiceName } from '@sidestep/contracts';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import * as OpenApiValidator from 'express-openapi-validator';
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { mayAct, type Principal, principalOf, principalOfOther, type TokenEntry } from './auth.ts';
import { type ContractOperation, contractOperations } from './contract-operations.ts';
import { docsPage } from './docs-page.ts';
import type { Handlers, UntypedHandler } from './handlers.ts';
import { isLongBody, jsonPieces } from './json-pieces.ts';
import type { Log } from './log.ts';
import { ProblemError, toProblem } from './problem.ts';
import { asProblemError } from './request-faults.ts';

/** One thing that a service needs to do its work. */
export type ReadinessCheck = () => Promise<{ ok: boolean; detail: string | null }>;
export type Capability = { name: string; available: boolean; detail: string };

export type ServiceAppOptions<Operations> = {
  service: ServiceName;
  version: string;
  handlers: Handlers<Operations>;
  tokens: readonly TokenEntry[];
  log: Log;
  /** Parts that /ready asks, by name. */
  readiness: Record<string, ReadinessCheck>;
  capabilities: () => Promise<Capability[]> | Capability[];
  /** Where the service stands behind a proxy that keeps the prefix, e.g. `/monitoring`; default none. */
  basePath?: string;
  /** CIDR networks whose callers need no token for operations that the contract opens to networks. */
  openNetworks?: readonly string[];
  docsToken?: string;
  maxBodyBytes?: number;
  /** Where the process counts; default a new one. */
  registry?: Registry;
  /** Check each answer against the contract: tests do, production does not (it costs nine tenths of the throughput). */
  checkReplies?: boolean;
};

/**
 * A service's HTTP face, made from its contract: authentication, request checks, typed handlers, problems, its own
 * document at /openapi.json, Swagger UI at /docs, and the operations that every service has.
 */
export function createServiceApp<Operations>(options: ServiceAppOptions<Operations>): Express {
  const basePath = options.basePath ?? '';
  const document = openApiDocument(options.service);
  const operations = contractOperations(document);
  const registry = options.registry ?? new Registry();
  collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'sidestep_http_request_duration_seconds',
    help: 'Time to answer, by operation and status',
    labelNames: ['operation', 'status'],
    registers: [registry],
  });
  const networks = blockList(options.openNetworks ?? []);
  const startedAt = process.hrtime.bigint();
  const principals = new WeakMap<Request, Principal>();

  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  // Nothing is kept by whoever asks (no-store), and a tag takes a hash of the whole answer.
  app.set('etag', false);
  app.use((_request, response, next) => {
    response.locals.traceId = randomBytes(8).toString('hex');
    response.setHeader('x-trace-id', response.locals.traceId);
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('cache-control', 'no-store');
    next();
  });

  app.get(`${basePath}/openapi.json`, (request, response) => {
    const prefix = request.get('x-forwarded-prefix') ?? '';
    const url = /^(\/[A-Za-z0-9._~-]+)*$/.test(prefix)
      ? `${prefix}${basePath}` || '/'
      : basePath || '/';
    response.json({ ...document, servers: [{ url }] });
  });
  app.use(`${basePath}/docs`, docsPage(document.info.title, options.docsToken));

  for (const operation of operations) {
    app[operation.method](`${basePath}${operation.route}`, (request, response, next) => {
      const end = durations.startTimer({ operation: operation.operationId });
      if (operation.basicAuth) response.locals.challenge = 'Basic realm="sidestep"';
      response.on('finish', () => end({ status: String(response.statusCode) }));
      principals.set(request, authorise(request, operation));
      next();
    });
  }
  app.use(express.text({ type: 'text/plain', limit: options.maxBodyBytes ?? 2 * 1024 * 1024 }));
  app.use(express.json({ limit: options.maxBodyBytes ?? 2 * 1024 * 1024, strict: false }));
  app.use(
    OpenApiValidator.middleware({
      apiSpec: { ...document, servers: [{ url: basePath || '/' }] } as Parameters<
        typeof OpenApiValidator.middleware
      >[0]['apiSpec'],
      validateApiSpec: false,
      validateSecurity: false,
      validateRequests: { allowUnknownQueryParameters: false, allErrors: true },
      validateResponses: options.checkReplies === true,
      validateFormats: true,
    }),
  );

  const common: Record<string, UntypedHandler> = {
    getHealth: () => ({
      status: 200,
      body: {
        status: 'ok',
        service: options.service,
        version: options.version,
        uptimeMs: Number((process.hrtime.bigint() - startedAt) / 1_000_000n),
      },
    }),
    getReady: async () => {
      const parts = await Promise.all(
        Object.entries(options.readiness).map(async ([name, check]) => ({
          name,
          ...(await outcomeOf(check)),
        })),
      );
      const ready = parts.every((part) => part.ok);
      return { status: ready ? 200 : 503, body: { ready, parts } };
    },
    getCapabilities: async () => ({
      status: 200,
      body: { service: options.service, capabilities: await options.capabilities() },
    }),
    getMetrics: async () => ({
      status: 200,
      body: await registry.metrics(),
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    }),
  };

  // The map of handlers is typed by the contract; from here on only its names are needed.
  const handlers = { ...options.handlers, ...common } as Record<string, UntypedHandler>;
  for (const operation of operations) {
    const handler = handlers[operation.operationId];
    if (handler === undefined)
      throw new Error(`${options.service} has no handler for ${operation.operationId}`);
    app[operation.method](
      `${basePath}${operation.route}`,
      async (request: Request, response: Response) => {
        const principal = principals.get(request);
        if (principal === undefined) throw new ProblemError('UNAUTHORIZED', 'No token was checked');
        const gone = new AbortController();
        response.on('close', () => gone.abort());
        const reply = await handler({
          params: request.params,
          query: request.query,
          body: request.body,
          principal,
          header: (name) => request.get(name),
          signal: gone.signal,
        });
        response.status(reply.status).set(reply.headers ?? {});
        if (reply.stream !== undefined) {
          startEvents(response);
          await send(reply.stream, response, gone.signal);
        } else if (reply.body === undefined) response.end();
        else if (typeof reply.headers?.['content-type'] === 'string') response.send(reply.body);
        // An answer that is checked has to be handed over whole.
        else if (options.checkReplies !== true && isLongBody(reply.body)) {
          response.type('application/json');
          await send(jsonPieces(reply.body), response, gone.signal);
        } else response.json(reply.body);
      },
    );
  }

  app.use((request: Request) => {
    throw new ProblemError('NOT_FOUND', `There is nothing at ${request.path}`);
  });
  app.use((error: unknown, request: Request, response: Response, next: NextFunction) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const problem = toProblem(asProblemError(error), {
      instance: request.path,
      traceId: String(response.locals.traceId),
    });
    if (problem.status >= 500) {
      options.log.error(
        { error, traceId: problem.traceId, method: request.method, path: request.path },
        problem.title,
      );
    }
    if (problem.status === 401) {
      const challenge: unknown = response.locals.challenge;
      response.setHeader('www-authenticate', String(challenge ?? 'Bearer realm="sidestep"'));
    }
    response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem));
  });
  return app;

  function authorise(request: Request, operation: ContractOperation): Principal {
    if (operation.role === null) return { name: 'anyone', role: 'viewer' };
    const header = request.get('authorization');
    if (header === undefined) {
      if (operation.openToNetworks && isIn(networks, request.socket.remoteAddress)) {
        return { name: 'open network', role: 'viewer' };
      }
      throw new ProblemError('UNAUTHORIZED', 'Send a header "Authorization: Bearer <token>"');
    }
    const token = /^Bearer +([^\s]{1,512})$/i.exec(header)?.[1];
    const principal =
      token !== undefined
        ? principalOf(token, options.tokens)
        : operation.basicAuth
          ? principalOfOther(header, options.tokens)
          : undefined;
    if (principal === undefined) throw new ProblemError('UNAUTHORIZED', 'The token is not known');
    if (!mayAct(principal, operation.role)) {
      throw new ProblemError(
        'FORBIDDEN',
        `${operation.operationId} needs the role ${operation.role}; this token's is ${principal.role}`,
      );
    }
    return principal;
  }
}

async function outcomeOf(check: ReadinessCheck): Promise<{ ok: boolean; detail: string | null }> {
  try {
    return await check();
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    list.addSubnet(
      address,
      bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits),
      family,
    );
  }
  return list;
}

function isIn(list: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/, '');
  return list.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

function startEvents(response: Response): void {
  response.setHeader('content-type', 'text/event-stream; charset=utf-8');
  response.setHeader('x-accel-buffering', 'no');
  response.flushHeaders();
}

/** Writes pieces as they come, no faster than the caller reads; ends with the stream or with the caller. */
async function send(
  stream: AsyncIterable<string>,
  response: Response,
  gone: AbortSignal,
): Promise<void> {
  try {
    for await (const piece of stream) {
      if (gone.aborted) return;
      if (!response.write(piece)) await once(response, 'drain', { signal: gone });
    }
    response.end();
  } catch (error) {
    if (!gone.aborted) throw error;
  }
}
