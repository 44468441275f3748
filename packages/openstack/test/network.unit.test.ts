import type { OpenStack } from '@sidestep/openstack';
import { describe, expect, test } from 'vitest';
import { errorOf, startFakeOpenStack } from './fake-openstack.ts';
import { fixture, recording } from './fixture.ts';

const NETWORK = '/network';

test('a port tells its owner, host, binding and addresses', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /network/v2.0/ports', { json: { ports: [fixture('port-after')] } });

  const ports = await cloud.connect().neutron.listPorts({ hostId: 'compute1', deviceId: 'd' });

  expect(ports).toEqual([
    {
      id: '214d4c54-d7e8-4bed-8427-25f5e6c8abb7',
      name: 'vnf14-out',
      networkId: '1db7660d-57d8-4f10-ab0e-4d067eb33fc9',
      projectId: '8cda6a7fbdaf43ceba473b2558b19951',
      deviceId: 'ed5ee0f0-a7f7-4b57-9e1c-64d1c53a2100',
      deviceOwner: 'compute:nova',
      hostId: 'compute1',
      status: 'ACTIVE',
      vifType: 'ovs',
      vnicType: 'normal',
      adminStateUp: true,
      macAddress: 'fa:16:3e:0f:1a:82',
      fixedIps: [{ subnetId: '4a6a927c-4907-42fe-a9e5-11ad8810d000', ipAddress: '10.20.3.242' }],
      profile: {},
    },
  ]);
  expect(cloud.seen.at(-1)?.path).toBe(
    '/network/v2.0/ports?device_id=d&binding%3Ahost_id=compute1&limit=2000',
  );
});

test('ports of several ids are one question that names each', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /network/v2.0/ports', { json: { ports: [] } });

  await cloud.connect().neutron.listPorts({ ids: ['a', 'b'] });

  expect(cloud.seen.at(-1)?.path).toBe('/network/v2.0/ports?id=a&id=b&limit=2000');
});

test('a holder port is created bound to a host, changed and deleted', async () => {
  await using cloud = await startFakeOpenStack();
  const answer = { json: { port: fixture('port-before') } };
  cloud.on('POST /network/v2.0/ports', { ...answer, status: 201 });
  cloud.on('PUT /network/v2.0/ports/p', answer);
  cloud.on('DELETE /network/v2.0/ports/p', { status: 204 });
  const { neutron } = cloud.connect();

  await neutron.createPort({
    networkId: 'net',
    name: 'holder',
    hostId: 'compute2',
    deviceId: 'holder-1',
    portSecurityEnabled: false,
  });
  await neutron.updatePort('p', { hostId: 'compute3' });
  await neutron.deletePort('p');

  expect(cloud.seen.slice(-3).map(({ body }) => body)).toEqual([
    {
      port: {
        network_id: 'net',
        name: 'holder',
        device_id: 'holder-1',
        'binding:host_id': 'compute2',
        port_security_enabled: false,
      },
    },
    { port: { 'binding:host_id': 'compute3' } },
    null,
  ]);
});

test('a port that moves has two bindings, one of them active', async () => {
  await using cloud = await startFakeOpenStack();
  const binding = { vif_type: 'ovs', vif_details: {}, vnic_type: 'normal', profile: {} };
  cloud.on('GET /network/v2.0/ports/p/bindings', {
    json: {
      bindings: [
        { ...binding, host: 'compute5', status: 'ACTIVE' },
        { ...binding, host: 'compute1', status: 'INACTIVE' },
      ],
    },
  });

  const bindings = await cloud.connect().neutron.listPortBindings('p');

  expect(bindings.map(({ host, status }) => [host, status])).toEqual([
    ['compute5', 'ACTIVE'],
    ['compute1', 'INACTIVE'],
  ]);
});

