import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { encodeDatagrams } from '@sidestep/collectd';
import { type Listening, listen } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostNamed, serverNamed } from './fakes/inventory.ts';
import { monitoringForTests } from './fakes/monitoring-for-tests.ts';

let service: Awaited<ReturnType<typeof monitoringForTests>>;
let http: Listening;
beforeAll(async () => {
  service = await monitoringForTests({
    hosts: [
      hostNamed('nfv-host-01', { zone: 'north', aggregates: ['ssd'] }),
      hostNamed('compute2', { zone: 'north' }),
      hostNamed('compute3', { zone: 'south' }),
    ],
    servers: [serverNamed('s1', { hostId: 'compute2' })],
  });
  http = await listen(service.app, '127.0.0.1', 0);
});
afterAll(() => http.close(100));

const basic = `Basic ${Buffer.from(`operator:${testToken('operator')}`).toString('base64')}`;
const bearer = `Bearer ${testToken('operator')}`;

const post = (
  path: string,
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
) =>
  fetch(`${http.url}${path}`, {
    method: 'POST',
    body,
    headers: { authorization: basic, 'content-type': 'application/json', ...headers },
  });
const asJson = async (path: string, body?: unknown) => {
  const response = await fetch(`${http.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: bearer, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
};
const latest = async (metric: string, resource: string): Promise<number | undefined> =>
  (await asJson(`/latest?metric=${metric}&resource=${resource}`)).samples[0]?.value;

const fixture = (name: string): { time: number }[] =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8'));
/** What collectd has posted, as if it were now. */
const captured = (name: string) =>
  JSON.stringify(fixture(name).map((list) => ({ ...list, time: service.clock.now() / 1000 })));

test('collectd is asked for its password, as it sends it only then', async () => {
  const body = captured('write_http-collectd-1.json');
  const asked = await post('/collectd', body, { authorization: '' });
  const wrong = await post('/collectd', body, {
    authorization: `Basic ${Buffer.from(`admin:${testToken('operator')}`).toString('base64')}`,
  });

  for (const { status, headers } of [asked, wrong]) {
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  }
});

test('what write_http posts is what the datagrams would have said', async () => {
  const { status } = await post('/collectd', captured('write_http-collectd-1.json'));

  expect(status).toBe(204);
  expect(await latest('collectd.memory_used___value___gauge', 'nfv-host-01')).toBe(3_045_306_368);
  expect(service.store.size()).toBeGreaterThan(30);
});

test('rates are counted and not taken for counters', async () => {
  await post('/collectd', captured('write_http-rates-1.json').replaceAll('null', '0.5'));
  const metrics = await fetch(`${http.url}/metrics`, { headers: { authorization: bearer } });

  expect(await metrics.text()).toMatch(/^sidestep_collectd_rates_total [1-9]/m);
});

test('write_http is not acknowledged while the store is away', async () => {
  service.store.away(true);
  service.clock.advance(1000);
  const away = await post('/collectd', captured('write_http-collectd-1.json'));
  service.store.away(false);

  expect(away.status).toBe(503);
});

test('Telegraf’s lines become canonical metrics and series of their own, also gzipped', async () => {
  service.clock.advance(1000);
  const seconds = Math.floor(service.clock.now() / 1000);
  const lines = `cpu,host=compute2,cpu=cpu-total usage_idle=60 ${seconds}\nmem,host=compute2 used_percent=37.5,total=100i ${seconds}`;
  const first = await post('/write?db=telegraf&precision=s', lines, {
    'content-type': 'text/plain',
  });
  const second = await post(
    '/api/v2/write?precision=s',
    gzipSync('system,host=compute2 load1=1.5'),
    {
      'content-type': 'text/plain; charset=utf-8',
      'content-encoding': 'gzip',
      authorization: `Token ${testToken('operator')}`,
    },
  );

  expect([first.status, second.status]).toEqual([204, 204]);
  expect(await latest('host.cpuPercent', 'compute2')).toBe(40);
  expect(await latest('host.memPercent', 'compute2')).toBe(37.5);
  expect(await latest('host.loadShort', 'compute2')).toBe(1.5);
  expect(await latest('influx.mem.total', 'compute2')).toBe(100);
});

test('Telegraf’s counters of disks and interfaces become the rates of the host', async () => {
  const write = async (seconds: number, lines: string[]) => {
    const time = Math.floor(service.clock.now() / 1000) - 60 + seconds;
    const text = lines.map((line) => `${line} ${time}`).join('\n');
    const { status } = await post('/write?precision=s', text, { 'content-type': 'text/plain' });
    expect(status).toBe(204);
  };
  const net = (device: string, rx: number, tx: number) =>
    `net,host=teleg1,interface=${device} bytes_recv=${rx}i,bytes_sent=${tx}i`;
  const disk = (device: string, read: number) =>
    `diskio,host=teleg1,name=${device} read_bytes=${read}i,write_bytes=0i`;
  const rates = async (metric: string) => {
    const filter = { metrics: [metric], resources: ['teleg1'] };
    const found: number[] = [];
    for await (const { columns } of service.store.samples(filter, 0, 1e15)) {
      found.push(...Array.from(columns.values));
    }
    return found;
  };
  await write(0, [net('eno1', 1000, 0), net('eno2', 0, 0), net('lo', 0, 0), disk('sda', 0)]);
  await write(10, [
    net('eno1', 3000, 50),
    net('eno2', 1000, 0),
    net('lo', 9e9, 0),
    disk('sda', 500),
  ]);
  // A text that holds a part of the devices, and then a restart: neither is a rate.
  await write(20, [net('eno1', 4000, 60), disk('sda', 100)]);
  await write(30, [
    net('eno1', 5000, 70),
    net('eno2', 2000, 10),
    disk('sda1', 9e9),
    disk('sda', 1100),
  ]);
  await write(40, [net('eno1', 6000, 80), net('eno2', 3000, 20), disk('sda', 1200)]);

  expect(await rates('host.netRxBytesPerSecond')).toEqual([300, 200]);
  expect(await rates('host.netTxBytesPerSecond')).toEqual([5, 2]);
  expect(await rates('host.diskReadBytesPerSecond')).toEqual([50, 100, 10]);
});

test('counters that were not stored give their rate when they are sent again', async () => {
  const time = Math.floor(service.clock.now() / 1000) - 30;
  const line = (bytes: number, seconds: number) =>
    `net,host=teleg2,interface=eno1 bytes_recv=${bytes}i ${time + seconds}`;
  const write = async (text: string) =>
    (await post('/write?precision=s', text, { 'content-type': 'text/plain' })).status;
  await write(line(0, 0));
  service.store.away(true);
  const away = await write(line(100, 10));
  service.store.away(false);
  const again = await write(line(100, 10));
  const { samples } = await asJson('/latest?metric=host.netRxBytesPerSecond&resource=teleg2');

  expect([away, again]).toEqual([503, 204]);
  expect(samples).toMatchObject([{ value: 10 }]);
});

test('a text with a line that is none is refused whole, the line named', async () => {
  const before = service.store.size();
  const bad = await post('/write', 'good,host=x a=1\nbad', { 'content-type': 'text/plain' });

  expect(bad.status).toBe(400);
  expect(JSON.parse(await bad.text()).detail).toBe('line 2 has no field');
  expect(service.store.size()).toBe(before);
});

test('an alert of Alertmanager raises an alarm, stays fresh while it fires, and clears', async () => {
  const message = (status: string) =>
    JSON.stringify({
      version: '4',
      status,
      alerts: [{ status, labels: { alertname: 'HostHot', instance: 'compute3:9100' } }],
    });
  const alarm = async () =>
    (await asJson('/alarms?resource=compute3')).alarms.map(
      ({ state, labels }: { state: string; labels: object }) => ({ state, labels }),
    );
  service.clock.advance(1000);
  const { status } = await post('/alertmanager', message('firing'));
  service.clock.advance(60_000);
  await service.run('external');
  await service.run('alarms');
  const firing = await asJson('/latest?metric=external.alert');
  const raised = await alarm();
  service.clock.advance(1000);
  await post('/alertmanager', message('resolved'));

  expect(status).toBe(204);
  expect(firing.samples).toMatchObject([{ resource: 'compute3', value: 1, fresh: true }]);
  expect(raised).toEqual([{ state: 'raised', labels: { alertname: 'HostHot' } }]);
  expect(await alarm()).toMatchObject([{ state: 'cleared' }]);
});

test('a host that sends unsigned datagrams is not trusted; one that comes with a token is', async () => {
  service.clock.advance(1000);
  const list = {
    host: 'compute3',
    plugin: 'cpu',
    type: 'percent',
    typeInstance: 'idle',
    timeMs: service.clock.now(),
    intervalMs: 1000,
    values: [{ kind: 'gauge' as const, value: 1 }],
  };
  for (const datagram of encodeDatagrams([list])) service.collectd.datagram(datagram);

  const { resources } = await asJson('/quality?kind=host&trusted=false');
  expect(resources.map(({ resource }: { resource: string }) => resource)).toEqual(['compute3']);
});

test('the highest come first, and as many as were asked for', async () => {
  const at = service.clock.advance(1000) ?? service.clock.now();
  const samples = [30, 90, 60].map((value, index) => ({
    resource: `r${index}`,
    metric: 'host.topPercent',
    timestampMs: Number(at),
    value,
  }));
  await asJson('/samples', { samples });
  const question = { metric: 'host.topPercent', lastMs: 10_000, limit: 2 };
  const highest = await asJson('/query/top', question);
  const lowest = await asJson('/query/top', { ...question, limit: 1, order: 'lowest' });

  expect(highest.series.map(({ value }: { value: number }) => value)).toEqual([90, 60]);
  expect(lowest.series.map(({ value }: { value: number }) => value)).toEqual([30]);
});

test('series are grouped by zone, host and aggregate; and told as CSV', async () => {
  service.clock.advance(60_000);
  const timestampMs = service.clock.now();
  const sample = (resource: string, value: number) => ({
    resource,
    metric: 'x.groupPercent',
    timestampMs,
    value,
  });
  const samples = [sample('nfv-host-01', 10), sample('s1', 30), sample('compute3', 50)];
  await asJson('/samples', { samples });
  service.clock.advance(2000);
  const query = { metrics: ['x.groupPercent'], lastMs: 30_000, stepMs: 1000, aggregate: 'mean' };
  const grouped = async (groupBy: string, groupAggregate: string) => {
    const { series } = await asJson('/query', { ...query, groupBy, groupAggregate });
    return Object.fromEntries(
      series.map((row: { resource: string; values: (number | null)[] }) => [
        row.resource,
        row.values.find((value) => value !== null),
      ]),
    );
  };
  const csv = await post('/query/csv', JSON.stringify(query), { authorization: bearer });

  expect(await grouped('zone', 'mean')).toEqual({ north: 20, south: 50 });
  expect(await grouped('host', 'sum')).toEqual({ 'nfv-host-01': 10, compute2: 30, compute3: 50 });
  expect(await grouped('aggregate', 'count')).toEqual({ ssd: 1, none: 2 });
  expect(csv.headers.get('content-type')).toMatch(/^text\/csv/);
  expect((await csv.text()).split('\r\n')).toContain(
    `${new Date(timestampMs).toISOString()},x.groupPercent,s1,{},30`,
  );
});

test('samples are read along as they come, until the reader leaves', async () => {
  const leave = new AbortController();
  const response = await fetch(`${http.url}/stream?metric=host.livePercent`, {
    headers: { authorization: bearer },
    signal: leave.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const timestampMs = service.clock.now();
  const sample = { resource: 'h', metric: 'host.livePercent', timestampMs, value: 7 };
  await asJson('/samples', { samples: [sample] });
  while (!text.includes('event: sample')) text += (await reader?.read())?.value ?? '';
  leave.abort();

  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
  expect(text).toContain(`data: ${JSON.stringify({ ...sample, labels: {} }).slice(0, 20)}`);
});
