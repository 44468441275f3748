import type { OpenStack } from '@sidestep/openstack';
import { UnsupportedMicroversion } from '@sidestep/openstack';
import { describe, expect, test } from 'vitest';
import { computeVersion, errorOf, startFakeOpenStack } from './fake-openstack.ts';
import { fixture } from './fixture.ts';

const SERVER = 'ed5ee0f0-a7f7-4b57-9e1c-64d1c53a2100';
const NOVA = '/compute/v2.1';
const ACTION = `POST ${NOVA}/servers/${SERVER}/action`;

describe('microversion', () => {
  test.each([
    ['2.87', '2.87'],
    ['2.90', '2.90'],
    ['2.96', '2.90'],
    ['2.84', '2.84'],
  ])('a server up to %s is spoken to in %s', async (max, negotiated) => {
    await using cloud = await startFakeOpenStack();
    cloud.on('GET /compute/v2.1/', computeVersion(max));
    cloud.on(`GET ${NOVA}/os-services`, { json: { services: [] } });
    const { nova } = cloud.connect();

    await Promise.all([nova.listComputeServices(), nova.listComputeServices()]);

    expect(await nova.microversions()).toEqual({ min: '2.1', max, negotiated });
    const asked = cloud.seen.filter(({ path }) => path.endsWith('/os-services'));
    expect(asked.map(({ headers }) => headers['openstack-api-version'])).toEqual([
      `compute ${negotiated}`,
      `compute ${negotiated}`,
    ]);
    expect(asked[0]?.headers['x-openstack-nova-api-version']).toBe(negotiated);
  });

  test.each([['2.83'], ['2.9'], ['']])('a server that ends at "%s" is refused', async (max) => {
    await using cloud = await startFakeOpenStack();
    cloud.on('GET /compute/v2.1/', computeVersion(max));
    const { nova } = cloud.connect();

    const error = await errorOf(nova.liveMigrate(SERVER, { host: 'compute1' }));

    expect(error).toBeInstanceOf(UnsupportedMicroversion);
    expect(error).toMatchObject({ kind: 'protocol', required: '2.84', retryable: false });
    expect(cloud.count(ACTION)).toBe(0);
  });

  test('a server that has dropped what we speak is refused', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on('GET /compute/v2.1/', computeVersion('2.120', '2.100'));

    const error = await errorOf(cloud.connect().nova.microversions());

    expect(error).toMatchObject({ offeredMin: '2.100', offeredMax: '2.120' });
  });

  test('the ceiling can be lowered, not raised', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on('GET /compute/v2.1/', computeVersion('2.96'));
    const at = async (maxComputeMicroversion: string) =>
      (await cloud.connect({ maxComputeMicroversion }).nova.microversions()).negotiated;

    expect([await at('2.87'), await at('2.95')]).toEqual(['2.87', '2.90']);
  });

  test('a failed negotiation is tried again by the next call', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on('GET /compute/v2.1/', { status: 503, json: {} }, computeVersion('2.87'));
    const { nova } = cloud.connect({ retries: 0 });

    await errorOf(nova.microversions());

    expect((await nova.microversions()).negotiated).toBe('2.87');
  });
});

describe.each([['2.87'], ['2.90']])('hypervisors at %s', (version) => {
  test('say host, state and status; capacity is left to Placement', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on('GET /compute/v2.1/', computeVersion(version));
    cloud.on(`GET ${NOVA}/os-hypervisors/detail`, { json: fixture(`hand-hypervisors-${version}`) });

    const hypervisors = await cloud.connect().nova.listHypervisors({ withServers: true });

    expect(hypervisors).toEqual([
      {
        id: 'b1e43b5f-eec1-44e0-9f10-7b4945c0226d',
        host: 'compute1',
        hypervisorHostname: 'compute1',
        state: 'up',
        status: 'enabled',
        type: 'fake',
        hostIp: '127.0.0.1',
        serviceId: '93b16c8f-c1c6-464e-b29c-d283d7589682',
        disabledReason: null,
        servers: [{ id: SERVER, name: 'instance-00000001' }],
      },
      expect.objectContaining({
        host: 'compute2',
        state: 'down',
        status: 'disabled',
        disabledReason: 'lab drain',
        servers: [],
      }),
    ]);
  });
});

