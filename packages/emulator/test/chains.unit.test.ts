import { chainIdOf, type DataPath } from '@sidestep/emulator';
import { describe, expect, test } from 'vitest';
import { type Answer, at, fixture, shape, type TestCloud, testCloud, testSpec } from './cloud.ts';

const sfc = '/network/v2.0/sfc';

/** Ids of the seeded chain's parts. */
async function parts(cloud: TestCloud): Promise<{
  chain: string;
  groups: string[];
  classifier: string;
  pairOf: (server: string) => Promise<string>;
  portsOf: (server: string) => Promise<{ ingress: string; egress: string }>;
}> {
  const chain = chainIdOf(testSpec(), 'chain');
  const shown = await cloud.read(`${sfc}/port_chains/${chain}`, 'port_chain');
  const groups = [0, 1].map((index) => String(at(shown, 'port_pair_groups', index)));
  const pairs = async (server: string): Promise<unknown> =>
    cloud.read(`${sfc}/port_pairs?name=${server}-pair`, 'port_pairs', 0);
  return {
    chain,
    groups,
    classifier: String(at(shown, 'flow_classifiers', 0)),
    pairOf: async (server) => String(at(await pairs(server), 'id')),
    portsOf: async (server) => {
      const list = await cloud.read(`/network/v2.0/ports?device_id=${cloud.id(server)}`, 'ports');
      const named = (Array.isArray(list) ? list : []).map(
        (port) => [String(at(port, 'name')), String(at(port, 'id'))] as const,
      );
      const find = (name: string): string => named.find(([known]) => known === name)?.[1] ?? '';
      return { ingress: find(`${server}-in`), egress: find(`${server}-out`) };
    },
  };
}

function pathOf(cloud: TestCloud): DataPath {
  const [path] = cloud.emulator.flows().chains;
  if (path === undefined) throw new Error('there is no chain');
  return path;
}

function sentTo(cloud: TestCloud, hop: number): string[] {
  return pathOf(cloud).hops[hop]?.members.map((member) => member.sentTo) ?? [];
}

async function movedA(cloud: TestCloud): Promise<void> {
  await cloud.liveMigrate('A', 'compute3');
  cloud.clock.advance(30_000);
}

const body = (answer: Answer, ...keys: (string | number)[]): unknown => at(answer.body, ...keys);

const putGroup =
  (cloud: TestCloud, group: string | undefined) =>
  (portPairs: unknown[]): Promise<Answer> =>
    cloud.call('PUT', `${sfc}/port_pair_groups/${group}`, {
      port_pair_group: { port_pairs: portPairs },
    });

/** The id of a pair on a bound port that is plugged nowhere. */
async function makeHolder(cloud: TestCloud, host: string): Promise<unknown> {
  const network = await cloud.read('/network/v2.0/networks', 'networks', 0, 'id');
  const port = await cloud.call('POST', '/network/v2.0/ports', {
    port: { network_id: network, name: 'holder', device_id: 'holder', 'binding:host_id': host },
  });
  const portId = body(port, 'port', 'id');
  const pair = await cloud.call('POST', `${sfc}/port_pairs`, {
    port_pair: { ingress: portId, egress: portId },
  });
  return body(pair, 'port_pair', 'id');
}