test('networks, agents and extensions are read', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /network/v2.0/networks', {
    json: {
      networks: [
        {
          id: 'n',
          name: 'svc-net',
          status: 'ACTIVE',
          subnets: ['s'],
          'provider:network_type': 'vxlan',
        },
      ],
    },
  });
  cloud.on('GET /network/v2.0/agents', {
    json: {
      agents: [
        {
          id: 'a',
          agent_type: 'Open vSwitch agent',
          binary: 'neutron-openvswitch-agent',
          host: 'compute1',
          alive: false,
          admin_state_up: true,
        },
      ],
    },
  });
  cloud.on('GET /network/v2.0/extensions', {
    json: {
      extensions: [
        { alias: 'sfc', name: 'SFC' },
        { alias: 'flow_classifier', name: 'FC' },
      ],
    },
  });
  const openstack = cloud.connect();

  expect(await openstack.neutron.listNetworks()).toEqual([
    {
      id: 'n',
      name: 'svc-net',
      status: 'ACTIVE',
      networkType: 'vxlan',
      mtu: null,
      subnetIds: ['s'],
    },
  ]);
  expect(await openstack.neutron.listAgents()).toMatchObject([{ host: 'compute1', alive: false }]);
  expect(await openstack.capabilities()).toMatchObject({
    compute: { available: true, negotiated: '2.90' },
    placement: { available: true, negotiated: '1.39' },
    network: { available: true, sfc: true, portBindings: false },
  });
});

test('a service that can not be asked is a reason in the capabilities', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /network/v2.0/extensions', { json: { extensions: [] } });
  cloud.on('GET /placement/', { status: 500, json: {} });

  const capabilities = await cloud.connect({ retries: 0 }).capabilities();

  expect(capabilities.placement).toMatchObject({ available: false });
  expect(capabilities.network).toMatchObject({ available: true, sfc: false });
});