describe('lists', () => {
  const server = (id: string) => ({ ...(fixture('cold-migrate-verify') as object), id });

  test('servers of all tenants are read over all pages, by marker and our own base URL', async () => {
    await using cloud = await startFakeOpenStack();
    const links = (marker: string) => [
      { rel: 'next', href: `http://unreachable.test/v2.1/servers/detail?limit=1&marker=${marker}` },
    ];
    cloud.on(
      `GET ${NOVA}/servers/detail`,
      { json: { servers: [server('a')], servers_links: links('a') } },
      { json: { servers: [server('b')], servers_links: links('b') } },
      { json: { servers: [server('c')] } },
    );

    const servers = await cloud.connect().nova.listServers({ host: 'compute3', pageSize: 1 });

    expect(servers.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(cloud.seen.slice(-3).map(({ path }) => path.split('?')[1])).toEqual([
      'all_tenants=1&host=compute3&limit=1',
      'all_tenants=1&host=compute3&limit=1&marker=a',
      'all_tenants=1&host=compute3&limit=1&marker=b',
    ]);
  });

  test('pages that lead in a circle are a protocol error', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on(`GET ${NOVA}/os-hypervisors/detail`, {
      json: { hypervisors: [], hypervisors_links: [{ rel: 'next', href: 'http://x/?marker=1' }] },
    });

    const error = await errorOf(cloud.connect().nova.listHypervisors());

    expect(error).toMatchObject({ kind: 'protocol' });
    expect(error.detail).toContain('hypervisors_links');
  });

  test('a limited list of migrations stops at its limit', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on(`GET ${NOVA}/os-migrations`, {
      json: {
        ...(fixture('os-migrations') as object),
        migrations_links: [{ rel: 'next', href: 'http://x/?marker=m' }],
      },
    });

    const migrations = await cloud.connect().nova.listMigrations({ serverId: SERVER, limit: 1 });

    expect(migrations).toHaveLength(1);
    expect(cloud.seen.at(-1)?.path).toBe(`${NOVA}/os-migrations?instance_uuid=${SERVER}&limit=1`);
  });
});

test('a server tells its host, task, flavor, addresses and groups', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(`GET ${NOVA}/servers/x`, { json: { server: fixture('cold-migrate-verify') } });

  const server = await cloud.connect().nova.showServer('x');

  expect(server).toEqual({
    id: '622db2d0-5100-442e-a446-418f0b71d3f6',
    availabilityZone: 'nova',
    name: 'vnf1',
    status: 'VERIFY_RESIZE',
    vmState: 'resized',
    taskState: null,
    host: 'compute3',
    hostStatus: 'UP',
    projectId: '8cda6a7fbdaf43ceba473b2558b19951',
    flavor: {
      name: 'vnf.small',
      vcpus: 1,
      ramMiB: 1024,
      diskGiB: 5,
      ephemeralGiB: 0,
      swapMiB: 0,
      extraSpecs: {},
    },
    imageId: 'a5889bea-1aca-455a-837a-a2fb0ab7966f',
    tags: [],
    serverGroups: [],
    addresses: [
      {
        network: 'svc-net',
        address: '10.20.2.85',
        version: 4,
        macAddress: 'fa:16:3e:15:a3:b3',
        type: 'fixed',
      },
      {
        network: 'svc-net',
        address: '10.20.0.172',
        version: 4,
        macAddress: 'fa:16:3e:c9:1b:03',
        type: 'fixed',
      },
    ],
    metadata: {},
    locked: false,
    createdAt: '2026-11-20T20:44:53.000Z',
    updatedAt: '2026-11-20T20:53:44.000Z',
    fault: null,
  });
});

