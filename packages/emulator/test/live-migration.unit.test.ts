import { describe, expect, test } from 'vitest';
import { at, fixture, shape, type TestCloud, testCloud, testSpec } from './cloud.ts';

const nova = '/compute/v2.1';

async function newestRecord(cloud: TestCloud, server: string): Promise<unknown> {
  return cloud.read(`${nova}/os-migrations?instance_uuid=${cloud.id(server)}`, 'migrations', 0);
}

/** How a live migration ended, in the words of the recorded cases. */
async function ending(cloud: TestCloud, server: string): Promise<unknown> {
  const id = cloud.id(server);
  const shown = await cloud.read(`${nova}/servers/${id}`, 'server');
  const record = await newestRecord(cloud, server);
  const actions = `${nova}/servers/${id}/os-instance-actions`;
  const requestId = await cloud.read(actions, 'instanceActions', 0, 'request_id');
  const action = await cloud.read(`${actions}/${String(requestId)}`, 'instanceAction');
  const events = at(action, 'events');
  return {
    end_status: at(shown, 'status'),
    end_host: at(shown, 'OS-EXT-SRV-ATTR:host'),
    migration: {
      status: at(record, 'status'),
      source_compute: at(record, 'source_compute'),
      dest_compute: at(record, 'dest_compute'),
      migration_type: at(record, 'migration_type'),
    },
    action: {
      action: at(action, 'action'),
      message: at(action, 'message'),
      events: (Array.isArray(events) ? events : []).map((event) => [
        at(event, 'event'),
        at(event, 'result'),
        at(event, 'details'),
      ]),
    },
    fault: at(shown, 'fault') ?? null,
  };
}

/** A recorded case, its hosts renamed to those of the test. */
function recorded(name: string, hosts: Readonly<Record<string, string>>): unknown {
  const text = JSON.stringify(fixture(name));
  const renamed = text.replace(/compute\d/g, (host) => hosts[host] ?? host);
  const { end_status, end_host, migration, action, fault } = JSON.parse(renamed);
  const sorted = {
    ...action,
    // The order of pre-checks within a second differs from run to run.
    events: [...action.events].sort(),
  };
  return { end_status, end_host, migration, action: sorted, fault };
}

async function sortedEnding(cloud: TestCloud, server: string): Promise<unknown> {
  const found = await ending(cloud, server);
  const events = at(found, 'action', 'events');
  const action = at(found, 'action');
  if (!Array.isArray(events) || typeof action !== 'object' || typeof found !== 'object')
    throw new Error('no events');
  return { ...found, action: { ...action, events: [...events].sort() } };
}

describe('a live migration ends as recorded', () => {
  const rows: [
    name: string,
    hosts: Record<string, string>,
    target: string,
    prepare: (cloud: TestCloud) => unknown,
  ][] = [
    ['case-lm-ok', { compute4: 'compute1', compute5: 'compute2' }, 'compute2', () => undefined],
    ['case-lm-same-host', { compute5: 'compute1' }, 'compute1', () => undefined],
    [
      'case-lm-host-down',
      { compute3: 'compute1', compute2: 'compute2' },
      'compute2',
      ({ clock, emulator }) => {
        emulator.faults.hostDown('compute2');
        clock.advance(15_000);
      },
    ],
    [
      'case-lm-to-disabled-host',
      { compute3: 'compute1' },
      'compute2',
      async ({ call, read }) => {
        const id = await read(`${nova}/os-services?host=compute2`, 'services', 0, 'id');
        await call('PUT', `${nova}/os-services/${String(id)}`, { status: 'disabled' });
      },
    ],
    [
      'case-lm-source-down',
      { compute2: 'compute1' },
      'compute3',
      ({ clock, emulator }) => {
        emulator.faults.computeDown('compute1');
        clock.advance(15_000);
      },
    ],
    [
      'case-lm-dest-l2-agent-down',
      { compute4: 'compute1' },
      'compute2',
      ({ emulator }) => emulator.faults.agentDown('compute2'),
    ],
    [
      'case-lm-hypervisor-failure',
      { compute4: 'compute1', compute5: 'compute2' },
      'compute2',
      ({ emulator }) => emulator.faults.liveMigration('compute1', { fail: true }),
    ],
    [
      'case-lm-precheck-failure',
      { compute4: 'compute1' },
      'compute2',
      ({ emulator }) =>
        emulator.faults.liveMigration('compute2', { precheckFail: 'CPU not compatible (lab)' }),
    ],
  ];
  test.each(rows)('%s', async (name, hosts, target, prepare) => {
    const cloud = await testCloud();
    await prepare(cloud);

    const accepted = await cloud.liveMigrate('A', target);
    cloud.clock.advance(60_000);

    expect(accepted).toMatchObject({ status: 202, body: '' });
    expect(await sortedEnding(cloud, 'A')).toEqual(recorded(name, hosts));
  });

  test('case-lm-not-enough-resources-real', async () => {
    const spec = testSpec();
    const cloud = await testCloud({
      ...spec,
      servers: spec.servers.map((server) => ({ ...server, flavor: 'huge' })),
    });

    await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(10_000);

    const hosts = { compute1: 'compute1' };
    const name = 'case-lm-not-enough-resources-real';
    expect(await sortedEnding(cloud, 'A')).toEqual(recorded(name, hosts));
  });
});

