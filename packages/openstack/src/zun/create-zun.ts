import type { JsonNode } from '../http/json-node.ts';
import { createServiceClient, pathOf } from '../http/service-client.ts';
import type { Transport } from '../http/transport.ts';
import type { Session } from '../identity/session.ts';
import type { Zun } from '../types/clients.ts';
import type { Container } from '../types/container.ts';

function readContainer(node: JsonNode): Container {
  // Addresses by network; a port with two addresses stands there twice. Null until the container is networked.
  const addresses = node.nullableObject('addresses') === null ? [] : node.listsByKey('addresses');
  return {
    id: node.string('uuid'),
    name: node.string('name'),
    status: node.nullableString('status') ?? 'Unknown',
    statusReason: node.nullableString('status_reason'),
    host: node.nullableString('host'),
    image: node.string('image'),
    portIds: [...new Set(addresses.flatMap(([, each]) => each.map((one) => one.string('port'))))],
  };
}

/** Makes the Zun client. */
export function createZun(options: {
  readonly session: Session;
  readonly transport: Transport;
}): Zun {
  const client = createServiceClient({
    service: 'container',
    ...options,
    base: (endpoint) => (/\/v1$/.test(endpoint) ? endpoint : `${endpoint}/v1`),
  });
  return {
    listContainers: async ({ allTenants = true } = {}, call) => {
      const keys = { items: 'containers', links: 'next' };
      const query = allTenants ? { all_projects: 'true' } : {};
      return (await client.list('/containers/', keys, query, call)).map(readContainer);
    },
    showContainer: async (id, call) =>
      readContainer(await client.get(pathOf`/containers/${id}`, { all_projects: 'true' }, call)),
  };
}
