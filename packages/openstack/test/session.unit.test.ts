import { inspect } from 'node:util';
import { createOpenStack } from '@sidestep/openstack';
import { expect, test } from 'vitest';
import {
  APPLICATION_SECRET,
  catalog,
  errorOf,
  fakeClock,
  PASSWORD,
  startFakeOpenStack,
  tokenAnswer,
} from './fake-openstack.ts';

const TOKENS = 'POST /identity/v3/auth/tokens';
const EXTENSIONS = 'GET /network/v2.0/extensions';
const NO_EXTENSIONS = { json: { extensions: [] } };
const refused = {
  status: 401,
  json: { error: { code: 401, title: 'Unauthorized', message: 'no' } },
};

test('a password is scoped to its project', async () => {
  await using cloud = await startFakeOpenStack();

  const identity = await cloud.connect().keystone.identity();

  expect(cloud.seen[0]?.body).toEqual({
    auth: {
      identity: {
        methods: ['password'],
        password: { user: { name: 'admin', domain: { name: 'Default' }, password: PASSWORD } },
      },
      scope: { project: { name: 'admin', domain: { name: 'Default' } } },
    },
  });
  expect(identity).toMatchObject({ userId: 'u1', projectId: 'p1', roles: ['admin'] });
});

test('an application credential carries its own scope', async () => {
  await using cloud = await startFakeOpenStack();
  const auth = { kind: 'application-credential', id: 'ac1', secret: APPLICATION_SECRET } as const;

  await cloud.connect({ auth }).keystone.identity();

  expect(cloud.seen[0]?.body).toEqual({
    auth: {
      identity: {
        methods: ['application_credential'],
        application_credential: { id: 'ac1', secret: APPLICATION_SECRET },
      },
    },
  });
});

test('calls at the same time share one token request', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(EXTENSIONS, NO_EXTENSIONS);
  const { neutron } = cloud.connect();

  await Promise.all(Array.from({ length: 8 }, () => neutron.listExtensions()));

  expect(cloud.count(TOKENS)).toBe(1);
  expect(cloud.count(EXTENSIONS)).toBe(8);
});

test('a token near its end is renewed beside the calls, an ended one before them', async () => {
  await using cloud = await startFakeOpenStack();
  const clock = fakeClock();
  const services = catalog(cloud.url);
  const issue = (value: string) => tokenAnswer(value, services, 3_600_000);
  cloud.on(TOKENS, issue('token-1'), issue('token-2'), issue('token-3'));
  cloud.on(EXTENSIONS, NO_EXTENSIONS);
  const { neutron } = cloud.connect({ clock });
  const used = () => cloud.seen.filter(({ path }) => path.endsWith('/extensions')).at(-1);

  await neutron.listExtensions();
  clock.advance(56 * 60_000);
  await neutron.listExtensions();
  await expect.poll(() => cloud.count(TOKENS)).toBe(2);
  await expect
    .poll(async () => {
      await neutron.listExtensions();
      return used()?.headers['x-auth-token'];
    })
    .toBe('token-2');
  clock.advance(2 * 3_600_000);
  await neutron.listExtensions();

  expect(used()?.headers['x-auth-token']).toBe('token-3');
  expect(cloud.count(TOKENS)).toBe(3);
});

test('while Keystone is away, a token that is still good is used on', async () => {
  await using cloud = await startFakeOpenStack();
  const clock = fakeClock();
  cloud.on(TOKENS, tokenAnswer('token-1', catalog(cloud.url)), { status: 503, json: {} });
  cloud.on(EXTENSIONS, NO_EXTENSIONS);
  const { neutron } = cloud.connect({ clock, retries: 0 });
  await neutron.listExtensions();
  clock.advance(56 * 60_000);

  await neutron.listExtensions();
  await expect.poll(() => cloud.count(TOKENS)).toBe(2);
  await neutron.listExtensions();

  expect(cloud.count(EXTENSIONS)).toBe(3);
  expect(cloud.count(TOKENS)).toBe(2);
});

test('a refused token is renewed once and the call sent again', async () => {
  await using cloud = await startFakeOpenStack();
  const services = catalog(cloud.url);
  cloud.on(TOKENS, tokenAnswer('token-1', services), tokenAnswer('token-2', services));
  cloud.on(EXTENSIONS, refused, NO_EXTENSIONS);

  const extensions = await cloud.connect().neutron.listExtensions();

  expect(extensions).toEqual([]);
  expect(cloud.seen.map(({ headers }) => headers['x-auth-token'])).toEqual([
    undefined,
    'token-1',
    undefined,
    'token-2',
  ]);
});

