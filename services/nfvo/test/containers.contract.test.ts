import { expect, test } from 'vitest';
import { refusal } from './fakes/call-faults.ts';
import { served } from './fakes/served.ts';

async function withContainer() {
  const it = await served();
  it.cloud.container('cache', 'host2');
  const sfcr = (await it.ask('POST', '/sfcrs', { name: 'web', source_client: 'client' })).body;
  const made = await it.ask('POST', '/sfcs', {
    sfc_name: 'cached',
    sfcr_ids: [sfcr],
    vnf_instance_ids: [['fw'], ['cache']],
  });
  return { ...it, sfc: String(made.body), status: made.status };
}

test('containers are listed with their chains, and with what cannot be done with them', async () => {
  const { ask, cloud, sfc } = await withContainer();
  cloud.container('idle', 'host3');

  const { status, body } = await ask('GET', '/containers');

  expect(status).toBe(200);
  expect(body).toMatchObject({
    containers: [
      { id: 'cache', hostId: 'host2', status: 'Running', image: 'nginx', chainIds: [sfc] },
      { id: 'idle', chainIds: [] },
    ],
  });
  expect(JSON.stringify(body)).toContain('live-migrate');
});

test('a container is a member of a chain, shown as one, and rendered anew on another host', async () => {
  const { ask, cloud, sfc, status } = await withContainer();
  const port = cloud.ports.get('cache-p0');
  if (port) cloud.ports.set('cache-p0', { ...port, hostId: 'host3' });

  const shown = await ask('GET', `/sfcs/${sfc}`);
  const rendered = await ask('PUT', '/repaths/op-1', { serverId: 'cache' });

  expect(status).toBe(200);
  expect(shown.body).toMatchObject({
    vnf_instance_ids: [['fw'], ['cache']],
    hops: [
      { members: [{ id: 'fw', kind: 'server' }] },
      { members: [{ id: 'cache', kind: 'container', host_id: 'host2', status: 'Running' }] },
    ],
  });
  expect(rendered.body).toMatchObject({ state: 'completed', hops: [{ method: 'holder' }] });
  expect(cloud.whole(sfc)).toBe(true);
});

test.each([
  ['POST', '/vnfs/idle/shutdown', undefined, 'shutdown is not possible: Zun runs it'],
  ['DELETE', '/vnfs/idle', undefined, 'delete is not possible: Zun runs it'],
  ['PUT', '/standbys/op-1', { serverId: 'idle' }, 'standby is not possible'],
])('%s %s of a container is refused with the reason', async (method, path, body, why) => {
  const { ask, cloud } = await served();
  cloud.container('idle', 'host3');

  const answer = await ask(method, path, body);

  expect(answer).toMatchObject({ status: 422, body: { code: 'UNPROCESSABLE' } });
  expect(JSON.stringify(answer.body)).toContain(why);
});

test('a cloud without Zun says so: 501 for its containers, and everything else as before', async () => {
  const { ask } = await served();

  const listed = await ask('GET', '/containers');
  const unknown = await ask('DELETE', '/vnfs/nobody');
  const { body } = await ask('GET', '/capabilities');

  expect(listed).toMatchObject({ status: 501, body: { code: 'NOT_AVAILABLE_HERE' } });
  expect(JSON.stringify(listed.body)).toContain('catalogue');
  expect(unknown.status).toBe(404);
  expect(body).toMatchObject({
    capabilities: expect.arrayContaining([
      expect.objectContaining({ name: 'containers', available: false }),
    ]),
  });
});

test('with Zun, the capability says what is possible; a Zun that fails is told as failing', async () => {
  const { ask, cloud } = await withContainer();
  const able = await ask('GET', '/capabilities');
  cloud.zun.listContainers = async () => {
    throw refusal(500, 'ZunFailed', 'down');
  };

  expect(able.body).toMatchObject({
    capabilities: expect.arrayContaining([
      expect.objectContaining({ name: 'containers', available: true }),
    ]),
  });
  expect(await ask('GET', '/containers')).toMatchObject({
    status: 502,
    body: { code: 'UPSTREAM_FAILED' },
  });
});