describe('a chain whose member is live-migrated', () => {
  test('breaks silently: upstream goes on sending to the old host, and the same PUT changes nothing', async () => {
    const cloud = await testCloud();
    const { chain, groups } = await parts(cloud);
    expect(pathOf(cloud)).toMatchObject({ state: 'whole', lostShare: 0 });

    await movedA(cloud);
    const same = await cloud.call('PUT', `${sfc}/port_chains/${chain}`, {
      port_chain: { port_pair_groups: groups },
    });
    cloud.clock.advance(1000);

    expect(same.status).toBe(200);
    expect(sentTo(cloud, 0)).toEqual(['compute1']);
    expect(pathOf(cloud)).toMatchObject({ state: 'loss', lostShare: 1 });
    const { gaps, rules } = cloud.emulator.flows();
    expect(gaps.at(-1)).toMatchObject({ kind: 'loss', reason: 'member-elsewhere', toMs: 'open' });
    // The new host has asked for its own rule; the old one keeps its.
    expect(rules.compute3?.filter(({ nodeType }) => nodeType === 'sf_node')).toHaveLength(1);
    expect(rules.compute1?.filter(({ nodeType }) => nodeType === 'sf_node')).toHaveLength(1);
  });

  test('stops for no longer than the downtime limit before it is sent to the wrong host', async () => {
    const cloud = await testCloud();

    await movedA(cloud);

    const [downtime, elsewhere] = cloud.emulator.flows().gaps;
    expect(downtime).toMatchObject({ kind: 'loss', reason: 'downtime', hop: 0, share: 1 });
    expect(elsewhere).toMatchObject({ reason: 'member-elsewhere', fromMs: downtime?.toMs });
    const lastedMs = Number(downtime?.toMs) - Number(downtime?.fromMs);
    expect(lastedMs).toBeGreaterThan(0);
    expect(lastedMs).toBeLessThanOrEqual(301);
  });

  test('serves nobody until it is re-rendered', async () => {
    const cloud = await testCloud();
    const { chain } = await parts(cloud);
    cloud.clock.advance(5000);
    const before = cloud.emulator.chainLoad(chain);

    await movedA(cloud);

    expect(before).toMatchObject({ lostPerSecond: 0 });
    expect(cloud.emulator.chainLoad(chain)).toMatchObject({
      requestsPerSecond: 0,
      responseTimeMs: 'unknown',
    });
    expect(cloud.emulator.tallies().get(chain)?.lost).toBeGreaterThan(0);
  });

  test('is repaired in four calls, past an empty hop: a bypass', async () => {
    const cloud = await testCloud();
    const { chain, groups, pairOf, portsOf } = await parts(cloud);
    await movedA(cloud);
    const [group] = groups;
    const put = (portPairs: string[]): Promise<Answer> =>
      cloud.call('PUT', `${sfc}/port_pair_groups/${group}`, {
        port_pair_group: { port_pairs: portPairs },
      });

    await put([]);
    cloud.clock.advance(100);
    const meanwhile = pathOf(cloud);
    await cloud.call('DELETE', `${sfc}/port_pairs/${await pairOf('A')}`);
    const made = await cloud.call('POST', `${sfc}/port_pairs`, { port_pair: await portsOf('A') });
    await put([String(body(made, 'port_pair', 'id'))]);
    cloud.clock.advance(100);

    expect(meanwhile).toMatchObject({ state: 'bypass', bypassFrom: 0 });
    expect(pathOf(cloud)).toMatchObject({ state: 'whole' });
    expect(sentTo(cloud, 0)).toEqual(['compute3']);
    const { emptyNextHops, gaps } = cloud.emulator.flows();
    expect(emptyNextHops).toMatchObject([{ chainId: chain, host: 'compute4', hop: 0 }]);
    expect(gaps.filter(({ toMs }) => toMs === 'open')).toEqual([]);
    expect(gaps.some(({ kind }) => kind === 'bypass')).toBe(true);
  });

  test('is repaired without an empty next hop when a holder pair stands in', async () => {
    const cloud = await testCloud();
    const { groups, pairOf, portsOf } = await parts(cloud);
    await movedA(cloud);
    const put = putGroup(cloud, groups[0]);
    const holder = await makeHolder(cloud, 'compute2');
    await put([holder]);
    cloud.clock.advance(100);
    const meanwhile = pathOf(cloud);
    await cloud.call('DELETE', `${sfc}/port_pairs/${await pairOf('A')}`);
    const made = await cloud.call('POST', `${sfc}/port_pairs`, { port_pair: await portsOf('A') });
    await put([body(made, 'port_pair', 'id')]);
    cloud.clock.advance(100);

    expect(meanwhile).toMatchObject({ state: 'loss', lostShare: 1, bypassFrom: 'none' });
    expect(pathOf(cloud).state).toBe('whole');
    expect(cloud.emulator.flows().emptyNextHops).toEqual([]);
  });

  test('is told of the holder before the host of a member that still serves is told to let go of it', async () => {
    const cloud = await testCloud();
    const { groups } = await parts(cloud);
    const holder = await makeHolder(cloud, 'compute1');

    await putGroup(cloud, groups[0])([holder]);
    cloud.clock.advance(100);

    const { gaps } = cloud.emulator.flows();
    expect(gaps).toMatchObject([{ kind: 'loss', hop: 0, reason: 'unplugged', toMs: 'open' }]);
  });
});

test('a chain loses what went to a member that is deleted, or stopped', async () => {
  const cloud = await testCloud();
  const action = `/compute/v2.1/servers/${cloud.id('B')}/action`;

  await cloud.call('POST', action, { 'os-stop': null });
  cloud.clock.advance(1000);
  const stopped = cloud.emulator.flows().gaps.at(-1);
  await cloud.call('POST', action, { 'os-start': null });
  cloud.clock.advance(1000);
  expect(pathOf(cloud).state).toBe('whole');
  await cloud.call('DELETE', `/compute/v2.1/servers/${cloud.id('B')}`);
  cloud.clock.advance(1000);

  expect(stopped).toMatchObject({ hop: 1, reason: 'member-dead' });
  expect(cloud.emulator.flows().gaps.at(-1)).toMatchObject({ hop: 1, reason: 'unplugged' });
});