test('calls whose token is refused at the same time share one renewal', async () => {
  await using cloud = await startFakeOpenStack();
  const services = catalog(cloud.url);
  cloud.on(TOKENS, tokenAnswer('token-1', services), tokenAnswer('token-2', services));
  cloud.on(EXTENSIONS, (response, request) => {
    const good = request.headers['x-auth-token'] === 'token-2';
    response.writeHead(good ? 200 : 401);
    response.end(JSON.stringify(good ? NO_EXTENSIONS.json : refused.json));
  });
  const { neutron } = cloud.connect();

  await Promise.all(Array.from({ length: 5 }, () => neutron.listExtensions()));

  expect(cloud.count(TOKENS)).toBe(2);
});

test('a token refused twice is the end: no third try', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(EXTENSIONS, refused);

  const error = await errorOf(cloud.connect().neutron.listExtensions());

  expect(error).toMatchObject({ kind: 'unauthorized', retryable: false, service: 'network' });
  expect(cloud.count(EXTENSIONS)).toBe(2);
  expect(cloud.count(TOKENS)).toBe(2);
});

test('wrong credentials are refused once, without retry', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(TOKENS, refused);

  const error = await errorOf(cloud.connect().nova.listServers());

  expect(error).toMatchObject({ kind: 'unauthorized', service: 'identity', retryable: false });
  expect(cloud.count(TOKENS)).toBe(1);
});

test('a Keystone that fails for a moment is asked again', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(TOKENS, { status: 503, json: {} }, tokenAnswer('token-1', catalog(cloud.url)));

  const { roles } = await cloud.connect().keystone.identity();

  expect(roles).toEqual(['admin']);
});

test('a token answer without a token is a protocol error', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(TOKENS, { status: 201, json: { token: {} } });

  const error = await errorOf(cloud.connect().keystone.identity());

  expect(error).toMatchObject({ kind: 'protocol' });
  expect(error.detail).toContain('X-Subject-Token');
});

test('the endpoint is that of the region and the interface', async () => {
  await using cloud = await startFakeOpenStack();
  const both = [...catalog('http://one.test', 'one'), ...catalog('http://two.test', 'two')];
  cloud.on(TOKENS, tokenAnswer('token-1', both));

  const { keystone } = cloud.connect({ region: 'two', interface: 'internal' });

  expect(await keystone.endpoint('network')).toBe('http://two.test/internal/network');
});

test('with several regions one has to be named', async () => {
  await using cloud = await startFakeOpenStack();
  const both = [...catalog('http://one.test', 'one'), ...catalog('http://two.test', 'two')];
  cloud.on(TOKENS, tokenAnswer('token-1', both));

  const error = await errorOf(cloud.connect().keystone.endpoint('compute'));

  expect(error).toMatchObject({ kind: 'not-found', service: 'compute', retryable: false });
  expect(error.detail).toBe('the catalogue has the regions one, two: name one');
});

test.each([
  [{ region: 'three' } as const, 'no public endpoint in region three, only in RegionOne'],
  [{ interface: 'admin' } as const, 'the catalogue has no admin endpoint'],
])('a choice the catalogue does not have is named: %j', async (choice, detail) => {
  await using cloud = await startFakeOpenStack();

  const error = await errorOf(cloud.connect(choice).keystone.endpoint('compute'));

  expect(error.detail).toBe(detail);
});

test.each([
  ['not a url'],
  ['ftp://cloud.test/identity'],
  [`http://admin:${PASSWORD}@cloud.test/identity`],
])('an authUrl that can not work is refused without repeating it', (authUrl) => {
  const make = () =>
    createOpenStack({ authUrl, auth: { kind: 'application-credential', id: 'i', secret: 's' } });

  expect(make).toThrow(TypeError);
  expect(make).not.toThrow(authUrl);
});

test('no secret is seen in an error or in the printed clients', async () => {
  await using cloud = await startFakeOpenStack();
  const echo = `password ${PASSWORD} and token-1 are wrong`;
  cloud.on(EXTENSIONS, { status: 400, json: { NeutronError: { type: 'Bad', message: echo } } });
  cloud.on('GET /network/v2.0/ports', (response) => response.destroy());
  const openstack = cloud.connect({ retries: 0 });

  const errors = [
    await errorOf(openstack.neutron.listExtensions()),
    await errorOf(openstack.neutron.listPorts()),
  ];
  cloud.on(TOKENS, { status: 400, json: { error: { title: PASSWORD, message: PASSWORD } } });
  errors.push(await errorOf(cloud.connect({ retries: 0 }).keystone.identity()));

  const printed = [openstack, ...errors]
    .flatMap((each) => [inspect(each, { depth: 9, showHidden: true }), `${each}`])
    .concat(JSON.stringify(errors), ...errors.map(({ stack }) => stack ?? ''))
    .join('\n');
  expect(printed).not.toContain(PASSWORD);
  expect(printed).not.toMatch(/token-1 are/);
  expect(errors[0]?.detail).toBe('password *** and *** are wrong');
});