describe('networking-sfc', () => {
  test.each<[string, (sfc: OpenStack['sfc']) => Promise<unknown>]>([
    [
      'sfc-pp-create',
      (sfc) =>
        sfc.createPortPair({
          name: 'pp-C',
          ingressPortId: '3cb84c13-207a-413a-a88b-741ef191f301',
          egressPortId: 'd55353b9-5cbc-43b9-9e4e-502cdaa74ab3',
        }),
    ],
    [
      'sfc-ppg-create',
      (sfc) =>
        sfc.createPortPairGroup({
          name: 'ppg-C',
          portPairIds: ['d2e805d7-0bd7-4236-8fcb-f853a91974b2'],
        }),
    ],
    [
      'sfc-ppg-update-swap',
      (sfc) =>
        sfc.updatePortPairGroup('2d4685cf-664d-46c2-b4de-ab0e790b3eab', {
          portPairIds: ['6551a823-3fe8-4959-aa87-3ccf3e2d079a'],
        }),
    ],
    [
      'sfc-fc-create',
      (sfc) =>
        sfc.createFlowClassifier({
          name: 'fc1',
          ethertype: 'IPv4',
          protocol: 'tcp',
          sourceIpPrefix: '10.20.0.0/24',
          destinationIpPrefix: null,
          destinationPortMin: 80,
          destinationPortMax: 80,
          logicalSourcePortId: '214d4c54-d7e8-4bed-8427-25f5e6c8abb7',
        }),
    ],
    [
      'sfc-pc-create',
      (sfc) =>
        sfc.createPortChain({
          name: 'pc1',
          portPairGroupIds: [
            'a1e75c25-7e82-49f0-9caf-437fb0502a6b',
            '2d4685cf-664d-46c2-b4de-ab0e790b3eab',
          ],
          flowClassifierIds: ['c20d1a37-6f8e-4542-b859-96c9713eb576'],
        }),
    ],
    [
      'sfc-pc-update-reorder',
      (sfc) =>
        sfc.updatePortChain('6a8c3857-456d-4d1d-bb8e-f57ccf318870', {
          portPairGroupIds: [
            '4c7c553c-c508-4641-a3a5-243642f39ddb',
            'a1e75c25-7e82-49f0-9caf-437fb0502a6b',
          ],
        }),
    ],
    ['sfc-pc-show', (sfc) => sfc.showPortChain('6a8c3857-456d-4d1d-bb8e-f57ccf318870')],
    ['sfc-pc-delete', (sfc) => sfc.deletePortChain('6a8c3857-456d-4d1d-bb8e-f57ccf318870')],
  ])('%s is sent as recorded', async (name, act) => {
    await using cloud = await startFakeOpenStack();
    const { method, path, body, status, response } = recording(name);
    cloud.on(`${method} ${NETWORK}${path}`, {
      status,
      ...(response === '' ? {} : { json: response }),
    });

    await act(cloud.connect().sfc);

    expect(cloud.seen.at(-1)).toMatchObject({ method, path: `${NETWORK}${path}`, body });
  });

  test('of the pairs those are listed that are asked for, in questions that an address has room for', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on(`GET ${NETWORK}/v2.0/sfc/port_pairs`, { json: { port_pairs: [] } });
    const { sfc } = cloud.connect();
    const of = [...Array.from({ length: 60 }, (_, at) => `id-${at}`), 'id-0'];

    await sfc.listPortPairs({ by: 'id', of });
    await sfc.listPortPairs({ by: 'ingressPortId', of: ['one port'] });

    const asked = cloud.seen.flatMap(({ path }) => {
      const { pathname, searchParams } = new URL(path, 'http://cloud');
      return pathname.endsWith('/port_pairs') ? [[...searchParams]] : [];
    });
    expect(asked.map((query) => query.length).toSorted((a, b) => a - b)).toEqual([1, 10, 50]);
    expect(asked.flat()).toEqual(
      expect.arrayContaining([
        ['id', 'id-59'],
        ['ingress', 'one port'],
      ]),
    );
  });

  test.each([
    ['does not know the filter, and answers all', []],
    ['refuses the filter', [{ status: 400, json: { NeutronError: 'not a filter' } }]],
  ])(
    'where Neutron %s, those are listed all the same that are asked for, and once',
    async (_case, refusals) => {
      await using cloud = await startFakeOpenStack();
      const pair = (id: string, ingress: string) => ({
        id,
        name: '',
        ingress,
        egress: ingress,
        service_function_parameters: { correlation: null, weight: 1 },
      });
      const all = { json: { port_pairs: [pair('id-0', 'in-0'), pair('id-59', 'in-1')] } };
      cloud.on(`GET ${NETWORK}/v2.0/sfc/port_pairs`, ...refusals, all);
      const { sfc } = cloud.connect();
      const of = Array.from({ length: 60 }, (_, at) => `id-${at}`);
      const ids = async (list: ReturnType<typeof sfc.listPortPairs>) =>
        (await list).map(({ id }) => id);

      expect(await ids(sfc.listPortPairs({ by: 'ingressPortId', of: ['in-1'] }))).toEqual([
        'id-59',
      ]);
      expect(await ids(sfc.listPortPairs({ by: 'id', of }))).toEqual(['id-0', 'id-59']);
    },
  );

  test('of no value nothing is asked: a list without a filter would be of all', async () => {
    await using cloud = await startFakeOpenStack();
    const { sfc } = cloud.connect();

    expect(await sfc.listPortPairGroups({ by: 'id', of: [] })).toEqual([]);
    expect(cloud.seen).toEqual([]);
  });

  test('pairs, groups, classifiers and chains are listed', async () => {
    await using cloud = await startFakeOpenStack();
    for (const name of ['sfc-pp-list', 'sfc-ppg-list', 'sfc-fc-list', 'sfc-pc-list']) {
      const { method, path, response } = recording(name);
      cloud.on(`${method} ${NETWORK}${path}`, { json: response });
    }
    const { sfc } = cloud.connect();

    const [pairs, groups] = [await sfc.listPortPairs(), await sfc.listPortPairGroups()];
    const [classifiers, chains] = [await sfc.listFlowClassifiers(), await sfc.listPortChains()];

    expect(pairs).toHaveLength(4);
    expect(pairs[0]).toEqual({
      id: '6551a823-3fe8-4959-aa87-3ccf3e2d079a',
      name: 'pp-B2',
      ingressPortId: 'e9396c2c-8794-42c1-83c1-424048856c9b',
      egressPortId: 'fa5823c1-b14c-4d66-b027-93b1a210b0d7',
      correlation: null,
      weight: 1,
    });
    expect(groups[0]?.portPairIds).toEqual(['c465f46e-c8a3-4a9b-b128-2a60cac7f60a']);
    expect(classifiers[0]).toMatchObject({ destinationPortMin: 80, sourcePortMin: null });
    expect(chains[0]).toEqual({
      id: '6a8c3857-456d-4d1d-bb8e-f57ccf318870',
      name: 'pc1',
      portPairGroupIds: [
        'a1e75c25-7e82-49f0-9caf-437fb0502a6b',
        '2d4685cf-664d-46c2-b4de-ab0e790b3eab',
      ],
      flowClassifierIds: ['c20d1a37-6f8e-4542-b859-96c9713eb576'],
      parameters: { symmetric: false, correlation: 'mpls' },
    });
  });

  const id = (path: string) => path.split('/').at(-1) ?? '';
  type Act = (openstack: OpenStack, path: string, body: unknown) => Promise<unknown>;
  const rechain: Act = ({ sfc }, path) => sfc.updatePortChain(id(path), { portPairGroupIds: [] });
  const pair: Act = ({ sfc }) => sfc.createPortPair({ ingressPortId: 'a', egressPortId: 'b' });
  test.each<[string, string, string, Act]>([
    [
      'sfc-err-pp-in-use',
      'conflict',
      'PortPairInUse',
      ({ sfc }, path) => sfc.deletePortPair(id(path)),
    ],
    [
      'sfc-err-ppg-in-use',
      'conflict',
      'PortPairGroupInUse',
      ({ sfc }, path) => sfc.deletePortPairGroup(id(path)),
    ],
    [
      'sfc-err-fc-in-use',
      'conflict',
      'FlowClassifierInUse',
      ({ sfc }, path) => sfc.deleteFlowClassifier(id(path)),
    ],
    [
      'sfc-err-pc-fc-in-use',
      'conflict',
      'InvalidPortPairGroups',
      ({ sfc }) => sfc.createPortChain({ portPairGroupIds: [] }),
    ],
    ['sfc-err-pc-empty', 'bad-request', 'PortPairGroupNotSpecified', rechain],
    ['sfc-err-pc-dup-ppg', 'bad-request', 'HTTPBadRequest', rechain],
    ['sfc-err-pc-unknown-ppg', 'not-found', 'PortPairGroupNotFound', rechain],
    ['sfc-pc-update-same', 'server-error', 'SfcDriverError', rechain],
    ['sfc-err-pp-dup-ports', 'bad-request', 'PortPairIngressEgressInUse', pair],
    ['sfc-err-pp-two-vms', 'bad-request', 'PortPairIngressEgressDifferentHost', pair],
    [
      'sfc-fc-duplicate',
      'bad-request',
      'FlowClassifierInConflict',
      ({ sfc }) => sfc.createFlowClassifier({}),
    ],
    [
      'sfc-err-delete-port-in-pp',
      'server-error',
      'HTTPInternalServerError',
      ({ neutron }, path) => neutron.deletePort(id(path)),
    ],
  ])(
    'the recorded refusal %s is a %s named %s, and not repeated',
    async (name, kind, fault, act) => {
      await using cloud = await startFakeOpenStack();
      const { method, path, body, status, response } = recording(name);
      const route = `${method} ${NETWORK}${path}`;
      cloud.on(route, { status, json: response });

      const error = await errorOf(act(cloud.connect(), path, body));

      expect(error).toMatchObject({ kind, fault, status, service: 'network' });
      expect(cloud.count(route)).toBe(1);
    },
  );
});
