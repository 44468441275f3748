import { describe, expect, test } from 'vitest';
import { planRepath } from '../src/usecases/plan-repath.ts';
import { refusal } from './fakes/call-faults.ts';
import { type Ask, served } from './fakes/served.ts';

const webTraffic = {
  name: 'web',
  source_client: 'client',
  destination_client: 'web',
  src_ip_prefix: '10.20.0.0/24',
  proto: 'tcp',
  dst_port_min: 80,
  bw: 10,
  delay: 20,
  duration: 30,
  nf_chain: ['firewall', 'ips'],
};

describe('SFC requests', () => {
  test('one is made, listed with what networking-sfc cannot hold, and deleted', async () => {
    const { ask, cloud } = await served();

    const made = await ask('POST', '/sfcrs', webTraffic);
    const listed = await ask('GET', '/sfcrs');
    const deleted = await ask('DELETE', `/sfcrs/${made.body}`);

    expect(made.status).toBe(200);
    expect(listed.body).toEqual([
      {
        ...webTraffic,
        id: made.body,
        dst_ip_prefix: null,
        src_port_min: null,
        src_port_max: null,
        dst_port_max: 80,
        arrivaltime: '2026-01-01T00:00:00.000Z',
      },
    ]);
    expect(deleted.status).toBe(204);
    expect(cloud.sfc.classifiers.size).toBe(0);
  });

  test('one that was made elsewhere is listed too', async () => {
    const { ask, cloud } = await served();
    await cloud.sfc.createFlowClassifier({ name: 'theirs', logicalSourcePortId: 'client-p0' });
    await cloud.sfc.createFlowClassifier({ name: 'nobody’s', protocol: 'udp' });

    const { status, body } = await ask('GET', '/sfcrs');

    expect(status).toBe(200);
    expect(body).toMatchObject([
      { name: 'theirs', source_client: 'client', arrivaltime: null, nf_chain: [] },
      { name: 'nobody’s', source_client: null, proto: 'udp' },
    ]);
  });

  test.each([
    ['no source', { source_client: undefined }, 400, ['/body/source_client']],
    ['an unknown field', { colour: 'red' }, 400, ['/body/colour']],
    ['a port out of range', { dst_port_min: 70_000 }, 400, ['/body/dst_port_min']],
    ['an unknown protocol', { proto: 'sctp' }, 400, ['/body/proto']],
    ['a network that is none', { src_ip_prefix: '10.20.0.0/40' }, 400, ['/body/src_ip_prefix']],
    ['two IP versions', { dst_ip_prefix: 'fd00::/8' }, 400, ['/body/dst_ip_prefix']],
    ['a range upside down', { dst_port_max: 1 }, 400, ['/body/dst_port_min']],
    ['ports of icmp', { proto: 'icmp' }, 400, ['/body/proto']],
    ['an unknown client', { source_client: 'nobody' }, 422, ['/body/source_client']],
    ['an unknown end', { destination_client: 'nobody' }, 422, ['/body/destination_client']],
    [
      'two faults',
      { src_ip_prefix: 'x', proto: undefined },
      400,
      ['/body/src_ip_prefix', '/body/proto'],
    ],
  ])('%s is refused with its place', async (_case, change, status, pointers) => {
    const { ask, cloud } = await served();

    const answer = await ask('POST', '/sfcrs', { ...webTraffic, ...change });

    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    const { errors } = answer.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(cloud.sfc.classifiers.size).toBe(0);
  });

  test('one that overlaps another is a conflict', async () => {
    const { ask } = await served();
    await ask('POST', '/sfcrs', webTraffic);

    const { status, body } = await ask('POST', '/sfcrs', { ...webTraffic, name: 'again' });

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'CONFLICT' });
  });

  test('one that a chain uses is not deleted, nor one that is not there', async () => {
    const { ask } = await served();
    const { sfcr, sfc } = await chain(ask);

    const used = await ask('DELETE', `/sfcrs/${sfcr}`);
    const unknown = await ask('DELETE', '/sfcrs/nothing');

    expect(used).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(JSON.stringify(used.body)).toContain(sfc);
    expect(unknown).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

async function chain(ask: Ask, more: object = {}): Promise<{ sfcr: string; sfc: string }> {
  const sfcr = String((await ask('POST', '/sfcrs', webTraffic)).body);
  const made = await ask('POST', '/sfcs', {
    sfc_name: 'inspected',
    sfcr_ids: [sfcr],
    vnf_instance_ids: [['fw'], ['ips']],
    ...more,
  });
  expect(made.status).toBe(200);
  return { sfcr, sfc: String(made.body) };
}

describe('chains', () => {
  test('one is made, read, changed by each field alone, and deleted', async () => {
    const { ask, cloud } = await served();
    const { sfcr, sfc } = await chain(ask, {
      on_gap: 'open',
      hop_options: [{ on_gap: 'closed' }, { stateless: true }],
    });
    const other = String((await ask('POST', '/sfcrs', { ...webTraffic, dst_port_min: 443 })).body);

    const read = await ask('GET', `/sfcs/${sfc}`);
    const members = await ask('PUT', `/sfcs/${sfc}`, {
      vnf_instance_ids: [['ips', 'dpi'], ['fw']],
    });
    const requests = await ask('PUT', `/sfcs/${sfc}`, { sfcr_ids: [sfcr, other] });
    const listed = await ask('GET', '/sfcs');
    const deleted = await ask('DELETE', `/sfcs/${sfc}`);

    expect(read.body).toEqual({
      id: sfc,
      sfc_name: 'inspected',
      sfcr_ids: [sfcr],
      vnf_instance_ids: [['fw'], ['ips']],
      is_symmetric: false,
      on_gap: 'open',
      hop_options: [{ on_gap: 'closed' }, { stateless: true }],
      sla: { bandwidth_mbps: null, delay_ms: null },
      hops: [
        {
          port_pair_group_id: expect.any(String),
          on_gap: 'closed',
          stateless: false,
          members: [{ id: 'fw', kind: 'server', host_id: 'host2', status: 'ACTIVE', state: 'in' }],
        },
        {
          port_pair_group_id: expect.any(String),
          on_gap: 'open',
          stateless: true,
          members: [{ id: 'ips', kind: 'server', host_id: 'host2', status: 'ACTIVE', state: 'in' }],
        },
      ],
    });
    expect([members, requests].map(({ status, body }) => [status, body])).toEqual([
      [200, sfc],
      [200, sfc],
    ]);
    expect(listed.body).toMatchObject([
      {
        vnf_instance_ids: [['ips', 'dpi'], ['fw']],
        sfcr_ids: [sfcr, other],
        on_gap: 'open',
        hop_options: [{ stateless: true }, { on_gap: 'closed' }],
      },
    ]);
    expect(deleted.status).toBe(204);
    expect(cloud.sfc.pairs.size + cloud.sfc.groups.size + cloud.sfc.chains.size).toBe(0);
  });

  test('what a chain promises is kept, shown, and changed without touching its hops', async () => {
    const { ask, cloud } = await served();
    const promised = { bandwidth_mbps: 100, delay_ms: 2.5, criticality: 5 };
    const { sfc } = await chain(ask, { sla: promised });

    const made = await ask('GET', '/sfcs');
    await ask('PUT', `/sfcs/${sfc}`, { vnf_instance_ids: [['fw', 'dpi'], ['ips']] });
    const kept = await ask('GET', `/sfcs/${sfc}`);
    const before = cloud.calls.made.length;
    await ask('PUT', `/sfcs/${sfc}`, { sla: { delay_ms: 9 } });
    const calls = cloud.calls.made.slice(before).filter((call) => !call.startsWith('GET'));

    expect(made.body).toMatchObject([{ sla: promised }]);
    expect(kept.body).toMatchObject({ sla: promised });
    expect(calls).toEqual([]);
    expect((await ask('GET', `/sfcs/${sfc}`)).body).toMatchObject({
      sla: { bandwidth_mbps: null, delay_ms: 9 },
      vnf_instance_ids: [['fw', 'dpi'], ['ips']],
    });
  });

  test('what chains promise is told without a look at the cloud, page by page; one that promises nothing is left out', async () => {
    const { ask, cloud } = await served();
    const one = await chain(ask, { sla: { delay_ms: 2.5, criticality: 5 } });
    const { body: other } = await ask('POST', '/sfcrs', { ...webTraffic, dst_port_min: 81 });
    await chain(ask, { sfcr_ids: [other], vnf_instance_ids: [['dpi']] });
    const before = cloud.calls.made.length;

    const all = await ask('GET', '/promises');
    const first = await ask('GET', '/promises?limit=1');
    const { nextCursor } = Object(first.body);
    const second = await ask('GET', `/promises?limit=1&cursor=${nextCursor}`);

    const promise = {
      sfc_id: one.sfc,
      sla: { bandwidth_mbps: null, delay_ms: 2.5, criticality: 5 },
    };
    expect(all.body).toEqual({ promises: [promise], nextCursor: null });
    expect([first.body, second.body]).toMatchObject([
      { promises: [] },
      { promises: [promise], nextCursor: null },
    ]);
    expect(cloud.calls.made).toHaveLength(before);
  });

  test('a chain tells where each member is, whether it is out for a move, and whom nobody knows', async () => {
    const { ask, cloud } = await served();
    const { sfc } = await chain(ask, {
      vnf_instance_ids: [['fw', 'dpi'], ['ips']],
      hop_options: [{ stateless: true }, {}],
    });
    await ask('PUT', '/drains/op-1', { serverId: 'fw' });
    cloud.move('fw', 'host3');
    cloud.servers.delete('ips');

    const { body } = await ask('GET', `/sfcs/${sfc}`);

    expect(body).toMatchObject({
      hops: [
        {
          stateless: true,
          members: [
            { id: 'dpi', host_id: 'host2', state: 'in' },
            { id: 'fw', host_id: 'host3', state: 'drained' },
          ],
        },
        { members: [{ id: 'ips', kind: 'unknown', host_id: null, status: null, state: 'in' }] },
      ],
    });
  });

  test('one that was made elsewhere is listed too, closed in gaps', async () => {
    const { ask, cloud } = await served();
    const pair = await cloud.sfc.createPortPair({
      ingressPortId: 'fw-p0',
      egressPortId: 'fw-p1',
    });
    const group = await cloud.sfc.createPortPairGroup({ portPairIds: [pair.id] });
    await cloud.sfc.createPortChain({ name: 'theirs', portPairGroupIds: [group.id] });

    const { status, body } = await ask('GET', '/sfcs');

    expect(status).toBe(200);
    expect(body).toMatchObject([
      { sfc_name: 'theirs', vnf_instance_ids: [['fw']], sfcr_ids: [], on_gap: 'closed' },
    ]);
  });

  test.each([
    ['POST', '/sfcs', { sfc_name: 'x', sfcr_ids: [], vnf_instance_ids: [['fw']] }, 400],
    ['POST', '/sfcs', { sfc_name: 'x', sfcr_ids: ['a'], vnf_instance_ids: [[]] }, 400],
    ['POST', '/sfcs', { sfc_name: 'x', sfcr_ids: ['a'], vnf_instance_ids: [] }, 400],
    ['POST', '/sfcs', { sfc_name: '', sfcr_ids: ['a'], vnf_instance_ids: [['fw']] }, 400],
    ['POST', '/sfcs', { sfc_name: 'x', sfcr_ids: ['a'], vnf_instance_ids: [['fw'], ['fw']] }, 422],
    ['POST', '/sfcs', { sfc_name: 'x', sfcr_ids: ['a'], vnf_instance_ids: [['nobody']] }, 422],
    ['POST', '/sfcs', { sfc_name: 'x', sfcr_ids: ['a'], vnf_instance_ids: [['fw']] }, 422],
    [
      'POST',
      '/sfcs',
      { sfc_name: 'x', sfcr_ids: ['a'], vnf_instance_ids: [['fw']], hop_options: [{}, {}] },
      400,
    ],
    [
      'POST',
      '/sfcs',
      { sfc_name: 'x', sfcr_ids: ['a'], vnf_instance_ids: [['fw']], sla: { delay_ms: 0 } },
      400,
    ],
    ['PUT', '/sfcs/nothing', { sla: { jitter_ms: 1 } }, 400],
    ['POST', '/sfcs/nothing/probe', undefined, 404],
    ['PUT', '/sfcs/nothing', {}, 400],
    ['PUT', '/sfcs/nothing', { vnf_instance_ids: [['fw']] }, 404],
    ['PUT', '/sfcs/nothing', { sfc_name: 'other' }, 400],
    ['GET', '/sfcs/nothing', undefined, 404],
    ['DELETE', '/sfcs/nothing', undefined, 404],
    ['GET', '/sfcs/%20', undefined, 400],
  ])('%s %s of %j is refused', async (method, path, body, status) => {
    const { ask, cloud } = await served();

    const answer = await ask(method, path, body);

    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    expect(cloud.sfc.pairs.size).toBe(0);
  });

  test('a failure of Neutron is told with its request id, and takes everything back', async () => {
    const { ask, cloud } = await served();
    const sfcr = String((await ask('POST', '/sfcrs', webTraffic)).body);
    cloud.sfc.createPortChain = async () => {
      throw refusal(500, 'SfcDriverError', 'create_port_chain_postcommit failed.');
    };

    const answer = await ask('POST', '/sfcs', {
      sfc_name: 'x',
      sfcr_ids: [sfcr],
      vnf_instance_ids: [['fw']],
    });

    expect(answer).toMatchObject({ status: 502, body: { code: 'UPSTREAM_FAILED' } });
    expect(JSON.stringify(answer.body)).toContain('req-refused');
    expect(cloud.sfc.pairs.size + cloud.sfc.groups.size).toBe(0);
  });

  test('a Neutron that does not answer is told as such', async () => {
    const { ask, cloud } = await served();
    await ask('GET', '/sfcs');
    cloud.calls.plan(new Map([[0, 'no-answer']]));

    expect(await ask('GET', '/sfcs')).toMatchObject({
      status: 504,
      body: { code: 'UPSTREAM_TIMEOUT' },
    });
  });
});

describe('re-renders', () => {
  test('a moved member is rendered anew, and the record can be read again', async () => {
    const { ask, cloud } = await served();
    const { sfc } = await chain(ask);
    cloud.move('fw', 'host3');

    const done = await ask('PUT', '/repaths/op-1', { serverId: 'fw' });
    const again = await ask('PUT', '/repaths/op-1', { serverId: 'fw' });
    const read = await ask('GET', '/repaths/op-1');
    const listed = await ask('GET', '/repaths?limit=1');

    expect(done).toMatchObject({
      status: 200,
      body: {
        id: 'op-1',
        serverId: 'fw',
        state: 'completed',
        hops: [{ chainIds: [sfc], onGap: 'closed', method: 'holder', state: 'completed' }],
        problem: null,
      },
    });
    expect([again.body, read.body]).toEqual([done.body, done.body]);
    expect(listed.body).toEqual({ repaths: [done.body], nextCursor: null });
    expect(cloud.whole(sfc)).toBe(true);
  });

  test('a server in no chain is done, with no hops', async () => {
    const { ask } = await served();

    expect(await ask('PUT', '/repaths/op-1', { serverId: 'dpi' })).toMatchObject({
      status: 200,
      body: { state: 'completed', hops: [], durationMs: 0 },
    });
  });

  test('one that fails is told as failed, with its problem, and goes on by itself later', async () => {
    const it = await served();
    const { sfc } = await chain(it.ask);
    it.cloud.move('fw', 'host3');
    const { made } = it.cloud.calls;
    const before = made.length;
    await planRepath(it.context, 'dry', 'fw');
    // It is planned twice, without and with the leases: what follows is refused.
    const planning = 2 * (made.length - before);
    const refused = Array.from({ length: 90 }, (_, at) => [at + planning, 'refused'] as const);
    it.cloud.calls.plan(new Map(refused));

    const failed = await it.ask('PUT', '/repaths/op-1', { serverId: 'fw' });
    const left = await it.restart();

    expect(failed).toMatchObject({
      status: 200,
      body: { state: 'failed', problem: { code: 'UPSTREAM_FAILED', instance: '/repaths/op-1' } },
    });
    expect(left).toBe(0);
    expect(it.cloud.whole(sfc)).toBe(true);
    expect((await it.ask('GET', '/repaths/op-1')).body).toMatchObject({ state: 'completed' });
  });

  test.each([
    ['PUT', '/repaths/op-1', {}, 400],
    ['PUT', '/repaths/op-1', { serverId: 'fw', force: true }, 400],
    ['PUT', '/repaths/op-1', { serverId: 'nobody' }, 404],
    ['GET', '/repaths/nothing', undefined, 404],
    ['GET', '/repaths?limit=0', undefined, 400],
  ])('%s %s of %j is refused', async (method, path, body, status) => {
    const { ask } = await served();

    expect((await ask(method, path, body)).status).toBe(status);
  });
});

describe('VNFs', () => {
  test('one is started with the networks of the settings, stopped, and deleted', async () => {
    const { ask, cloud } = await served();
    const asked: unknown[] = [];
    const { createServer } = cloud.nova;
    cloud.nova.createServer = (spec) => {
      asked.push(spec);
      return createServer(spec);
    };

    const made = await ask('POST', '/vnfs', {
      flavor_id: '1',
      image_id: 'image',
      vnf_name: 'fw-9',
      node_name: 'host2',
      user_data: '#cloud-config',
    });
    const stopped = await ask('POST', `/vnfs/${made.body}/shutdown`);
    const stoppedAgain = await ask('POST', `/vnfs/${made.body}/shutdown`);
    const deleted = await ask('DELETE', `/vnfs/${made.body}`);

    expect(made.status).toBe(200);
    expect(asked).toMatchObject([
      {
        name: 'fw-9',
        flavorId: '1',
        imageId: 'image',
        host: 'host2',
        userData: Buffer.from('#cloud-config').toString('base64'),
        networks: [{ networkId: 'net-1' }, { networkId: 'net-1' }],
      },
    ]);
    expect([stopped.status, stoppedAgain.status, deleted.status]).toEqual([204, 204, 204]);
    expect(cloud.servers.has(String(made.body))).toBe(false);
  });

  test('one starts where Prediction says, for a server like another one', async () => {
    const asked: string[][] = [];
    const { ask, cloud } = await served({
      askDestination: async (...call) => {
        asked.push(call);
        return { kind: 'host', hostId: 'host3' };
      },
    });

    const made = await ask('POST', '/vnfs', { flavor_id: '1', image_id: 'image', like: 'fw' });
    await ask('POST', '/vnfs', {
      flavor_id: '1',
      image_id: 'image',
      like: 'fw',
      policy: 'least-cpu',
    });

    expect(cloud.servers.get(String(made.body))?.host).toBe('host3');
    expect(asked).toEqual([
      ['fw', 'least-risk'],
      ['fw', 'least-cpu'],
    ]);
  });

  test('where Prediction names no host, none is started, and the reason is told', async () => {
    const { ask, cloud } = await served();
    const before = cloud.servers.size;

    const answer = await ask('POST', '/vnfs', { flavor_id: '1', image_id: 'image', like: 'fw' });

    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'NO_DESTINATION', detail: 'nobody was asked' },
    });
    expect(cloud.servers.size).toBe(before);
  });

  test('where Monitoring’s address is set, a VNF reports itself, unless it is asked not to', async () => {
    const { ask, cloud } = await served({
      monitoring: { host: '10.0.0.9', port: 25_826, signer: null },
    });
    const userData: (string | undefined)[] = [];
    const { createServer } = cloud.nova;
    cloud.nova.createServer = (spec) => {
      userData.push(spec.userData && Buffer.from(spec.userData, 'base64').toString());
      return createServer(spec);
    };
    const spec = { flavor_id: '1', image_id: 'image' };

    await ask('POST', '/vnfs', spec);
    await ask('POST', '/vnfs', { ...spec, user_data: '#cloud-config\nlocale: de_DE\n' });
    await ask('POST', '/vnfs', { ...spec, user_data: 'anything', monitoring: false });
    const refused = await ask('POST', '/vnfs', { ...spec, user_data: 'anything' });

    const [alone, beside, without] = userData;
    expect(alone).toMatch(/^#!\/bin\/sh\n[\s\S]*Server "10\.0\.0\.9" "25826"/);
    expect(beside).toMatch(
      /^Content-Type: multipart\/mixed[\s\S]*locale: de_DE[\s\S]*Server "10\.0\.0\.9"/,
    );
    expect(without).toBe('anything');
    expect(refused).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/user_data' }] },
    });
    expect(userData).toHaveLength(3);
  });

  test('one whose creation was answered to nobody is adopted, or taken back after a crash', async () => {
    const it = await served();
    const before = it.cloud.servers.size;
    const spec = { flavor_id: '1', image_id: 'image' };
    it.cloud.calls.plan(new Map([[2, 'answer-lost']]));
    const adopted = await it.ask('POST', '/vnfs', spec);
    it.cloud.calls.plan(new Map([[2, 'crash-after']]));
    const lost = await it.ask('POST', '/vnfs', spec);
    const sawTwo = it.cloud.servers.size - before;
    await it.restart();

    expect(adopted.status).toBe(200);
    expect(lost.status).toBe(500);
    expect(sawTwo).toBe(2);
    expect(it.cloud.servers.size - before).toBe(1);
  });

  test('one that is a member of a chain is not deleted, and the chain is named', async () => {
    const { ask, cloud } = await served();
    const { sfc } = await chain(ask);

    const answer = await ask('DELETE', '/vnfs/fw');

    expect(answer).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(JSON.stringify(answer.body)).toContain(sfc);
    expect(cloud.servers.has('fw')).toBe(true);
  });

  test.each([
    ['client', 'source'],
    ['web', 'destination'],
  ])('%s, the %s of an SFC request, is not deleted, and the request is named', async (id, end) => {
    const { ask, cloud } = await served();
    const { sfcr } = await chain(ask);

    const answer = await ask('DELETE', `/vnfs/${id}`);

    expect(answer).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(JSON.stringify(answer.body)).toContain(`is the ${end} of SFC request ${sfcr}`);
    expect(cloud.servers.has(id)).toBe(true);
  });

  test.each([
    ['POST', '/vnfs', {}, 400],
    ['POST', '/vnfs', { flavor_id: '1', image_id: 'image', command: ['sh'] }, 422],
    ['POST', '/vnfs', { flavor_id: '1' }, 422],
    ['POST', '/vnfs', { flavor_id: '1', image_id: 'image', monitoring: true }, 422],
    ['POST', '/vnfs', { flavor_id: '1', image_id: 'image', policy: 'least-cpu' }, 400],
    ['POST', '/vnfs', { flavor_id: '1', image_id: 'image', like: 'fw', policy: 'A' }, 400],
    ['POST', '/vnfs', { flavor_id: '1', image_id: 'image', like: 'fw', node_name: 'host1' }, 400],
    ['POST', '/vnfs', { flavor_id: '1', image_id: 'image', node_name: 'nosuch' }, 422],
    ['POST', '/vnfs', { flavor_id: '1', image_id: 'image', user_data: 'é'.repeat(30_000) }, 400],
    ['DELETE', '/vnfs/nobody', undefined, 404],
    ['POST', '/vnfs/nobody/shutdown', undefined, 404],
  ])('%s %s of %j is refused', async (method, path, body, status) => {
    const { ask, cloud } = await served();
    const before = cloud.servers.size;

    const answer = await ask(method, path, body);

    expect(answer.status).toBe(status);
    expect(answer.type).toContain('application/problem+json');
    expect(cloud.servers.size).toBe(before);
  });
});

