import { type Listening, listen } from '@sidestep/service-kit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { emptyInventory, type Inventory } from '../src/domain/fleet.ts';
import { callsTo } from './fakes/calls-to.ts';
import { hostNamed, serverNamed } from './fakes/inventory.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

const chain = (id: string, serverId: string) => ({
  id,
  name: id,
  flowClassifierIds: [],
  hops: [
    {
      portPairGroupId: `${id}-hop`,
      members: [{ portPairId: 'pp', ingressPortId: 'p', egressPortId: 'p', serverId }],
    },
  ],
});
const inventory: Inventory = {
  ...emptyInventory,
  hosts: [hostNamed('compute1'), hostNamed('compute2')],
  servers: [serverNamed('s1'), serverNamed('s2'), serverNamed('s3')],
  chains: [chain('c1', 's1'), chain('c2', 's2')],
};

let service: Awaited<ReturnType<typeof monitoringForTests>>;
let http: Listening;
beforeEach(async () => {
  // The app checks its own replies: one that does not keep to the document is a 500.
  service = await monitoringForTests(inventory, { allowUnsigned: true });
  http = await listen(service.app, '127.0.0.1', 0);
});
afterEach(() => http.close(100));

const call = callsTo(() => http, 'viewer');
const fleet = async (since?: string) =>
  (await call('GET', since === undefined ? '/fleet' : `/fleet?since=${since}`)).body;
const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id).sort();

describe('GET /fleet?since=', () => {
  test('without a revision everything comes, with the revision to go on from', async () => {
    const all = await fleet();

    expect(all).toMatchObject({ since: null, goneIds: [] });
    expect(all.revision).toMatch(/^[0-9a-f]{8}-\d+$/);
    expect([ids(all.servers), ids(all.chains)]).toEqual([
      ['s1', 's2', 's3'],
      ['c1', 'c2'],
    ]);
  });

  test('while nothing changes no server and no chain comes, and every host does', async () => {
    const { revision } = await fleet();
    await service.run('inventory');

    const next = await fleet(revision);

    expect(next).toMatchObject({ revision, since: revision, servers: [], chains: [], goneIds: [] });
    expect(ids(next.hosts)).toEqual(['compute1', 'compute2']);
  });

  test('what changed comes whole, and what is gone by its id', async () => {
    const { revision } = await fleet();
    service.source.become({
      ...inventory,
      servers: [serverNamed('s1', { hostId: 'compute2' }), serverNamed('s2'), serverNamed('s4')],
      chains: [chain('c1', 's2')],
    });
    await service.run('inventory');

    const next = await fleet(revision);

    expect(next.since).toBe(revision);
    expect(next.revision).not.toBe(revision);
    expect(ids(next.servers)).toEqual(['s1', 's4']);
    expect(next.servers).toContainEqual(expect.objectContaining({ id: 's1', hostId: 'compute2' }));
    expect(next.chains).toMatchObject([{ id: 'c1', hops: [{ members: [{ serverId: 's2' }] }] }]);
    expect([...next.goneIds].sort()).toEqual(['c2', 's3']);
  });

  test('each reader goes on from its own revision', async () => {
    const first = await fleet();
    service.source.become({ ...inventory, servers: [...inventory.servers, serverNamed('s4')] });
    await service.run('inventory');
    const second = await fleet(first.revision);
    service.source.become({
      ...inventory,
      servers: [...inventory.servers, serverNamed('s4'), serverNamed('s5')],
    });
    await service.run('inventory');

    expect(ids((await fleet(second.revision)).servers)).toEqual(['s5']);
    expect(ids((await fleet(first.revision)).servers)).toEqual(['s4', 's5']);
  });

  test('a revision of another process brings everything, and says so', async () => {
    const all = await fleet('0badcafe-1');

    expect(all.since).toBeNull();
    expect(ids(all.servers)).toEqual(['s1', 's2', 's3']);
  });

  test('while the VIM is away the last known fleet stays, and nothing of it counts as changed', async () => {
    const { revision } = await fleet();
    service.source.become(new Error('the VIM is away'));
    await service.run('inventory');
    service.clock.set(START_MS + 60_000);

    const next = await fleet(revision);

    expect(next).toMatchObject({ revision, servers: [], goneIds: [], problem: 'the VIM is away' });
    expect(next.ageMs).toBe(60_000);
  });

  test.each(['1', 'DEADBEEF-1', 'deadbeef-', 'deadbeef-1x'])('%s is no revision', async (since) => {
    const { body, status } = await call('GET', `/fleet?since=${since}`);

    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('since');
  });
});

