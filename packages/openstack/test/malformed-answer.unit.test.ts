import type { OpenStack } from '@sidestep/openstack';
import { OpenStackError } from '@sidestep/openstack';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorOf, startFakeOpenStack } from './fake-openstack.ts';
import { fixture, recording } from './fixture.ts';

type Ask = (openstack: OpenStack) => Promise<unknown>;

const ANSWERS: [name: string, route: string, answer: unknown, ask: Ask][] = [
  [
    'hypervisors',
    '/compute/v2.1/os-hypervisors/detail',
    fixture('hand-hypervisors-2.90'),
    ({ nova }) => nova.listHypervisors({ withServers: true }),
  ],
  [
    'services',
    '/compute/v2.1/os-services',
    { services: [fixture('service-down')] },
    ({ nova }) => nova.listComputeServices(),
  ],
  [
    'a server',
    '/compute/v2.1/servers/s',
    { server: fixture('cold-migrate-verify') },
    ({ nova }) => nova.showServer('s'),
  ],
  [
    'migrations',
    '/compute/v2.1/os-migrations',
    fixture('os-migrations'),
    ({ nova }) => nova.listMigrations(),
  ],
  [
    'migrations in progress',
    '/compute/v2.1/servers/s/migrations',
    fixture('server-migrations-running'),
    ({ nova }) => nova.listServerMigrations('s'),
  ],
  [
    'an instance action',
    '/compute/v2.1/servers/s/os-instance-actions/r',
    fixture('instance-action-detail'),
    ({ nova }) => nova.showInstanceAction('s', 'r'),
  ],
  [
    'a port',
    '/network/v2.0/ports/p',
    { port: fixture('port-after') },
    ({ neutron }) => neutron.showPort('p'),
  ],
  [
    'port pairs',
    '/network/v2.0/sfc/port_pairs',
    recording('sfc-pp-list').response,
    ({ sfc }) => sfc.listPortPairs(),
  ],
  [
    'port pair groups',
    '/network/v2.0/sfc/port_pair_groups',
    recording('sfc-ppg-list').response,
    ({ sfc }) => sfc.listPortPairGroups(),
  ],
  [
    'flow classifiers',
    '/network/v2.0/sfc/flow_classifiers',
    recording('sfc-fc-list').response,
    ({ sfc }) => sfc.listFlowClassifiers(),
  ],
  [
    'port chains',
    '/network/v2.0/sfc/port_chains',
    recording('sfc-pc-list').response,
    ({ sfc }) => sfc.listPortChains(),
  ],
  [
    'allocation candidates',
    '/placement/allocation_candidates',
    fixture('hand-allocation-candidates'),
    ({ placement }) => placement.allocationCandidates({ resources: { VCPU: 1 } }),
  ],
];

/** The value with what is at one of its places (chosen by `pick`) replaced or, by undefined, removed. */
function damaged(value: unknown, pick: number, by: unknown): unknown {
  let left = pick;
  const walk = (at: unknown): unknown => {
    if (left === 0) {
      left -= 1;
      return by;
    }
    left -= 1;
    if (Array.isArray(at)) return at.map(walk);
    if (typeof at !== 'object' || at === null) return at;
    return Object.fromEntries(Object.entries(at).map(([key, each]) => [key, walk(each)]));
  };
  return walk(value);
}

function placesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  return Object.values(value).reduce((sum: number, each) => sum + placesOf(each), 1);
}

describe.each(ANSWERS)('%s', (_, route, answer, ask) => {
  test('damaged anywhere, are read or end in a protocol error that names the field', async () => {
    await using cloud = await startFakeOpenStack();
    const openstack = cloud.connect();
    const junk = fc.constantFrom<unknown>(
      undefined,
      null,
      7,
      -1.5,
      'junk',
      '',
      true,
      [],
      {},
      [[]],
      [null],
    );
    const place = fc.nat(placesOf(answer) - 1);

    await fc.assert(
      fc.asyncProperty(place, junk, async (pick, by) => {
        cloud.on(`GET ${route}`, { json: damaged(answer, pick, by) ?? null });
        try {
          await ask(openstack);
        } catch (error) {
          expect(error).toBeInstanceOf(OpenStackError);
          expect(error).toMatchObject({ kind: 'protocol', retryable: false });
          expect(String(error)).toMatch(/field \S+ of the answer is not/);
        }
      }),
      { numRuns: 60, seed: 42 },
    );
  });
});

test.each([
  ['state', { state: 'sideways' }, 'hypervisors[0].state'],
  ['a missing service', { service: undefined }, 'hypervisors[0].service'],
  ['a host that is no string', { service: { id: 'x', host: 5 } }, 'hypervisors[0].service.host'],
])('the protocol error for %s names %s', async (_, change, field) => {
  await using cloud = await startFakeOpenStack();
  const good = {
    id: 'h',
    hypervisor_hostname: 'c',
    hypervisor_type: 'q',
    state: 'up',
    status: 'enabled',
  };
  const service = { id: 's', host: 'c', disabled_reason: null };
  cloud.on('GET /compute/v2.1/os-hypervisors/detail', {
    json: { hypervisors: [{ ...good, service, ...change }] },
  });

  const error = await errorOf(cloud.connect().nova.listHypervisors());

  expect(error.detail).toContain(`field ${field} of the answer`);
});

test('a time without offset is UTC, as Nova writes it; another form is refused', async () => {
  await using cloud = await startFakeOpenStack();
  const service = { ...(fixture('service-down') as object) };
  const at = async (updated_at: unknown) => {
    cloud.on('GET /compute/v2.1/os-services', { json: { services: [{ ...service, updated_at }] } });
    return (await cloud.connect().nova.listComputeServices())[0]?.updatedAt;
  };

  expect(await at('2026-11-20T20:51:38.000000')).toBe('2026-11-20T20:51:38.000Z');
  expect(await at('2026-11-20T21:51:38+01:00')).toBe('2026-11-20T20:51:38.000Z');
  expect(await at(null)).toBeNull();
  expect((await errorOf(at('yesterday'))).detail).toContain('services[0].updated_at');
});
