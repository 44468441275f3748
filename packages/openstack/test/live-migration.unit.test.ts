import { describe, expect, test } from 'vitest';
import {
  type Answer,
  errorOf,
  type FakeOpenStack,
  fakeClock,
  startFakeOpenStack,
} from './fake-openstack.ts';
import { fixture, recording } from './fixture.ts';

const SERVER = 'ed5ee0f0-a7f7-4b57-9e1c-64d1c53a2100';
const NOVA = '/compute/v2.1';
const ACTION = `POST ${NOVA}/servers/${SERVER}/action`;

describe('live migration', () => {
  const live = (cloud: FakeOpenStack, options = {}) =>
    cloud.connect(options).nova.liveMigrate(SERVER, { host: 'compute1' });

  test('sends what was recorded and hands back the request id of the instance action', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on(ACTION, { status: 202, headers: { 'x-openstack-request-id': 'req-a3008fd5' } });

    const accepted = await live(cloud);

    expect(accepted).toEqual({ requestId: 'req-a3008fd5' });
    const recorded = fixture('livemigrate-request') as { body: unknown };
    expect(cloud.seen.at(-1)?.body).toEqual(recorded.body);
    expect(cloud.seen.at(-1)?.headers['openstack-api-version']).toBe('compute 2.90');
  });

  test.each([
    ['err-unknown-host', 'bad-request', 'Compute host nosuchhost could not be found.'],
    ['err-stopped-server', 'conflict', 'vm_state stopped'],
    ['err-already-migrating', 'conflict', 'task_state migrating'],
    ['err-mv2.90-force-rejected', 'bad-request', "'force' was unexpected"],
  ])('the recorded refusal %s is a %s with its reason', async (name, kind, reason) => {
    await using cloud = await startFakeOpenStack();
    const { status, response } = recording(name);
    cloud.on(ACTION, { status, json: response });

    const error = await errorOf(live(cloud));

    expect(error).toMatchObject({ kind, status, retryable: false, mayHaveArrived: false });
    expect(error.detail).toContain(reason);
  });

  const silent: Answer = () => undefined;
  const reset: Answer = (response) => response.destroy();
  test.each([
    ['an answer 500', { status: 500, json: {} }, 'server-error', true],
    [
      'an answer 503 with Retry-After',
      { status: 503, headers: { 'retry-after': '1' } },
      'server-error',
      true,
    ],
    ['an answer 429', { status: 429, json: {} }, 'over-limit', false],
    ['a broken connection', reset, 'unreachable', true],
    ['silence', silent, 'timeout', true],
    ['a refused token', { status: 401, json: {} }, 'unauthorized', false],
  ] as const)('is never sent again after %s', async (_, answer, kind, mayHaveArrived) => {
    await using cloud = await startFakeOpenStack();
    cloud.on(ACTION, answer);
    const clock = fakeClock();

    const error = await errorOf(live(cloud, { timeoutMs: 150, retries: 5, clock }));

    expect(error).toMatchObject({ kind, mayHaveArrived, retryable: true });
    expect(cloud.count(ACTION)).toBe(1);
    expect(clock.sleptMs).toEqual([]);
  });

  test('is not sent again even when the connection was refused', async () => {
    await using cloud = await startFakeOpenStack();
    let sent = 0;
    const refusing: typeof fetch = async (url, init) => {
      if (!String(url).endsWith('/action')) return fetch(url, init);
      sent += 1;
      const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
      throw new TypeError('fetch failed', { cause });
    };

    const error = await errorOf(live(cloud, { fetch: refusing }));

    expect(error).toMatchObject({ kind: 'unreachable', mayHaveArrived: false });
    expect(sent).toBe(1);
  });

  test('after a refused token the next attempt of the caller has a new one', async () => {
    await using cloud = await startFakeOpenStack();
    cloud.on(ACTION, { status: 401, json: {} }, { status: 202 });
    const { nova } = cloud.connect();
    await errorOf(nova.liveMigrate(SERVER, { host: 'compute1' }));

    await nova.liveMigrate(SERVER, { host: 'compute1' });

    expect(cloud.count('POST /identity/v3/auth/tokens')).toBe(2);
  });
});

test('the history has no byte counts, the migrations in progress have them once known', async () => {
  await using cloud = await startFakeOpenStack();
  const inProgress = `GET ${NOVA}/servers/${SERVER}/migrations`;
  cloud.on(`GET ${NOVA}/os-migrations`, { json: fixture('os-migrations') });
  cloud.on(
    inProgress,
    { json: fixture('server-migrations-preparing') },
    { json: fixture('server-migrations-running') },
  );
  cloud.on(`${inProgress}/17`, { json: { migration: fixture('server-migration-running') } });
  const { nova } = cloud.connect();

  const [history] = await nova.listMigrations({ serverId: SERVER });
  const [preparing] = await nova.listServerMigrations(SERVER);
  const [running] = await nova.listServerMigrations(SERVER);
  const shown = await nova.showServerMigration(SERVER, 17);

  expect(history).toEqual({
    id: 1,
    uuid: '080b0a0b-2650-4f89-b95f-7d20977e2713',
    serverId: SERVER,
    type: 'live-migration',
    status: 'running',
    source: 'compute5',
    dest: 'compute1',
    memoryTotalBytes: null,
    memoryProcessedBytes: null,
    memoryRemainingBytes: null,
    diskTotalBytes: null,
    diskProcessedBytes: null,
    diskRemainingBytes: null,
    createdAt: '2026-11-20T20:48:13.000Z',
    updatedAt: '2026-11-20T20:48:22.000Z',
  });
  expect(preparing).toMatchObject({ status: 'preparing', memoryTotalBytes: null });
  expect(running).toMatchObject({ memoryTotalBytes: 4294967296, memoryRemainingBytes: 4034359296 });
  expect(shown).toMatchObject({ id: 17, type: 'live-migration', dest: 'compute4' });
});

test('a migration is aborted and completed by force under its own path', async () => {
  await using cloud = await startFakeOpenStack();
  const path = `${NOVA}/servers/${SERVER}/migrations/3`;
  cloud.on(`DELETE ${path}`, { status: 202 });
  cloud.on(`POST ${path}/action`, { status: 202 });
  const { nova } = cloud.connect();

  await nova.abortServerMigration(SERVER, 3);
  await nova.forceCompleteServerMigration(SERVER, 3);

  expect(cloud.seen.at(-1)?.body).toEqual({ force_complete: null });
  expect(cloud.count(`DELETE ${path}`)).toBe(1);
});
