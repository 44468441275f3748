import { expect, test } from 'vitest';
import { type Ask, served } from './fakes/served.ts';

async function chained(ask: Ask): Promise<string> {
  const sfcr = (await ask('POST', '/sfcrs', { name: 'web', source_client: 'client' })).body;
  const made = await ask('POST', '/sfcs', {
    sfc_name: 'inspected',
    sfcr_ids: [sfcr],
    vnf_instance_ids: [['fw'], ['ips']],
    hop_options: [{ stateless: true }, {}],
  });
  return String(made.body);
}

test('a standby is accepted, read and listed', async () => {
  const { ask } = await served();
  const chainId = await chained(ask);

  const accepted = await ask('PUT', '/standbys/op-1', {
    serverId: 'fw',
    hostId: 'host3',
    policy: 'least-risk',
    userData: '#cloud-config',
    monitoring: false,
    warmUpMs: 5_000,
  });
  const read = await ask('GET', '/standbys/op-1');
  const listed = await ask('GET', '/standbys?limit=1');

  expect(accepted).toMatchObject({
    status: 202,
    body: {
      id: 'op-1',
      serverId: 'fw',
      state: 'starting',
      chainId,
      hostId: 'host3',
      standbyServerId: null,
      endedAt: null,
      problem: null,
    },
  });
  expect(read.body).toEqual(accepted.body);
  expect(listed.body).toEqual({ standbys: [accepted.body], nextCursor: null });
});

test.each([
  ['PUT', '/standbys/op-1', {}, 400],
  ['PUT', '/standbys/op-1', { serverId: 'fw', warmUpMs: 600_001 }, 400],
  ['PUT', '/standbys/op-1', { serverId: 'fw', policy: 'Least' }, 400],
  ['PUT', '/standbys/op-1', { serverId: 'fw', force: true }, 400],
  ['PUT', '/standbys/op-1', { serverId: 'ips' }, 409],
  ['PUT', '/standbys/op-1', { serverId: 'dpi' }, 409],
  ['PUT', '/standbys/op-1', { serverId: 'nobody' }, 404],
  ['GET', '/standbys/nothing', undefined, 404],
  ['GET', '/standbys?limit=0', undefined, 400],
])('%s %s of %j is refused', async (method, path, body, status) => {
  const { ask } = await served();
  await chained(ask);

  const answer = await ask(method, path, body);

  expect(answer.status).toBe(status);
  expect(answer.type).toContain('application/problem+json');
});
