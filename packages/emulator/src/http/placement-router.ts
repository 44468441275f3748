import type { WireResourceProvider } from '@sidestep/openstack/wire';
import { type Resources, resourceClasses } from '../cloud/placement-ledger.ts';
import type { World } from '../cloud/world.ts';
import { ApiError } from './api-error.ts';
import { type ApiRequest, asRecord, param, Router, textOf } from './router.ts';

type ProviderRow = NonNullable<ReturnType<World['ledger']['ofHost']>>;

const commonTraits = ['COMPUTE_NODE', 'HW_CPU_X86_SSE2', 'COMPUTE_MIGRATE_AUTO_CONVERGE'];

function capacity(provider: ProviderRow, name: (typeof resourceClasses)[number]): number {
  const { total, reserved, allocation_ratio } = provider.inventory[name];
  return Math.floor((total - reserved) * allocation_ratio);
}

function wantedResources(query: URLSearchParams): Record<string, number> {
  const wanted: Record<string, number> = {};
  for (const part of (query.get('resources') ?? '').split(',')) {
    const [name = '', amount = ''] = part.split(':');
    if (!(Number(amount) > 0))
      throw new ApiError(400, `Badly formed resources parameter: ${query.get('resources') ?? ''}`);
    wanted[name] = Number(amount);
  }
  return wanted;
}

const traitsOf = ({ host }: ProviderRow): string[] => [
  ...commonTraits,
  ...(host.spec.traits ?? []),
];

/** `required` of a query: each trait there, or with `!` not there. */
function hasTraits(provider: ProviderRow, required: string | null): boolean {
  const has = new Set(traitsOf(provider));
  return (required ?? '')
    .split(',')
    .filter((trait) => trait !== '')
    .every((trait) => (trait.startsWith('!') ? !has.has(trait.slice(1)) : has.has(trait)));
}

/** Placement 1.39. */
export function placementRouter(world: World): Router {
  const { ledger } = world;

  const providerOf = (request: ApiRequest): ProviderRow => {
    const id = param(request, 'provider');
    const provider = ledger.ofProvider(id);
    if (provider === undefined)
      throw new ApiError(404, `No resource provider with uuid ${id} found`);
    return provider;
  };
  const providerView = ({ generation, host }: ProviderRow): WireResourceProvider => ({
    uuid: host.providerId,
    name: host.name,
    generation,
    parent_provider_uuid: null,
    root_provider_uuid: host.providerId,
    links: ['self', 'inventories', 'usages', 'allocations', 'traits', 'aggregates'].map((rel) => ({
      rel,
      href: `/placement/resource_providers/${host.providerId}${rel === 'self' ? '' : `/${rel}`}`,
    })),
  });
  const summary = (provider: ProviderRow): unknown => ({
    resources: Object.fromEntries(
      resourceClasses.map((name) => [
        name,
        { capacity: capacity(provider, name), used: provider.used[name] },
      ]),
    ),
    traits: traitsOf(provider),
    parent_provider_uuid: null,
    root_provider_uuid: provider.host.providerId,
  });

  return new Router()
    .on('GET', '/', () => ({
      status: 200,
      body: {
        versions: [
          {
            id: 'v1.0',
            status: 'CURRENT',
            min_version: '1.0',
            max_version: '1.39',
            links: [{ rel: 'self', href: '' }],
          },
        ],
      },
    }))
    .on('GET', '/resource_providers', ({ query }) => {
      const name = query.get('name');
      const tree = query.get('in_tree');
      const rows = [...ledger.providers()]
        .filter(({ host }) => name === null || host.name === name)
        .filter(({ host }) => tree === null || host.providerId === tree);
      return { status: 200, body: { resource_providers: rows.map(providerView) } };
    })
    .on('GET', '/resource_providers/:provider', (request) => ({
      status: 200,
      body: providerView(providerOf(request)),
    }))
    .on('GET', '/resource_providers/:provider/inventories', (request) => {
      const { generation, inventory } = providerOf(request);
      return {
        status: 200,
        body: { resource_provider_generation: generation, inventories: inventory },
      };
    })
    .on('PUT', '/resource_providers/:provider/inventories/:class', (request) => {
      const provider = providerOf(request);
      const name = resourceClasses.find((known) => known === param(request, 'class'));
      const body = asRecord(request.body);
      if (name === undefined) throw new ApiError(404, 'No inventory of that class');
      if (body.resource_provider_generation !== provider.generation)
        throw new ApiError(409, 'resource provider generation conflict');
      const row = provider.inventory[name];
      for (const field of ['total', 'reserved', 'allocation_ratio', 'max_unit'] as const) {
        const value = body[field];
        if (typeof value === 'number') row[field] = value;
      }
      provider.generation += 1;
      return { status: 200, body: { resource_provider_generation: provider.generation, ...row } };
    })
    .on('GET', '/resource_providers/:provider/usages', (request) => {
      const { generation, used } = providerOf(request);
      return {
        status: 200,
        body: { resource_provider_generation: generation, usages: { ...used } },
      };
    })
    .on('GET', '/resource_providers/:provider/allocations', (request) => {
      const { consumers, generation, host } = providerOf(request);
      const allocations = Object.fromEntries(
        [...consumers].map((id) => [
          id,
          {
            resources: positive(ledger.ofConsumer(id).get(host.name) ?? {}),
            consumer_generation: 1,
          },
        ]),
      );
      return { status: 200, body: { resource_provider_generation: generation, allocations } };
    })
    .on('GET', '/resource_providers/:provider/traits', (request) => ({
      status: 200,
      body: {
        traits: traitsOf(providerOf(request)),
        resource_provider_generation: providerOf(request).generation,
      },
    }))
    .on('GET', '/resource_providers/:provider/aggregates', (request) => ({
      status: 200,
      body: { aggregates: [], resource_provider_generation: providerOf(request).generation },
    }))
    .on('GET', '/allocations/:consumer', (request) => {
      const held = ledger.ofConsumer(param(request, 'consumer'));
      if (held.size === 0) return { status: 200, body: { allocations: {} } };
      const allocations = Object.fromEntries(
        [...held].map(([host, resources]) => {
          const provider = ledger.ofHost(host);
          return [
            provider?.host.providerId ?? host,
            { generation: provider?.generation ?? 0, resources: positive(resources) },
          ];
        }),
      );
      return {
        status: 200,
        body: {
          allocations,
          project_id: world.ids.projectId,
          user_id: world.ids.userId,
          consumer_generation: 1,
          consumer_type: 'INSTANCE',
        },
      };
    })
    .on('GET', '/allocation_candidates', ({ query }) => {
      const wanted = wantedResources(query);
      const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
      const tree = textOf(query.get('in_tree') ?? undefined);
      const fitting = [...ledger.providers()]
        .filter(({ host }) => tree === undefined || host.providerId === tree)
        .filter(({ host }) => ledger.fits(host.name, wanted))
        .filter((provider) => hasTraits(provider, query.get('required')))
        .slice(0, limit);
      return {
        status: 200,
        body: {
          allocation_requests: fitting.map(({ host }) => ({
            allocations: { [host.providerId]: { resources: wanted } },
            mappings: { '': [host.providerId] },
          })),
          provider_summaries: Object.fromEntries(
            fitting.map((provider) => [provider.host.providerId, summary(provider)]),
          ),
        },
      };
    });
}

/** Placement keeps no allocation of nothing. */
function positive(resources: Partial<Resources>): Record<string, number> {
  return Object.fromEntries(Object.entries(resources).filter(([, amount]) => amount > 0));
}
