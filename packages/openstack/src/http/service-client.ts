import { OpenStackError } from '../errors.ts';
import type { Session } from '../identity/session.ts';
import type { CallOptions } from '../types/clients.ts';
import type { ServiceType } from '../types/identity.ts';
import type { JsonNode } from './json-node.ts';
import type { HttpAnswer, Repeat, Transport } from './transport.ts';

/** Query parameters; undefined ones are left out, a list is repeated. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>;

/** Sends requests to one service: endpoint, token, microversion and the one renewal on 401. */
export type ServiceClient = {
  get(path: string, query?: Query, call?: CallOptions): Promise<JsonNode>;
  /** A list over all its pages, or the first `limit` items. */
  list(
    path: string,
    keys: { readonly items: string; readonly links: string },
    query?: Query,
    call?: CallOptions & { readonly limit?: number | undefined },
  ): Promise<JsonNode[]>;
  send(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    body?: unknown,
    call?: CallOptions & { readonly repeat?: Repeat },
  ): Promise<HttpAnswer>;
};

/** What a service client is made of. */
export type ServiceClientOptions = {
  readonly service: ServiceType;
  readonly session: Session;
  readonly transport: Transport;
  /** Base URL from the catalogue's URL. */
  readonly base: (endpoint: string) => string;
  /** Headers of each request, such as the microversion. */
  readonly headers?: (call?: CallOptions) => Promise<Readonly<Record<string, string>>>;
};

/** A service that has no end of pages is broken. */
const MAX_PAGES = 1_000;

function search(query: Query): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) params.append(name, String(each));
  }
  const text = params.toString();
  return text === '' ? '' : `?${text}`;
}

/** A path from constant parts and encoded ids. */
export function pathOf(parts: TemplateStringsArray, ...ids: readonly (string | number)[]): string {
  return parts.reduce((path, part, index) => {
    return `${path}${encodeURIComponent(String(ids[index - 1] ?? ''))}${part}`;
  });
}

/** Only the marker of the next page is used: its host may be one that we can't reach. */
function nextMarker(page: JsonNode, linksKey: string): string | null {
  const href =
    linksKey === 'next'
      ? page.nullableString('next')
      : page
          .optionalList(linksKey)
          .find((link) => link.string('rel') === 'next')
          ?.string('href');
  if (href === null || href === undefined) return null;
  const marker = new URL(href, 'http://page.invalid').searchParams.get('marker');
  return marker ?? page.fail(linksKey, 'a link with a marker');
}

/** Makes the client of one service. */
export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { service, session, transport } = options;

  const request = async (
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    path: string,
    more: { readonly body?: unknown; readonly repeat: Repeat },
    call: CallOptions | undefined,
  ): Promise<HttpAnswer> => {
    const base = options.base(await session.endpoint(service, call));
    const headers = (await options.headers?.(call)) ?? {};
    const attempt = async (last: boolean): Promise<HttpAnswer> => {
      const token = await session.token(call?.signal);
      try {
        return await transport({
          service,
          method,
          url: `${base}${path}`,
          headers: { ...headers, 'x-auth-token': token.value },
          ...more,
          signal: call?.signal,
          timeoutMs: call?.timeoutMs,
        });
      } catch (error) {
        if (!(error instanceof OpenStackError) || error.kind !== 'unauthorized' || last)
          throw error;
        session.refused(token);
        if (more.repeat === 'never') {
          throw new OpenStackError({ ...error, kind: 'unauthorized', retryable: true });
        }
        return attempt(true);
      }
    };
    return attempt(false);
  };

  const get: ServiceClient['get'] = async (path, query = {}, call) =>
    (await request('GET', `${path}${search(query)}`, { repeat: 'safe' }, call)).json();

  return {
    get,
    send: (method, path, body, call) =>
      request(
        method,
        path,
        { ...(body === undefined ? {} : { body }), repeat: call?.repeat ?? 'unsent' },
        call,
      ),
    list: async (path, keys, query = {}, call) => {
      const found: JsonNode[] = [];
      const seen = new Set<string>();
      for (let marker: string | undefined; ; ) {
        const page = await get(path, marker === undefined ? query : { ...query, marker }, call);
        found.push(...page.list(keys.items));
        if (call?.limit !== undefined && found.length >= call.limit) {
          return found.slice(0, call.limit);
        }
        const next = nextMarker(page, keys.links);
        if (next === null) return found;
        if (seen.has(next) || seen.size >= MAX_PAGES) {
          return page.fail(keys.links, 'a link to a further page');
        }
        seen.add(next);
        marker = next;
      }
    },
  };
}