describe('a poller sees of a live migration', () => {
  test('first nothing, then no record, then bindings and progress, then ACTIVE before the record is completed', async () => {
    const cloud = await testCloud();
    const { clock, id, read } = cloud;
    const port = await read(`/network/v2.0/ports?device_id=${id('A')}`, 'ports', 0, 'id');
    const look = async (): Promise<unknown[]> => [
      await read(`${nova}/servers/${id('A')}`, 'server', 'status'),
      await read(`${nova}/servers/${id('A')}`, 'server', 'OS-EXT-SRV-ATTR:host'),
      at(await newestRecord(cloud, 'A'), 'status'),
      await read(`/network/v2.0/ports/${String(port)}/bindings`, 'bindings').then((bindings) =>
        (Array.isArray(bindings) ? bindings : []).map(
          (binding) => `${String(at(binding, 'host'))} ${String(at(binding, 'status'))}`,
        ),
      ),
    ];
    const from = 'compute1 ACTIVE';

    await cloud.liveMigrate('A', 'compute2');

    expect(await look()).toEqual(['ACTIVE', 'compute1', undefined, [from]]);
    clock.advance(300);
    expect(await look()).toEqual(['MIGRATING', 'compute1', undefined, [from]]);
    clock.advance(500);
    expect(await look()).toEqual(['MIGRATING', 'compute1', 'accepted', [from]]);
    clock.advance(1500);
    const both = [from, 'compute2 INACTIVE'];
    expect(await look()).toEqual(['MIGRATING', 'compute1', 'preparing', both]);
    const preparing = await read(`${nova}/servers/${id('A')}/migrations`);
    expect(shape(preparing)).toEqual(shape(fixture('server-migrations-preparing')));
    clock.advance(2000);
    expect(await look()).toEqual(['MIGRATING', 'compute1', 'running', both]);
    const running = await read(`${nova}/servers/${id('A')}/migrations`);
    expect(shape(running)).toEqual(shape(fixture('server-migrations-running')));
    expect(at(running, 'migrations', 0, 'memory_processed_bytes')).toBeGreaterThan(0);
    clock.advance(7800);
    const switched = ['compute1 INACTIVE', 'compute2 ACTIVE'];
    expect(await look()).toEqual(['MIGRATING', 'compute1', 'running', switched]);
    expect(cloud.emulator.placements().get(id('A'))).toBe('compute2');
    clock.advance(900);
    expect(await look()).toEqual(['ACTIVE', 'compute2', 'running', ['compute2 ACTIVE']]);
    clock.advance(1000);
    expect(await look()).toEqual(['ACTIVE', 'compute2', 'completed', ['compute2 ACTIVE']]);
  });

  test('the claims of both hosts while it runs, of the target alone afterwards', async () => {
    const { clock, id, liveMigrate, read } = await testCloud();
    const claims = async (): Promise<number[]> => {
      const providers = await read('/placement/resource_providers', 'resource_providers');
      const used: number[] = [];
      for (const provider of Array.isArray(providers) ? providers.slice(0, 2) : []) {
        const path = `/placement/resource_providers/${String(at(provider, 'uuid'))}/usages`;
        used.push(Number(await read(path, 'usages', 'VCPU')));
      }
      return used;
    };

    expect(await claims()).toEqual([1, 1]);
    await liveMigrate('A', 'compute2');
    clock.advance(4000);
    expect(await claims()).toEqual([1, 2]);
    clock.advance(30_000);
    expect(await claims()).toEqual([0, 2]);
    expect(await read(`/placement/allocations/${id('A')}`, 'allocations')).not.toEqual({});
  });

  test('records and actions in the recorded form', async () => {
    const cloud = await testCloud();
    const accepted = await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(5000);
    const record = await cloud.read(`${nova}/os-migrations`);
    cloud.clock.advance(30_000);

    const requestId = accepted.headers.get('x-openstack-request-id');
    const path = `${nova}/servers/${cloud.id('A')}/os-instance-actions/${requestId}`;
    expect(shape(record)).toEqual(shape(fixture('os-migrations')));
    expect(shape(await cloud.read(path))).toEqual(shape(fixture('instance-action-detail')));
    const ports = await cloud.read(`/network/v2.0/ports?device_id=${cloud.id('A')}`, 'ports', 0);
    expect(shape(ports)).toEqual(shape(fixture('port-after')));
  });
});

