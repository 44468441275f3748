import type { ServiceName } from '../faults.ts';
import { ApiError } from './api-error.ts';

/** One request to one service. */
export interface ApiRequest {
  readonly service: ServiceName;
  readonly method: string;
  /** Path within the service, without its version. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
  /** The minor part: 90 of 2.90. */
  readonly microversion: number;
  readonly requestId: string;
  /** Address of the service in the catalogue. */
  readonly serviceUrl: string;
}

/** An answer; no body where there is none. */
export interface ApiResponse {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers a request at once, or throws an ApiError. */
export type Handler = (request: ApiRequest) => ApiResponse;

interface Route {
  readonly method: string;
  readonly segments: readonly string[];
  readonly handler: Handler;
}

/** The routes of one service; `:name` matches one segment. Earlier routes win. */
export class Router {
  readonly #routes = new Map<number, Route[]>();

  on(method: string, path: string, handler: Handler): this {
    const segments = path.split('/').filter((part) => part !== '');
    const routes = this.#routes.get(segments.length) ?? [];
    routes.push({ method, segments, handler });
    this.#routes.set(segments.length, routes);
    return this;
  }

  find(method: string, path: string): { handler: Handler; params: Record<string, string> } {
    const segments = path.split('/').filter((part) => part !== '');
    let pathKnown = false;
    for (const route of this.#routes.get(segments.length) ?? []) {
      const params = matchSegments(route.segments, segments);
      if (params === undefined) continue;
      if (route.method === method) return { handler: route.handler, params };
      pathKnown = true;
    }
    if (pathKnown) throw new ApiError(405, 'The method is not allowed for this resource.');
    throw new ApiError(404, 'The resource could not be found.', 'HTTPNotFound');
  }
}

function matchSegments(
  pattern: readonly string[],
  segments: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) params[part.slice(1)] = decodeURIComponent(segment);
    else if (part !== segment) return undefined;
  }
  return params;
}

/** A path parameter of the matched route. */
export function param(request: ApiRequest, name: string): string {
  return request.params[name] ?? '';
}

/** An object, or an empty one where the client sent something else. */
export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

/** The object under a key of the body; 400 without it. */
export function bodyOf(request: ApiRequest, key: string): Record<string, unknown> {
  const inner = asRecord(request.body)[key];
  if (typeof inner !== 'object' || inner === null)
    throw new ApiError(400, `Unable to find '${key}' in request body`);
  return asRecord(inner);
}

/** A text field, if it is one. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** A list of texts, if it is one. */
export function textsOf(value: unknown): string[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.every((item) => typeof item === 'string') ? value : undefined;
}

/** Nova's time form: ISO 8601 without a zone, with microseconds or none. */
export function novaTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, '.000000');
}

/** ISO 8601 in whole seconds, with the zone. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, -5)}Z`;
}

/** Where the row of an id is, -1 where there is none: found by halves in a list that is sorted by id, as long ones are. */
function placeOf(rows: readonly { readonly id: string }[], id: string): number {
  let from = 0;
  let to = rows.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((rows[middle]?.id ?? '') < id) from = middle + 1;
    else to = middle;
  }
  return rows[from]?.id === id ? from : rows.findIndex((row) => row.id === id);
}

/** One page after `marker`, at most `limit` (and `maximum`) long, and the link to the next. */
export function pageOf<T extends { readonly id: string }>(
  request: ApiRequest,
  rows: readonly T[],
  maximum: number,
): { page: readonly T[]; nextHref: string | undefined } {
  const marker = request.query.get('marker');
  const asked = Number(request.query.get('limit') ?? maximum);
  const limit = Number.isInteger(asked) && asked > 0 ? Math.min(asked, maximum) : maximum;
  let start = 0;
  if (marker !== null) {
    const at = placeOf(rows, marker);
    if (at < 0) throw new ApiError(400, `marker [${marker}] not found`);
    start = at + 1;
  }
  const page = rows.slice(start, start + limit);
  const last = page.at(-1);
  if (last === undefined || start + limit >= rows.length) return { page, nextHref: undefined };
  const query = new URLSearchParams(request.query);
  query.set('marker', last.id);
  return { page, nextHref: `${request.serviceUrl}${request.path}?${query.toString()}` };
}