describe('orphans', () => {
  test('what we made and nothing uses is listed, and cleaned on command; what others made is not', async () => {
    const { ask, cloud, context } = await served();
    await chain(ask);
    const ours = await cloud.sfc.createPortPair({
      name: 'sidestep-gone-dpi',
      ingressPortId: 'dpi-p0',
      egressPortId: 'dpi-p1',
    });
    const group = await cloud.sfc.createPortPairGroup({
      name: 'sidestep-gone-hop0',
      portPairIds: [ours.id],
    });
    const holder = await cloud.neutron.createPort({
      networkId: 'net-1',
      name: 'sidestep-holder-gone-1',
      deviceId: 'sidestep-holder',
      hostId: 'host1',
    });
    await context.cloud.sfc.createPortPair({
      name: 'theirs',
      ingressPortId: 'web-p0',
      egressPortId: 'web-p0',
    });

    const listed = await ask('GET', '/orphans');
    const cleaned = await ask('DELETE', '/orphans');
    const after = await ask('GET', '/orphans');

    expect(listed.body).toMatchObject({
      orphans: [
        { kind: 'port-pair-group', id: group.id },
        { kind: 'port-pair', id: ours.id },
        { kind: 'port', id: holder.id },
      ],
    });
    expect(cleaned.status).toBe(200);
    expect(after.body).toEqual({ orphans: [] });
    expect([...cloud.sfc.pairs.values()].map(({ name }) => name)).toContain('theirs');
    expect(cloud.sfc.pairs.size).toBe(3);
    expect(cloud.sfc.corrupted).toEqual([]);
  });
});

describe('a cloud without networking-sfc', () => {
  test.each([
    ['GET', '/sfcrs'],
    ['GET', '/sfcs'],
    ['DELETE', '/sfcs/one'],
    ['GET', '/orphans'],
  ])('%s %s is 501, with the reason', async (method, path) => {
    const { ask, cloud } = await served();
    cloud.extensions = ['binding-extended'];

    const answer = await ask(method, path);

    expect(answer).toMatchObject({ status: 501, body: { code: 'NOT_AVAILABLE_HERE' } });
    expect(JSON.stringify(answer.body)).toContain('sfc and flow_classifier');
  });

  test('still starts and deletes VNFs, and says what it cannot do', async () => {
    const { ask, cloud } = await served();
    cloud.extensions = [];

    const deleted = await ask('DELETE', '/vnfs/dpi');
    const { body } = await ask('GET', '/capabilities');

    expect(deleted.status).toBe(204);
    expect(body).toMatchObject({
      capabilities: [
        { name: 'service-function-chains', available: false },
        { name: 'repath', available: false },
        { name: 'vnfs', available: true },
        { name: 'containers', available: false },
        { name: 'global-re-placement', available: false },
      ],
    });
  });
});