test('what a caller may not see reads as unknown', async () => {
  await using cloud = await startFakeOpenStack();
  const {
    host_status,
    'OS-EXT-SRV-ATTR:host': host,
    server_groups,
    ...rest
  } = fixture('cold-migrate-verify') as Record<string, unknown>;
  cloud.on(`GET ${NOVA}/servers/x`, { json: { server: { ...rest, image: '' } } });

  const server = await cloud.connect().nova.showServer('x');

  expect([host_status, host, server_groups]).toEqual(['UP', 'compute3', []]);
  expect(server).toMatchObject({ hostStatus: 'UNKNOWN', host: null, imageId: null });
  expect(server).not.toHaveProperty('serverGroups');
});

test('instance actions tell what was asked; one of them tells its events', async () => {
  await using cloud = await startFakeOpenStack();
  const path = `GET ${NOVA}/servers/${SERVER}/os-instance-actions`;
  const requestId = 'req-a3008fd5-3ff3-4753-94aa-c99e88049008';
  cloud.on(path, { json: fixture('instance-actions') });
  cloud.on(`${path}/${requestId}`, { json: fixture('instance-action-detail') });
  const { nova } = cloud.connect();

  const actions = await nova.listInstanceActions(SERVER);
  const action = await nova.showInstanceAction(SERVER, requestId);

  expect(actions.map((each) => [each.action, each.requestId, each.events])).toEqual([
    ['live-migration', requestId, []],
    ['create', 'req-6a38cdbe-b9d5-4536-a86e-1a95c163dd98', []],
  ]);
  expect(action).toMatchObject({ serverId: SERVER, message: null });
  expect(action.events.at(-1)).toEqual({
    event: 'conductor_live_migrate_instance',
    result: 'Success',
    details: null,
    host: 'vm',
    startTime: '2026-11-20T20:48:13.000Z',
    finishTime: '2026-11-20T20:48:16.000Z',
  });
});

test('compute services are listed, disabled, enabled and forced down', async () => {
  await using cloud = await startFakeOpenStack();
  const id = '93b16c8f-c1c6-464e-b29c-d283d7589682';
  const put = `PUT ${NOVA}/os-services/${id}`;
  cloud.on(`GET ${NOVA}/os-services`, { json: { services: [fixture('service-down')] } });
  cloud.on(put, { json: fixture('service-disable') }, { json: fixture('force-down') });
  const { nova } = cloud.connect();

  const [service] = await nova.listComputeServices({ binary: 'nova-compute' });
  const disabled = await nova.disableComputeService(id, 'lab drain');
  const forced = await nova.setForcedDown(id, true);
  await nova.enableComputeService(id);

  expect(service).toMatchObject({ host: 'compute2', state: 'down', forcedDown: false });
  expect(disabled).toMatchObject({ status: 'disabled', disabledReason: 'lab drain' });
  expect(forced).toMatchObject({ forcedDown: true, updatedAt: '2026-11-20T20:51:58.721Z' });
  expect(cloud.seen.filter(({ method }) => method === 'PUT').map(({ body }) => body)).toEqual([
    { status: 'disabled', disabled_reason: 'lab drain' },
    { forced_down: true },
    { status: 'enabled' },
  ]);
});

test('a server is created on a host, with ports in order and a group hint', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(`POST ${NOVA}/servers`, {
    status: 202,
    json: { server: { id: 'new', adminPass: 'generated' } },
  });

  const created = await cloud.connect().nova.createServer({
    name: 'vnf1',
    flavorId: 'vnf.small',
    imageId: 'img',
    networks: [{ portId: 'in' }, { networkId: 'net' }],
    host: 'compute2',
    serverGroupId: 'group',
    tags: ['firewall'],
  });

  expect(created).toEqual({ id: 'new', requestId: 'req-fake' });
  expect(cloud.seen.at(-1)?.body).toEqual({
    server: {
      name: 'vnf1',
      flavorRef: 'vnf.small',
      imageRef: 'img',
      networks: [{ port: 'in' }, { uuid: 'net' }],
      host: 'compute2',
      tags: ['firewall'],
    },
    'os:scheduler_hints': { group: 'group' },
  });
});

