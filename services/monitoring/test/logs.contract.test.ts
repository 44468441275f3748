import { encodeNotification } from '@sidestep/collectd';
import { type Listening, listen } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostNamed } from './fakes/inventory.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

let service: Awaited<ReturnType<typeof monitoringForTests>>;
let http: Listening;
beforeAll(async () => {
  service = await monitoringForTests({ hosts: [hostNamed('compute1')] }, { syslogPort: 5514 });
  http = await listen(service.app, '127.0.0.1', 0);
  for (const [severity, text] of [
    [3, 'I/O error, dev sda, sector 4711'],
    [3, 'I/O error, dev sdb, sector 815'],
    [6, 'Invalid user alice from 192.0.2.7'],
    [6, 'link is up'],
  ] as const) {
    service.logs.syslog(Buffer.from(`<${severity}>1 - compute1 kernel - - - ${text}`), START_MS);
  }
  service.collectd.datagram(
    encodeNotification({
      host: 'compute1',
      plugin: 'cpu',
      pluginInstance: '0',
      type: 'percent',
      typeInstance: 'idle',
      timeMs: START_MS,
      severity: 'failure',
      message: 'percent is currently 99.5 which is above the failure threshold',
    }),
  );
});
afterAll(() => http.close(100));

const get = async (path: string, role: 'viewer' | 'operator' = 'operator') => {
  const response = await fetch(`${http.url}${path}`, {
    headers: { authorization: `Bearer ${testToken(role)}` },
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
};

test('the templates of a host are told, the most severe first, and nothing of the messages themselves', async () => {
  const { status, body } = await get('/log-templates/compute1');

  expect(status).toBe(200);
  expect(body).toEqual({
    resource: 'compute1',
    templates: [
      {
        app: 'kernel',
        template: '<*> error, dev <*> sector <*>',
        severity: 'error',
        count: 2,
        firstSeen: '2026-11-20T12:00:00.000Z',
        lastSeen: '2026-11-20T12:00:00.000Z',
      },
      expect.objectContaining({
        app: 'cpu',
        severity: 'error',
        template: 'percent is currently <*> which is above the failure threshold',
      }),
      expect.objectContaining({ template: 'Invalid user <*> from <*>' }),
      expect.objectContaining({ template: 'link is up' }),
    ],
    nextCursor: null,
  });
});

test('they come in pages', async () => {
  const first = await get('/log-templates/compute1?limit=3');
  const second = await get(`/log-templates/compute1?limit=3&cursor=${first.body.nextCursor}`);

  expect(first.body.templates).toHaveLength(3);
  expect(second.body.templates.map((each: { template: string }) => each.template)).toEqual([
    'link is up',
  ]);
  expect(second.body.nextCursor).toBeNull();
});

test('a host that logs nothing has none, and a viewer may not read them', async () => {
  expect(await get('/log-templates/compute2')).toMatchObject({
    status: 404,
    body: { code: 'NOT_FOUND' },
  });
  expect((await get('/log-templates/compute1', 'viewer')).status).toBe(403);
});

test('logs become series of the host, collectd’s notifications with them', async () => {
  service.logs.sum(START_MS);
  service.logs.syslog(Buffer.from('<2>1 - compute1 kernel - - - panic'), START_MS + 1000);
  service.clock.advance(20_000);
  service.logs.sum(START_MS + 20_000);
  const { body } = await get('/latest?metric=host.logErrorsPerSecond');

  expect(body.samples).toMatchObject([{ resource: 'compute1', value: 0.05 }]);
  expect((await get('/capabilities')).body.capabilities).toContainEqual({
    name: 'syslog',
    available: true,
    detail: 'port 5514, UDP and TCP',
  });
});