describe('a refused delete of a port pair', () => {
  test('has already corrupted the driver: chain PUTs answer 500 until the pair is made again', async () => {
    const cloud = await testCloud();
    const { chain, groups, pairOf, portsOf } = await parts(cloud);
    const pair = await pairOf('A');
    const put = (): Promise<Answer> =>
      cloud.call('PUT', `${sfc}/port_chains/${chain}`, {
        port_chain: { port_pair_groups: groups },
      });

    const refused = await cloud.call('DELETE', `${sfc}/port_pairs/${pair}`);
    const broken = await put();

    expect(refused.status).toBe(409);
    expect(broken.status).toBe(500);
    expect(broken.body).toEqual(at(fixture('sfc-pc-update-readd'), 'response'));
    const group = `${sfc}/port_pair_groups/${groups[0]}`;
    await cloud.call('PUT', group, { port_pair_group: { port_pairs: [] } });
    await cloud.call('DELETE', `${sfc}/port_pairs/${pair}`);
    const made = await cloud.call('POST', `${sfc}/port_pairs`, { port_pair: await portsOf('A') });
    const members = [body(made, 'port_pair', 'id')];
    await cloud.call('PUT', group, { port_pair_group: { port_pairs: members } });
    expect((await put()).status).toBe(200);
  });
});

describe('networking-sfc refuses as recorded', () => {
  type Refused = (
    cloud: TestCloud,
    ids: Awaited<ReturnType<typeof parts>>,
  ) => Promise<Answer> | Answer;
  const rows: [name: string, request: Refused][] = [
    [
      'sfc-err-pp-in-use',
      async ({ call }, { pairOf }) => call('DELETE', `${sfc}/port_pairs/${await pairOf('A')}`),
    ],
    [
      'sfc-err-pp-dup-ports',
      async ({ call }, { portsOf }) =>
        call('POST', `${sfc}/port_pairs`, { port_pair: await portsOf('A') }),
    ],
    [
      'sfc-err-pp-two-vms',
      async ({ call }, { portsOf }) => {
        const [{ ingress }, { egress }] = [await portsOf('A'), await portsOf('B')];
        return call('POST', `${sfc}/port_pairs`, { port_pair: { ingress, egress } });
      },
    ],
    [
      'sfc-err-ppg-in-use',
      ({ call }, { groups }) => call('DELETE', `${sfc}/port_pair_groups/${groups[0]}`),
    ],
    [
      'sfc-err-fc-in-use',
      ({ call }, { classifier }) => call('DELETE', `${sfc}/flow_classifiers/${classifier}`),
    ],
    [
      'sfc-err-pc-empty',
      ({ call }, { chain }) =>
        call('PUT', `${sfc}/port_chains/${chain}`, { port_chain: { port_pair_groups: [] } }),
    ],
    [
      'sfc-err-pc-dup-ppg',
      ({ call }, { chain, groups }) =>
        call('PUT', `${sfc}/port_chains/${chain}`, {
          port_chain: { port_pair_groups: [groups[0], groups[0]] },
        }),
    ],
    [
      'sfc-err-pc-unknown-ppg',
      ({ call }, { chain }) =>
        call('PUT', `${sfc}/port_chains/${chain}`, {
          port_chain: { port_pair_groups: ['00000000-0000-0000-0000-000000000000'] },
        }),
    ],
    [
      'sfc-err-pc-fc-in-use',
      ({ call }, { classifier, groups }) =>
        call('POST', `${sfc}/port_chains`, {
          port_chain: { port_pair_groups: groups, flow_classifiers: [classifier] },
        }),
    ],
    [
      'sfc-fc-duplicate',
      async ({ call, read }) => {
        const known = await read(`${sfc}/flow_classifiers`, 'flow_classifiers', 0);
        const { id: _, project_id: _p, tenant_id: _t, ...same } = { ...Object(known) };
        return call('POST', `${sfc}/flow_classifiers`, { flow_classifier: same });
      },
    ],
    [
      'sfc-err-delete-port-in-pp',
      async ({ call }, { portsOf }) =>
        call('DELETE', `/network/v2.0/ports/${(await portsOf('A')).ingress}`),
    ],
  ];
  const nameless = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID'));

  test.each(rows)('%s', async (name, request) => {
    const cloud = await testCloud();

    const refused = await request(cloud, await parts(cloud));

    expect(refused.status).toBe(at(fixture(name), 'http'));
    expect(nameless(refused.body)).toEqual(nameless(at(fixture(name), 'response')));
  });
});

test('a port that a flow classifier names is not deleted: its foreign key is nowhere caught', async () => {
  const cloud = await testCloud();
  await parts(cloud);
  const [classifier] = Object.values(
    Object(await cloud.read(`${sfc}/flow_classifiers`, 'flow_classifiers')),
  );
  const { logical_source_port: port } = Object(classifier);

  const refused = await cloud.call('DELETE', `/network/v2.0/ports/${port}`);

  expect(refused.status).toBe(500);
  expect((await cloud.call('GET', `/network/v2.0/ports/${port}`)).status).toBe(200);
});