test('a large fleet, told in pieces, is told whole', async () => {
  const servers = Array.from({ length: 3_000 }, (_, at) => serverNamed(`s${at}`));
  const large = await monitoringForTests(
    { ...inventory, servers },
    // Answers that are checked are handed over in one piece.
    { allowUnsigned: true, checkReplies: false },
  );
  const listening = await listen(large.app, '127.0.0.1', 0);
  const { body, status } = await callsTo(() => listening, 'viewer')('GET', '/fleet');
  await listening.close(100);

  expect(status).toBe(200);
  expect(body.servers).toHaveLength(3_000);
  expect(body.servers[2_999]).toMatchObject({ ...serverNamed('s2999'), trusted: true });
  expect(ids(body.chains)).toEqual(['c1', 'c2']);
});

describe('POST /latest', () => {
  const write = (samples: readonly object[]) => call('POST', '/samples', { samples }, 'operator');
  const sample = (resource: string, ageMs: number, value: number) => ({
    resource,
    metric: 'server.cpuPercent',
    timestampMs: START_MS - ageMs,
    value,
  });
  const ask = (body: object) => call('POST', '/latest', body);

  test('the newest samples of the resources that are named come, and no others', async () => {
    await write([sample('s1', 2_000, 10), sample('s1', 1_000, 20), sample('s2', 500, 30)]);
    await write([sample('s3', 100, 40)]);

    const { body } = await ask({ metric: 'server.cpuPercent', resources: ['s2', 's1'] });

    expect(body.samples).toMatchObject([
      { resource: 's1', value: 20, ageMs: 1_000 },
      { resource: 's2', value: 30, ageMs: 500 },
    ]);
  });

  test('of a resource without a sample nothing comes: it is not 0', async () => {
    await write([sample('s1', 0, 10)]);

    const { body, status } = await ask({
      metric: 'server.cpuPercent',
      resources: ['s1', 'nobody'],
    });

    expect(status).toBe(200);
    expect(body.samples).toMatchObject([{ resource: 's1' }]);
  });

  test('it tells what GET /latest tells of the same series', async () => {
    await write([sample('s1', 0, 10), sample('s2', 70_000, 20)]);

    const asked = await ask({ metric: 'server.cpuPercent', resources: ['s1', 's2', 's3'] });
    const listed = await call('GET', '/latest?metric=server.cpuPercent');

    expect(asked.body).toEqual(listed.body);
  });

  test('a resource that is named twice is told of once', async () => {
    await write([sample('s1', 0, 10)]);

    const { body } = await ask({ metric: 'server.cpuPercent', resources: ['s1', 's1'] });

    expect(body.samples).toHaveLength(1);
  });

  test.each([
    ['no resource', { metric: 'server.cpuPercent', resources: [] }, '/resources'],
    ['no metric', { resources: ['s1'] }, 'metric'],
    [
      'more than 20,000 resources',
      {
        metric: 'server.cpuPercent',
        resources: Array.from({ length: 20_001 }, (_, at) => `s${at}`),
      },
      '/resources',
    ],
    ['a word too many', { metric: 'server.cpuPercent', resources: ['s1'], limit: 1 }, 'limit'],
  ])('%s is refused, and the fault named', async (_, body, named) => {
    const { body: problem, status } = await ask(body);

    expect(status).toBe(400);
    expect(JSON.stringify(problem.errors)).toContain(named);
  });
});
