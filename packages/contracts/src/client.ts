import createOpenApiClient, { type Client } from 'openapi-fetch';
import type { paths as migrationPaths } from './generated/migration.ts';
import type { paths as monitoringPaths } from './generated/monitoring.ts';
import type { paths as nfvoPaths } from './generated/nfvo.ts';
import type { paths as predictionPaths } from './generated/prediction.ts';
import { type Problem, ServiceError } from './service-error.ts';
import type { ServiceName } from './service-names.ts';

type PathsOf = {
  monitoring: monitoringPaths;
  prediction: predictionPaths;
  migration: migrationPaths;
  nfvo: nfvoPaths;
};

export type ClientOptions = {
  /** Where the service answers, without a trailing slash. */
  baseUrl: string;
  /** Bearer token of this caller. */
  token: string;
  /** How long one attempt may take; default 5,000. */
  timeoutMs?: number;
  /** How often a GET that got no usable answer is sent again; default 2. */
  retries?: number;
  fetch?: (request: Request) => Promise<Response>;
  /** Waits between attempts; given in tests. */
  sleep?: (ms: number) => Promise<void>;
};

export type ServiceClient<Name extends ServiceName> = Client<PathsOf[Name]>;
export type MonitoringClient = ServiceClient<'monitoring'>;
export type PredictionClient = ServiceClient<'prediction'>;
export type MigrationClient = ServiceClient<'migration'>;
export type NfvoClient = ServiceClient<'nfvo'>;

/**
 * A typed client of one service. Each attempt has a timeout; only GETs are sent again, since any other request may
 * have arrived although its answer did not. Calls are read with `answer`.
 */
export function serviceClient<Name extends ServiceName>(
  service: Name,
  options: ClientOptions,
): ServiceClient<Name> {
  const send = options.fetch ?? fetch;
  const timeoutMs = options.timeoutMs ?? 5_000;
  const retries = options.retries ?? 2;
  const sleep =
    options.sleep ?? ((ms: number) => new Promise((resolve) => setTimeout(resolve, ms)));

  const bounded = async (request: Request): Promise<Response> => {
    const attempts = request.method === 'GET' ? retries + 1 : 1;
    for (let attempt = 1; ; attempt++) {
      const failure = await send(
        new Request(request.clone(), {
          signal: AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]),
        }),
      ).catch((cause: unknown) => new NoAnswer(cause));
      const worthRetrying =
        failure instanceof NoAnswer || failure.status === 429 || failure.status >= 502;
      if (!worthRetrying || attempt >= attempts || request.signal.aborted) {
        if (!(failure instanceof NoAnswer)) return failure;
        throw new ServiceError(service, {
          status: null,
          problem: null,
          detail: `no answer to ${request.method} ${new URL(request.url).pathname} within ${timeoutMs} ms (${describe(failure.reason)})`,
          cause: failure.reason,
        });
      }
      await sleep(100 * 2 ** (attempt - 1));
    }
  };

  return createOpenApiClient<PathsOf[Name]>({
    baseUrl: options.baseUrl,
    headers: { authorization: `Bearer ${options.token}` },
    fetch: bounded,
  });
}

class NoAnswer {
  readonly reason: unknown;
  constructor(reason: unknown) {
    this.reason = reason;
  }
}

function describe(reason: unknown): string {
  if (!(reason instanceof Error)) return String(reason);
  return reason.cause instanceof Error && 'code' in reason.cause
    ? String(reason.cause.code)
    : reason.name;
}

/** The data of a call, or the service's problem as a ServiceError. */
export async function answer<T>(
  service: ServiceName,
  call: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  const problem = isProblem(error) ? error : null;
  throw new ServiceError(service, {
    status: response.status,
    problem,
    detail: problem ? `${problem.title}: ${problem.detail}` : `answered HTTP ${response.status}`,
  });
}

function isProblem(body: unknown): body is Problem {
  return typeof body === 'object' && body !== null && 'code' in body && 'detail' in body;
}
