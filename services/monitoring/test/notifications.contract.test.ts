import { encodeNotification, type Notification, signDatagram } from '@sidestep/collectd';
import { type Listening, listen } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hostNamed } from './fakes/inventory.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

type Service = Awaited<ReturnType<typeof monitoringForTests>>;
let service: Service;
let http: Listening;
const open = async (over: Parameters<typeof monitoringForTests>[1] = {}) => {
  service = await monitoringForTests(
    { hosts: [hostNamed('compute1')] },
    { passwordOf: () => 's3cret', ...over },
  );
  http = await listen(service.app, '127.0.0.1', 0);
};
beforeEach(() => open());
afterEach(() => http.close(100));

const list = async (query = '') => {
  const response = await fetch(`${http.url}/notifications${query}`, {
    headers: { authorization: `Bearer ${testToken('viewer')}` },
  });
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
};
const notification = (over: Partial<Notification> = {}): Notification => ({
  host: 'compute1.example',
  plugin: 'load',
  pluginInstance: '',
  type: 'load',
  typeInstance: '',
  timeMs: service.clock.now(),
  severity: 'failure',
  message: 'load is 40',
  ...over,
});
const send = (over: Partial<Notification> = {}, seal = (plain: Buffer): Buffer => plain): void => {
  service.clock.advance(10);
  service.collectd.datagram(seal(encodeNotification(notification(over))));
};
const signed = (plain: Buffer): Buffer => signDatagram(plain, 'agents', 's3cret');
const messages = ({ notifications }: { notifications: { message: string }[] }): string[] =>
  notifications.map(({ message }) => message);

test('a notification is shown at once, of the host that the agent reports for, newest first', async () => {
  send({ message: 'first' }, signed);
  send({ message: 'second', severity: 'okay' });

  const { notifications, nextCursor } = await list();
  expect(notifications).toMatchObject([
    { message: 'second', severity: 'okay', resource: 'compute1', trusted: false },
    {
      message: 'first',
      severity: 'failure',
      agent: 'compute1.example',
      plugin: 'load',
      trusted: true,
      timestamp: new Date(START_MS + 10).toISOString(),
    },
  ]);
  expect(nextCursor).toBeNull();
});

test('it is found by severity and by resource, page by page', async () => {
  for (let at = 0; at < 5; at += 1) send({ message: `m${at}` });
  send({ message: 'fine', severity: 'okay' });
  send({ message: 'elsewhere', host: 'compute2' });

  const first = await list('?severity=failure&resource=compute1&limit=3');
  const second = await list(
    `?severity=failure&resource=compute1&limit=3&cursor=${first.nextCursor}`,
  );
  expect(messages(first)).toEqual(['m4', 'm3', 'm2']);
  expect(messages(second)).toEqual(['m1', 'm0']);
  expect(messages(await list('?resource=compute2'))).toEqual(['elsewhere']);
});

test('it survives a restart; the same one again is not another', async () => {
  const timeMs = service.clock.now();
  send({ timeMs });
  await service.run('notifications');
  send({ timeMs });
  await service.run('notifications');
  await http.close(100);
  await open({ records: service.records });

  expect(messages(await list())).toEqual(['load is 40']);
});

test('the oldest of more than ten thousand are forgotten, also by the records', async () => {
  for (let at = 0; at < 10_400; at += 1) {
    send({ message: `m${at}` });
    if (at % 500 === 0) await service.run('notifications');
  }
  await service.run('notifications');
  await service.run('notifications');
  await http.close(100);
  await open({ records: service.records });

  const kept = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page = await list(`?limit=1000${cursor === '' ? '' : `&cursor=${cursor}`}`);
    kept.push(...messages(page));
    cursor = page.nextCursor;
  }
  expect(kept).toHaveLength(10_000);
  expect([kept[0], kept.at(-1)]).toEqual(['m10399', 'm400']);
});

test('a flood within a second is counted, not kept', async () => {
  for (let at = 0; at < 1200; at += 1) send({ message: `m${at}` });
  await service.run('notifications');

  const metrics = await fetch(`${http.url}/metrics`, {
    headers: { authorization: `Bearer ${testToken('viewer')}` },
  });
  expect(await metrics.text()).toMatch(/sidestep_collectd_notifications_dropped_total 200/);
});

test('a signed datagram that comes again is refused and counted, also where it says values', async () => {
  const datagram = signed(encodeNotification(notification()));
  service.clock.advance(10);
  service.collectd.datagram(datagram);
  service.collectd.datagram(datagram);
  service.clock.advance(400_000);
  service.collectd.datagram(signed(encodeNotification(notification({ timeMs: START_MS }))));

  expect(Object.fromEntries(service.collectd.counts.refused)).toEqual({
    replayed: 1,
    'out-of-window': 1,
  });
  expect((await list()).notifications).toHaveLength(1);
});

test('one from a time too far from ours is counted, not kept', async () => {
  send({ timeMs: START_MS - 3_700_000 });

  expect(service.collectd.counts.implausibleTime).toBe(1);
  expect((await list()).notifications).toEqual([]);
});

test('what write_http posts of a notification is kept as what comes by UDP', async () => {
  const alert = (secondsLater: number, labels: Record<string, string>, summary: string) => ({
    labels: { instance: 'compute1.example', service: 'collectd', ...labels },
    annotations: { summary, CurrentValue: '4.2' },
    startsAt: new Date(START_MS + 1000 * secondsLater)
      .toISOString()
      .replace('.000Z', '.000000000+00:00'),
  });
  const alerts = [
    alert(
      0,
      { alertname: 'collectd_cpu_percent', severity: 'FAILURE', cpu: '0', type: 'idle' },
      'cpu is hot',
    ),
    alert(
      1,
      { alertname: 'collectd_df_complex', severity: 'WARNING', df: 'root', type: 'free' },
      'df',
    ),
    alert(2, { alertname: 'collectd_load', severity: 'OKAY' }, 'load is well'),
  ];
  for (const each of alerts) {
    const response = await fetch(`${http.url}/collectd`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${testToken('operator')}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify([each]),
    });
    expect(response.status).toBe(204);
  }

  const { notifications } = await list();
  expect(notifications).toMatchObject([
    { plugin: 'load', type: 'load', severity: 'okay', message: 'load is well' },
    { plugin: 'df', pluginInstance: 'root', type: 'df_complex', typeInstance: 'free' },
    {
      resource: 'compute1',
      agent: 'compute1.example',
      plugin: 'cpu',
      pluginInstance: '0',
      type: 'percent',
      typeInstance: 'idle',
      severity: 'failure',
      message: 'cpu is hot',
      timestamp: new Date(START_MS).toISOString(),
      trusted: true,
    },
  ]);
});