describe('live migration of a server', () => {
  test('that migrates already is refused, and its instance action is there at once', async () => {
    const cloud = await testCloud();
    await cloud.liveMigrate('A', 'compute2');

    const again = await cloud.liveMigrate('A', 'compute3');

    const actions = `${nova}/servers/${cloud.id('A')}/os-instance-actions`;
    expect(await cloud.read(actions, 'instanceActions', 0, 'action')).toBe('live-migration');
    expect(again.status).toBe(409);
    expect(again.body).toEqual(
      JSON.parse(
        JSON.stringify(at(fixture('err-already-migrating'), 'response')).replace(
          /instance \S+/,
          `instance ${cloud.id('A')}`,
        ),
      ),
    );
  });

  test.each([
    ['err-unknown-host', { host: 'nosuchhost', block_migration: 'auto' }],
    ['err-mv2.90-force-rejected', { host: 'compute2', block_migration: 'auto', force: true }],
    ['err-mv2.25-bool-auto-missing', { host: 'compute1' }],
  ])('is refused as recorded: %s', async (name, body) => {
    const { call, id } = await testCloud();

    const refused = await call('POST', `${nova}/servers/${id('A')}/action`, {
      'os-migrateLive': body,
    });

    expect(refused.status).toBe(at(fixture(name), 'http'));
    expect(refused.body).toEqual(at(fixture(name), 'response'));
  });

  test('to a target that has just died waits for it, and goes on when it is back', async () => {
    const cloud = await testCloud();
    cloud.emulator.faults.computeDown('compute2');

    await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(30_000);
    expect(at(await newestRecord(cloud, 'A'), 'status')).toBe('accepted');
    cloud.emulator.faults.computeUp('compute2');
    cloud.clock.advance(30_000);

    expect(at(await newestRecord(cloud, 'A'), 'status')).toBe('completed');
  });

  test('to a target that has just died and stays dead ends after the rpc timeout, claims given back', async () => {
    const cloud = await testCloud();
    cloud.emulator.faults.computeDown('compute2');

    await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(65_000);

    expect(await ending(cloud, 'A')).toMatchObject({
      end_status: 'ACTIVE',
      end_host: 'compute1',
      migration: { status: 'error' },
    });
    const held = await cloud.read(`/placement/allocations/${cloud.id('A')}`, 'allocations');
    expect(Object.keys(held ?? {})).toHaveLength(1);
  });

  test('that dirties memory faster than the link never ends by itself, and can be aborted', async () => {
    const spec = testSpec();
    const cloud = await testCloud({
      ...spec,
      servers: spec.servers.map((server) => ({
        ...server,
        dirtyMiBPerSecond: 500,
        workingSetMiB: 512,
      })),
    });
    await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(600_000);
    const record = await newestRecord(cloud, 'A');
    expect(at(record, 'status')).toBe('running');

    const path = `${nova}/servers/${cloud.id('A')}/migrations/${String(at(record, 'id'))}`;
    expect(await cloud.call('DELETE', path)).toMatchObject({ status: 202 });
    cloud.clock.advance(2000);

    expect(await ending(cloud, 'A')).toMatchObject({
      end_status: 'ACTIVE',
      end_host: 'compute1',
      migration: { status: 'cancelled' },
    });
  });

  test('that hangs completes when it is forced to', async () => {
    const cloud = await testCloud();
    cloud.emulator.faults.liveMigration('*', { hang: true });
    await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(300_000);
    const record = await newestRecord(cloud, 'A');
    expect(at(record, 'status')).toBe('running');

    const path = `${nova}/servers/${cloud.id('A')}/migrations/${String(at(record, 'id'))}/action`;
    expect(await cloud.call('POST', path, { force_complete: null })).toMatchObject({ status: 202 });
    cloud.clock.advance(30_000);

    expect(at(await newestRecord(cloud, 'A'), 'status')).toBe('completed');
  });

  test('takes longer beside another on the same link', async () => {
    const alone = await testCloud();
    await alone.liveMigrate('A', 'compute4');
    alone.clock.advance(12_000);
    const both = await testCloud();
    await both.liveMigrate('A', 'compute4');
    await both.liveMigrate('B', 'compute4');
    both.clock.advance(12_000);
    const meanwhile = at(await newestRecord(both, 'A'), 'status');
    both.clock.advance(12_000);

    expect(alone.emulator.placements().get(alone.id('A'))).toBe('compute4');
    expect(meanwhile).toBe('running');
    expect(at(await newestRecord(both, 'A'), 'status')).toBe('completed');
  });

  test('breaks when the target dies under it, and stays where it was', async () => {
    const cloud = await testCloud();
    await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(5000);
    cloud.emulator.faults.hostDown('compute2');
    cloud.clock.advance(1000);

    expect(await ending(cloud, 'A')).toMatchObject({
      end_status: 'ACTIVE',
      end_host: 'compute1',
      migration: { status: 'failed' },
    });
  });

  test('whose source dies under it stays MIGRATING until that is back, and then ends in error', async () => {
    const cloud = await testCloud();
    await cloud.liveMigrate('A', 'compute2');
    cloud.clock.advance(5000);
    cloud.emulator.faults.hostDown('compute1');
    cloud.clock.advance(120_000);
    const stuck = await ending(cloud, 'A');
    cloud.emulator.faults.hostUp('compute1');
    cloud.clock.advance(1000);

    expect(stuck).toMatchObject({ end_status: 'MIGRATING', migration: { status: 'running' } });
    expect(await ending(cloud, 'A')).toMatchObject({
      end_status: 'ACTIVE',
      end_host: 'compute1',
      migration: { status: 'error' },
    });
  });

  test('without a host goes where the scheduler finds most memory, anti-affinity kept', async () => {
    const spec = testSpec();
    const cloud = await testCloud({
      ...spec,
      serverGroups: [{ name: 'apart', policy: 'anti-affinity', members: ['A', 'B'] }],
    });

    await cloud.liveMigrate('A', null);
    await cloud.liveMigrate('B', 'compute1');
    cloud.clock.advance(60_000);

    expect(cloud.emulator.placements().get(cloud.id('A'))).toBe('compute4');
    const refused = await ending(cloud, 'B');
    expect(refused).toMatchObject({ end_host: 'compute2', migration: { status: 'error' } });
  });
});
