import { expect, test } from 'vitest';
import { catalog, errorOf, startFakeOpenStack, tokenAnswer } from './fake-openstack.ts';

const TOKENS = 'POST /identity/v3/auth/tokens';
const LIST = 'GET /container/v1/containers/';

const container = (uuid: string, more: object = {}) => ({
  uuid,
  name: `name-of-${uuid}`,
  status: 'Running',
  status_reason: null,
  host: 'compute1',
  image: 'nginx',
  addresses: {
    'net-1': [
      { addr: '10.0.0.5', version: 4, port: 'port-1', subnet_id: 's4' },
      { addr: 'fd00::5', version: 6, port: 'port-1', subnet_id: 's6' },
    ],
    'net-2': [{ addr: '10.0.1.5', version: 4, port: 'port-2', subnet_id: 's' }],
  },
  ...more,
});

/** A cloud whose catalogue has Zun. */
async function withZun(type: string, path = '/container/v1') {
  const cloud = await startFakeOpenStack();
  const [identity] = catalog(cloud.url);
  const zun = {
    ...identity,
    id: 'zun',
    type,
    name: 'zun',
    endpoints: [{ interface: 'public', region: 'RegionOne', url: `${cloud.url}${path}` }],
  };
  cloud.on(TOKENS, tokenAnswer('token', [...catalog(cloud.url), zun]));
  return cloud;
}

test.each([
  ['container', '/container/v1'],
  ['application-container', '/container'],
])(
  'containers of every tenant are listed over all pages, from a service of type %s at %s',
  async (type, path) => {
    await using cloud = await withZun(type, path);
    cloud.on(
      LIST,
      { json: { containers: [container('c1')], next: `${cloud.url}/elsewhere?marker=c1` } },
      { json: { containers: [container('c2', { host: null, addresses: null })], next: null } },
    );

    const listed = await cloud.connect().zun.listContainers();

    expect(listed).toEqual([
      {
        id: 'c1',
        name: 'name-of-c1',
        status: 'Running',
        statusReason: null,
        host: 'compute1',
        image: 'nginx',
        portIds: ['port-1', 'port-2'],
      },
      expect.objectContaining({ id: 'c2', host: null, portIds: [] }),
    ]);
    const asked = cloud.seen.filter(({ path: each }) => each.startsWith('/container'));
    expect(asked.map(({ path: each }) => each)).toEqual([
      '/container/v1/containers/?all_projects=true',
      '/container/v1/containers/?all_projects=true&marker=c1',
    ]);
  },
);

test('one container is read, and one that is not there is not found', async () => {
  await using cloud = await withZun('container');
  cloud.on('GET /container/v1/containers/c1', { json: container('c1') });
  cloud.on('GET /container/v1/containers/c2', { status: 404, json: { errors: [] } });
  const { zun } = cloud.connect();

  expect(await zun.showContainer('c1')).toMatchObject({ id: 'c1', host: 'compute1' });
  expect(await errorOf(zun.showContainer('c2'))).toMatchObject({ kind: 'not-found' });
});

test('a cloud without Zun says so by its catalogue', async () => {
  await using cloud = await startFakeOpenStack();

  expect(await errorOf(cloud.connect().zun.listContainers())).toMatchObject({
    kind: 'not-found',
    service: 'container',
    message: expect.stringContaining('catalogue'),
  });
});

test('an answer without a uuid fails by the field', async () => {
  await using cloud = await withZun('container');
  cloud.on(LIST, { json: { containers: [{ ...container('c1'), uuid: 7 }] } });

  expect(await errorOf(cloud.connect().zun.listContainers())).toMatchObject({
    message: expect.stringContaining('uuid'),
  });
});
