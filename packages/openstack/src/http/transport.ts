import { kindOfStatus, OpenStackError } from '../errors.ts';
import type { Clock } from '../options.ts';
import { faultOf } from './fault.ts';
import { type JsonNode, jsonNode } from './json-node.ts';
import { backOffMs, retryAfterMs } from './retry.ts';

/**
 * When a request may be sent again: `safe` after any passing failure, `unsent` only when it certainly did not
 * arrive, `never` not even then.
 */
export type Repeat = 'safe' | 'unsent' | 'never';

/** One request to a service. */
export type HttpRequest = {
  readonly service: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly repeat: Repeat;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
};

/** An answer below 400 (redirects excluded), its body read. */
export type HttpAnswer = {
  readonly status: number;
  readonly headers: Headers;
  readonly requestId: string | null;
  /** The body as checked JSON; throws a protocol error when it is no JSON object. */
  json(): JsonNode;
};

/** Sends requests with timeout, bounded retry and bounded answers. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** What a transport needs. */
export type TransportOptions = {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly maxResponseBytes: number;
  /** Takes secrets out of a service's words. */
  readonly redact: (text: string) => string;
};

/** Longest wait that a service may impose on us; over it the caller decides. */
const MAX_RETRY_AFTER_MS = 30_000;

// Raised by connecting only: the request was never written.
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

class TimedOut extends Error {}

class Oversize extends Error {}

function codeOf(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return null;
}

async function readBounded(response: Response, maxBytes: number): Promise<string> {
  if (Number(response.headers.get('content-length') ?? 0) > maxBytes) throw new Oversize();
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let bytes = 0;
  let text = '';
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Oversize();
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** Makes the one function through which every request of a client goes. */
export function createTransport(options: TransportOptions): Transport {
  const fetchOnce = async (request: HttpRequest): Promise<HttpAnswer> => {
    const path = new URL(request.url).pathname;
    const changes = request.method !== 'GET' && request.repeat !== 'safe';
    const at = { service: request.service, method: request.method, path };
    const limitMs = request.timeoutMs ?? options.timeoutMs;
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new TimedOut()), limitMs);
    const giveUp = () => controller.abort(request.signal?.reason);
    request.signal?.throwIfAborted();
    request.signal?.addEventListener('abort', giveUp, { once: true });
    let response: Response | null = null;
    try {
      response = await options.fetch(request.url, {
        method: request.method,
        headers: {
          accept: 'application/json',
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...request.headers,
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        // Following would re-send a POST, and hand the token to another origin.
        redirect: 'manual',
        signal: controller.signal,
      });
      const body = await readBounded(response, options.maxResponseBytes);
      return settle(at, changes, response, body);
    } catch (error) {
      if (error instanceof OpenStackError) throw error;
      request.signal?.throwIfAborted();
      controller.abort();
      throw failureOf(error, at, changes, limitMs, response);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', giveUp);
    }
  };

  const settle = (
    at: { service: string; method: string; path: string },
    changes: boolean,
    response: Response,
    body: string,
  ): HttpAnswer => {
    const requestId = requestIdOf(response.headers);
    const status = response.status;
    // 300 Multiple Choices is how version documents answer.
    if (status > 300) {
      const fault = faultOf(body);
      throw new OpenStackError({
        ...at,
        kind: kindOfStatus(status),
        status,
        requestId,
        fault: fault.name === null ? null : options.redact(fault.name),
        detail: options.redact(fault.detail),
        mayHaveArrived: changes && status >= 500,
        retryAfterMs: retryAfterMs(response.headers.get('retry-after'), options.clock.nowMs()),
        ...(status === 501 || status === 505 ? { retryable: false } : {}),
      });
    }
    const malformed = (detail: string): never => {
      throw new OpenStackError({
        ...at,
        kind: 'protocol',
        status,
        requestId,
        detail,
        mayHaveArrived: changes,
      });
    };
    return {
      status,
      headers: response.headers,
      requestId,
      json: () => {
        let parsed: unknown;
        try {
          parsed = JSON.parse(body);
        } catch {
          return malformed('the answer is no JSON');
        }
        return jsonNode(parsed, '', (field, wanted) =>
          malformed(`field ${field} of the answer is not ${wanted}`),
        );
      },
    };
  };

  const failureOf = (
    error: unknown,
    at: { service: string; method: string; path: string },
    changes: boolean,
    limitMs: number,
    response: Response | null,
  ): OpenStackError => {
    const seen = {
      ...at,
      status: response?.status ?? null,
      requestId: response === null ? null : requestIdOf(response.headers),
    };
    if (error instanceof TimedOut) {
      const detail = `no complete answer within ${limitMs} ms`;
      return new OpenStackError({ ...seen, kind: 'timeout', detail, mayHaveArrived: changes });
    }
    if (error instanceof Oversize) {
      const detail = `the answer is over ${options.maxResponseBytes} bytes`;
      return new OpenStackError({ ...seen, kind: 'protocol', detail, mayHaveArrived: changes });
    }
    const code = codeOf(error);
    const kind = code?.startsWith('HPE_') ? 'protocol' : 'unreachable';
    return new OpenStackError({
      ...seen,
      kind,
      // The message of the cause is left out: it may hold the URL with credentials.
      detail: `connection failed${code === null ? '' : ` (${code})`}`,
      mayHaveArrived: changes && !(code !== null && NEVER_SENT.has(code)),
    });
  };

  return async (request) => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await fetchOnce(request);
      } catch (error) {
        if (!(error instanceof OpenStackError) || attempt >= options.retries) throw error;
        const again =
          request.repeat === 'safe'
            ? error.retryable
            : request.repeat === 'unsent' && error.kind === 'unreachable' && !error.mayHaveArrived;
        if (!again || (error.retryAfterMs ?? 0) > MAX_RETRY_AFTER_MS) throw error;
        const waitMs = Math.max(backOffMs(attempt, options.random), error.retryAfterMs ?? 0);
        await options.clock.sleep(waitMs, request.signal);
      }
    }
  };
}

function requestIdOf(headers: Headers): string | null {
  return headers.get('x-openstack-request-id') ?? headers.get('x-compute-request-id');
}
