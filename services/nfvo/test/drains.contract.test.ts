import { describe, expect, test } from 'vitest';
import { refusal } from './fakes/call-faults.ts';
import { type Ask, served } from './fakes/served.ts';

async function chained(ask: Ask): Promise<void> {
  const sfcr = (await ask('POST', '/sfcrs', { name: 'web', source_client: 'client' })).body;
  await ask('POST', '/sfcs', {
    sfc_name: 'inspected',
    sfcr_ids: [sfcr],
    vnf_instance_ids: [['fw', 'dpi'], ['ips']],
    hop_options: [{ stateless: true }, {}],
  });
}

test('a server is drained, listed, and put back', async () => {
  const { ask } = await served();
  await chained(ask);

  const drained = await ask('PUT', '/drains/op-1', { serverId: 'fw' });
  const again = await ask('PUT', '/drains/op-1', { serverId: 'fw' });
  const kept = await ask('PUT', '/drains/op-2', { serverId: 'ips' });
  const read = await ask('GET', '/drains/op-1');
  const back = await ask('DELETE', '/drains/op-1');
  const listed = await ask('GET', '/drains?limit=2');

  expect(drained).toMatchObject({
    status: 200,
    body: {
      id: 'op-1',
      serverId: 'fw',
      state: 'drained',
      endedAt: null,
      hops: [{ state: 'drained', why: null }],
      problem: null,
    },
  });
  expect([again.body, read.body]).toEqual([drained.body, drained.body]);
  expect(kept.body).toMatchObject({ hops: [{ state: 'kept', why: expect.any(String) }] });
  expect(back).toMatchObject({ status: 200, body: { state: 'restored' } });
  expect(listed.body).toMatchObject({ drains: [{ id: 'op-2' }, { id: 'op-1' }], nextCursor: null });
});

describe('whether a drain would take a server out', () => {
  async function chainOf(hops: string[][], options: object[]) {
    const it = await served();
    const sfcr = (await it.ask('POST', '/sfcrs', { name: 'web', source_client: 'client' })).body;
    const spec = { sfc_name: 'web', sfcr_ids: [sfcr], vnf_instance_ids: hops };
    const { body } = await it.ask('POST', '/sfcs', { ...spec, hop_options: options });
    return { ...it, url: `/sfcs/${body}/drainable?serverId=` };
  }

  test('is yes of a stateless hop with another member, else no with the reason', async () => {
    const { ask, url } = await chainOf([['fw', 'dpi'], ['ips']], [{ stateless: true }, {}]);

    const answers = await Promise.all(['fw', 'ips', 'web'].map((id) => ask('GET', `${url}${id}`)));

    expect(answers.map(({ body }) => body)).toEqual([
      { drainable: true, why: null },
      { drainable: false, why: 'none of its hops is stateless' },
      { drainable: false, why: 'the server is in no hop' },
    ]);
  });

  test('is no where it is the hop’s only member', async () => {
    const { ask, url } = await chainOf([['fw'], ['ips']], [{ stateless: true }, {}]);

    expect((await ask('GET', `${url}fw`)).body).toEqual({
      drainable: false,
      why: 'its stateless hops have no other member',
    });
  });

  test('is no, without a call to the cloud, of a chain that nobody called stateless, and of an unknown one', async () => {
    const { ask, cloud, url } = await chainOf([['fw', 'dpi']], [{ on_gap: 'open' }]);
    const before = cloud.calls.made.length;

    const answers = [
      await ask('GET', `${url}fw`),
      await ask('GET', '/sfcs/nothing/drainable?serverId=fw'),
    ];

    const body = { drainable: false, why: 'none of its hops is stateless' };
    expect(answers).toMatchObject([
      { status: 200, body },
      { status: 200, body },
    ]);
    expect(cloud.calls.made).toHaveLength(before);
  });
});

test('one that fails is told as failed, with its problem', async () => {
  const { ask, cloud } = await served();
  await chained(ask);
  const { updatePortPairGroup } = cloud.sfc;
  cloud.sfc.updatePortPairGroup = async () => {
    throw refusal(500, 'SfcDriverError', 'failed');
  };

  const failed = await ask('PUT', '/drains/op-1', { serverId: 'fw' });
  cloud.sfc.updatePortPairGroup = updatePortPairGroup;
  const goneOn = await ask('PUT', '/drains/op-1', { serverId: 'fw' });

  expect(failed).toMatchObject({
    status: 200,
    body: { state: 'failed', problem: { code: 'UPSTREAM_FAILED', instance: '/drains/op-1' } },
  });
  expect(goneOn.body).toMatchObject({ state: 'drained', problem: null });
});

test.each([
  ['PUT', '/drains/op-1', {}, 400],
  ['PUT', '/drains/op-1', { serverId: 'fw', force: true }, 400],
  ['PUT', '/drains/op-1', { serverId: 'nobody' }, 404],
  ['GET', '/drains/nothing', undefined, 404],
  ['DELETE', '/drains/nothing', undefined, 404],
  ['GET', '/drains?limit=0', undefined, 400],
  ['GET', '/sfcs/any/drainable', undefined, 400],
])('%s %s of %j is refused', async (method, path, body, status) => {
  const { ask } = await served();

  expect((await ask(method, path, body)).status).toBe(status);
});

test('without networking-sfc nobody is drained, and the reason is told', async () => {
  const { ask, cloud } = await served();
  cloud.extensions = [];

  expect(await ask('PUT', '/drains/op-1', { serverId: 'fw' })).toMatchObject({
    status: 501,
    body: { code: 'NOT_AVAILABLE_HERE' },
  });
});