describe('networking-sfc answers in the recorded form', () => {
  test.each([
    ['sfc-pc-create', 'port_chains'],
    ['sfc-pp-create', 'port_pairs'],
    ['sfc-ppg-create', 'port_pair_groups'],
    ['sfc-fc-create', 'flow_classifiers'],
  ])('%s', async (name, list) => {
    const cloud = await testCloud();
    const found = await cloud.read(`${sfc}/${list}`, list, 0);

    const wanted = at(fixture(name), 'response', list.replace(/s$/, ''));
    expect(Object.keys(Object(shape(found)))).toEqual(Object.keys(Object(shape(wanted))));
  });

  test('an insertion lists the new group last, the chain itself has it in its place', async () => {
    const cloud = await testCloud();
    const { chain, groups, portsOf } = await parts(cloud);
    const pair = await cloud.call('POST', `${sfc}/port_pairs`, { port_pair: await portsOf('C') });
    const made = await cloud.call('POST', `${sfc}/port_pair_groups`, {
      port_pair_group: { port_pairs: [body(pair, 'port_pair', 'id')] },
    });
    const middle = body(made, 'port_pair_group', 'id');
    const order = [groups[0], middle, groups[1]];

    const answer = await cloud.call('PUT', `${sfc}/port_chains/${chain}`, {
      port_chain: { port_pair_groups: order },
    });
    cloud.clock.advance(100);

    expect(body(answer, 'port_chain', 'port_pair_groups')).toEqual([groups[0], groups[1], middle]);
    const shown = await cloud.read(`${sfc}/port_chains/${chain}`, 'port_chain', 'port_pair_groups');
    expect(shown).toEqual(order);
    expect(pathOf(cloud)).toMatchObject({ state: 'whole' });
    expect(pathOf(cloud).hops.map(({ members }) => members[0]?.isOn)).toEqual([
      'compute1',
      'compute3',
      'compute2',
    ]);
  });

  test('a pair of an unbound or deviceless port is refused', async () => {
    const cloud = await testCloud();
    const network = await cloud.read('/network/v2.0/networks', 'networks', 0, 'id');
    const make = async (port: object): Promise<unknown> => {
      const full = { port: { network_id: network, ...port } };
      const made = await cloud.call('POST', '/network/v2.0/ports', full);
      const id = body(made, 'port', 'id');
      const pair = { port_pair: { ingress: id, egress: id } };
      return (await cloud.call('POST', `${sfc}/port_pairs`, pair)).body;
    };

    expect(await make({ 'binding:host_id': 'compute1' })).toMatchObject({
      NeutronError: { type: 'PortPairIngressNoHost' },
    });
    expect(await make({ device_id: 'x' })).toMatchObject({
      NeutronError: { type: 'SfcDriverError' },
    });
  });

  test('a cloud without networking-sfc has neither extension nor paths', async () => {
    const { call, read } = await testCloud(testSpec({ networkingSfc: false, chains: [] }));

    const aliases = JSON.stringify(await read('/network/v2.0/extensions'));
    expect(aliases).not.toContain('sfc');
    expect((await call('GET', `${sfc}/port_chains`)).status).toBe(404);
  });
});

test('its lists are narrowed by the columns of their tables, by several values at once, and by nothing else', async () => {
  const cloud = await testCloud();
  const { chain, groups, portsOf, pairOf } = await parts(cloud);
  const { ingress, egress } = await portsOf('A');
  const idsOf = async (list: string, query: string) => {
    const found = await cloud.read(`${sfc}/${list}?${query}`, list);
    return (Array.isArray(found) ? found : []).map((one) => String(at(one, 'id'))).sort();
  };
  const both = groups.map((id) => `id=${id}`).join('&');
  const [pair, none] = [await pairOf('A'), 'id=unknown'];

  expect(await idsOf('port_pairs', `ingress=${ingress}`)).toEqual([pair]);
  expect(await idsOf('port_pairs', `egress=${egress}&egress=unknown`)).toEqual([pair]);
  expect(await idsOf('port_pair_groups', both)).toEqual([...groups].sort());
  expect(await idsOf('port_chains', `id=${chain}`)).toEqual([chain]);
  expect(await idsOf('flow_classifiers', `logical_source_port=${ingress}`)).toEqual([]);
  expect(await idsOf('port_chains', none)).toEqual([]);
  // What is in another table is no filter: Neutron answers all.
  expect(await idsOf('port_pair_groups', 'port_pairs=unknown')).toEqual([...groups].sort());
});