test.each<[string, (nova: OpenStack['nova']) => Promise<unknown>, unknown]>([
  ['stop', (nova) => nova.stopServer(SERVER), { 'os-stop': null }],
  ['start', (nova) => nova.startServer(SERVER), { 'os-start': null }],
  ['evacuate', (nova) => nova.evacuateServer(SERVER, { host: 'h' }), { evacuate: { host: 'h' } }],
  ['evacuate anywhere', (nova) => nova.evacuateServer(SERVER), { evacuate: {} }],
  ['migrate', (nova) => nova.coldMigrateServer(SERVER, { host: 'h' }), { migrate: { host: 'h' } }],
  ['migrate anywhere', (nova) => nova.coldMigrateServer(SERVER), { migrate: null }],
  ['confirm', (nova) => nova.confirmResize(SERVER), { confirmResize: null }],
  ['revert', (nova) => nova.revertResize(SERVER), { revertResize: null }],
])('%s is an action of the server', async (_, act, body) => {
  await using cloud = await startFakeOpenStack();
  cloud.on(ACTION, { status: 202 });

  const accepted = await act(cloud.connect().nova);

  expect(accepted).toEqual({ requestId: 'req-fake' });
  expect(cloud.seen.at(-1)?.body).toEqual(body);
});

test('aggregates tell their hosts and metadata', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /compute/v2.1/', computeVersion('2.90'));
  cloud.on(`GET ${NOVA}/os-aggregates`, {
    json: {
      aggregates: [
        { id: 1, name: 'fast', hosts: ['h1'], metadata: { disk: 'ssd' }, availability_zone: null },
      ],
    },
  });

  expect(await cloud.connect().nova.listAggregates()).toEqual([
    { id: 1, name: 'fast', hosts: ['h1'], metadata: { disk: 'ssd' } },
  ]);
});

test('flavors and server groups are read', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(`GET ${NOVA}/flavors/detail`, {
    json: {
      flavors: [
        {
          id: 'vnf.small',
          name: 'vnf.small',
          vcpus: 1,
          ram: 1024,
          disk: 5,
          'OS-FLV-EXT-DATA:ephemeral': 0,
          swap: '',
          extra_specs: { 'hw:cpu_policy': 'shared' },
        },
      ],
    },
  });
  cloud.on(`GET ${NOVA}/os-server-groups`, {
    json: {
      server_groups: [
        {
          id: 'g1',
          name: 'apart',
          policy: 'anti-affinity',
          rules: { max_server_per_host: 2 },
          members: [SERVER],
        },
      ],
    },
  });
  const { nova } = cloud.connect();

  const [flavor] = await nova.listFlavors();
  const [group] = await nova.listServerGroups();

  expect(flavor).toMatchObject({
    ramMiB: 1024,
    swapMiB: 0,
    extraSpecs: { 'hw:cpu_policy': 'shared' },
  });
  expect(group).toEqual({
    id: 'g1',
    name: 'apart',
    policy: 'anti-affinity',
    maxServersPerHost: 2,
    memberIds: [SERVER],
  });
});

test('a flavor is created and deleted', async () => {
  await using cloud = await startFakeOpenStack();
  const flavor = { id: 'big', name: 'big', vcpus: 4, ram: 40_960, disk: 5, swap: '' };
  cloud.on(`POST ${NOVA}/flavors`, {
    json: { flavor: { ...flavor, 'OS-FLV-EXT-DATA:ephemeral': 0 } },
  });
  cloud.on(`DELETE ${NOVA}/flavors/big`, { status: 202 });
  const { nova } = cloud.connect();

  const created = await nova.createFlavor({ name: 'big', vcpus: 4, ramMiB: 40_960, diskGiB: 5 });
  await nova.deleteFlavor(created.id);

  expect(created).toMatchObject({ id: 'big', ramMiB: 40_960, swapMiB: 0 });
  expect(cloud.seen.at(-2)?.body).toEqual({
    flavor: { name: 'big', vcpus: 4, ram: 40_960, disk: 5 },
  });
});

test('an id can not leave its place in the path', async () => {
  await using cloud = await startFakeOpenStack();

  await errorOf(cloud.connect().nova.showServer('../os-services?x=1'));

  expect(cloud.seen.at(-1)?.path).toBe(`${NOVA}/servers/..%2Fos-services%3Fx%3D1`);
});
