import type { JsonNode } from '../http/json-node.ts';
import { createServiceClient, pathOf, type Query } from '../http/service-client.ts';
import type { Transport } from '../http/transport.ts';
import type { Session } from '../identity/session.ts';
import type { CallOptions } from '../types/clients.ts';

/** Names of one Neutron collection: its path below /v2.0 and its members in bodies. */
export type CollectionNames = {
  readonly path: string;
  readonly one: string;
  readonly many: string;
};

/** Create, read, update and delete of one Neutron collection. */
export type Collection<T, W> = {
  list(query?: Query, call?: CallOptions): Promise<T[]>;
  show(id: string, call?: CallOptions): Promise<T>;
  create(body: W, call?: CallOptions): Promise<T>;
  update(id: string, body: W, call?: CallOptions): Promise<T>;
  remove(id: string, call?: CallOptions): Promise<void>;
};

/** What Neutron and networking-sfc share. */
export type NeutronClient = {
  get(path: string, query?: Query, call?: CallOptions): Promise<JsonNode>;
  /** `W` is the wire type of the body of a create or an update. */
  collection<T, W>(names: CollectionNames, read: (node: JsonNode) => T): Collection<T, W>;
};

/** Makes the client of Neutron's /v2.0. */
export function createNeutronClient(options: {
  readonly session: Session;
  readonly transport: Transport;
}): NeutronClient {
  const client = createServiceClient({
    service: 'network',
    ...options,
    base: (endpoint) => (endpoint.endsWith('/v2.0') ? endpoint : `${endpoint}/v2.0`),
  });
  return {
    get: client.get,
    collection: (names, read) => {
      const item = (id: string) => `${names.path}${pathOf`/${id}`}`;
      const keys = { items: names.many, links: `${names.many}_links` };
      return {
        list: async (query, call) => (await client.list(names.path, keys, query, call)).map(read),
        show: async (id, call) => read((await client.get(item(id), {}, call)).object(names.one)),
        create: async (body, call) =>
          read((await client.send('POST', names.path, body, call)).json().object(names.one)),
        update: async (id, body, call) =>
          read((await client.send('PUT', item(id), body, call)).json().object(names.one)),
        remove: async (id, call) => {
          await client.send('DELETE', item(id), undefined, call);
        },
      };
    },
  };
}
