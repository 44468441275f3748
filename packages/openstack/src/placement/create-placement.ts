import type { JsonNode } from '../http/json-node.ts';
import { negotiate, once } from '../http/microversion.ts';
import { createServiceClient, pathOf } from '../http/service-client.ts';
import type { Transport } from '../http/transport.ts';
import type { Session } from '../identity/session.ts';
import type { CallOptions, Microversions, Placement } from '../types/clients.ts';
import type {
  Inventory,
  ProviderSummary,
  ResourceAmounts,
  ResourceProvider,
} from '../types/placement.ts';

/** 1.31 brought `in_tree` of the allocation candidates. */
const FLOOR = '1.31';
const CEILING = '1.39';

function readProvider(node: JsonNode): ResourceProvider {
  return {
    id: node.string('uuid'),
    name: node.string('name'),
    generation: node.number('generation'),
    parentId: node.nullableString('parent_provider_uuid'),
    rootId: node.string('root_provider_uuid'),
  };
}

function readInventory(node: JsonNode): Inventory {
  return {
    total: node.number('total'),
    reserved: node.number('reserved'),
    allocationRatio: node.number('allocation_ratio'),
    minUnit: node.number('min_unit'),
    maxUnit: node.number('max_unit'),
    stepSize: node.number('step_size'),
  };
}

function readSummary(node: JsonNode): ProviderSummary {
  const resources = node.objectsByKey('resources');
  const amounts = (field: string) =>
    Object.fromEntries(resources.map(([name, each]) => [name, each.number(field)]));
  return { capacity: amounts('capacity'), used: amounts('used'), traits: node.strings('traits') };
}

function readAmounts(node: JsonNode): Record<string, ResourceAmounts> {
  return Object.fromEntries(
    node.objectsByKey('allocations').map(([id, each]) => [id, each.numbersByKey('resources')]),
  );
}

/** Makes the Placement client. */
export function createPlacement(options: {
  readonly session: Session;
  readonly transport: Transport;
}): Placement {
  const shared = {
    service: 'placement',
    ...options,
    base: (endpoint: string) => endpoint,
  } as const;
  const unversioned = createServiceClient(shared);
  const microversions = once(async (call: CallOptions | undefined): Promise<Microversions> => {
    const document = await unversioned.get('/', {}, call);
    const version = document.list('versions')[0] ?? document.fail('versions', 'a list of versions');
    return negotiate(
      { service: 'placement', path: '/' },
      { min: version.string('min_version'), max: version.string('max_version') },
      { floor: FLOOR, ceiling: CEILING },
    );
  });
  const client = createServiceClient({
    ...shared,
    headers: async (call) => ({
      'openstack-api-version': `placement ${(await microversions(call)).negotiated}`,
    }),
  });
  const generation = (node: JsonNode) => node.number('resource_provider_generation');

  return {
    microversions: (call) => microversions(call),
    listResourceProviders: async (filter = {}, call) =>
      (await client.get('/resource_providers', { name: filter.name, in_tree: filter.inTree }, call))
        .list('resource_providers')
        .map(readProvider),
    inventories: async (id, call) => {
      const node = await client.get(pathOf`/resource_providers/${id}/inventories`, {}, call);
      const byClass = node
        .objectsByKey('inventories')
        .map(([name, each]) => [name, readInventory(each)]);
      return { generation: generation(node), byClass: Object.fromEntries(byClass) };
    },
    usages: async (id, call) => {
      const node = await client.get(pathOf`/resource_providers/${id}/usages`, {}, call);
      return { generation: generation(node), byClass: node.numbersByKey('usages') };
    },
    allocationsOfConsumer: async (id, call) => {
      const node = await client.get(pathOf`/allocations/${id}`, {}, call);
      return {
        byProvider: readAmounts(node),
        consumerGeneration: node.nullableNumber('consumer_generation'),
      };
    },
    allocationsOfProvider: async (id, call) => {
      const node = await client.get(pathOf`/resource_providers/${id}/allocations`, {}, call);
      return { generation: generation(node), byConsumer: readAmounts(node) };
    },
    allocationCandidates: async (query, call) => {
      const traits = [
        ...(query.required ?? []),
        ...(query.forbidden ?? []).map((trait) => `!${trait}`),
      ].join(',');
      const node = await client.get(
        '/allocation_candidates',
        {
          resources: Object.entries(query.resources)
            .map(([name, amount]) => `${name}:${amount}`)
            .join(','),
          required: traits === '' ? undefined : traits,
          in_tree: query.inTree,
          limit: query.limit,
        },
        call,
      );
      return {
        candidates: node
          .list('allocation_requests')
          .map((each) => ({ byProvider: readAmounts(each) })),
        summaries: Object.fromEntries(
          node.objectsByKey('provider_summaries').map(([id, each]) => [id, readSummary(each)]),
        ),
      };
    },
    traits: async (id, call) =>
      (await client.get(pathOf`/resource_providers/${id}/traits`, {}, call)).strings('traits'),
  };
}
