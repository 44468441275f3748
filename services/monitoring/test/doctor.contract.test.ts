import { encodeDatagrams, signDatagram } from '@sidestep/collectd';
import { type Listening, listen } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hostNamed, serverNamed } from './fakes/inventory.ts';
import { monitoringForTests } from './fakes/monitoring-for-tests.ts';

const links = [
  { id: 'l1', node1Id: 'compute1', node2Id: 'compute2', delayUs: null, maxBwMbps: 1000 },
  { id: 'l2', node1Id: 'compute1', node2Id: 'gone', delayUs: 5, maxBwMbps: null },
];
let service: Awaited<ReturnType<typeof monitoringForTests>>;
let http: Listening;
beforeAll(async () => {
  service = await monitoringForTests(
    {
      hosts: [hostNamed('compute1'), hostNamed('compute2', { ip: '192.0.2.2' })],
      servers: [serverNamed('s1')],
    },
    { links },
  );
  http = await listen(service.app, '127.0.0.1', 0);
});
afterAll(() => http.close(100));

const get = async (path: string) => {
  const response = await fetch(`${http.url}${path}`, {
    headers: { authorization: `Bearer ${testToken('viewer')}` },
  });
  expect(response.status).toBe(200);
  return JSON.parse(await response.text());
};
function report(host: string, plugin: string, type: string, typeInstance: string, value: number) {
  service.clock.advance(1000);
  const timeMs = service.clock.now();
  const values = [{ kind: 'gauge' as const, value }];
  const list = { host, plugin, type, typeInstance, timeMs, intervalMs: 10_000, values };
  for (const datagram of encodeDatagrams([list])) service.collectd.datagram(datagram);
}

test('the doctor names what is missing, wrong, untrusted, refused or unknown, with a hint', async () => {
  report('compute1', 'cpu', 'percent', 'idle', 40);
  report('compute1', 'memory', 'percent', 'used', 4000);
  report('stranger', 'cpu', 'percent', 'idle', 40);
  service.collectd.datagram(Buffer.from('nonsense'));
  const own = { resource: 'prediction', metric: 'prediction.degraded', labels: {}, value: 0 };
  await service.write([{ ...own, timeMs: service.clock.now() }]);
  const { hosts, servers, findings } = await get('/doctor');
  const found = findings.map(
    ({ resource, metric, finding }: Record<string, string | null>) =>
      `${resource} ${metric} ${finding}`,
  );

  expect({ hosts, servers }).toEqual({ hosts: 2, servers: 1 });
  expect(found).toEqual(
    expect.arrayContaining([
      'compute1 host.loadShort missing',
      'compute1 host.memPercent wrong-unit',
      'compute1 null untrusted',
      'compute2 host.cpuPercent missing',
      's1 server.cpuPercent missing',
      'stranger null unknown-resource',
      'null null datagrams-refused',
    ]),
  );
  expect(found).not.toContain('compute1 host.cpuPercent missing');
  expect(findings.every(({ hint }: { hint: string }) => hint.length > 10)).toBe(true);
});

test.each([
  ['ahead of', 7_200_000, 'an unsigned'],
  ['behind', -7_200_000, 'an unsigned'],
  ['ahead of', 600_000, 'a signed'],
  ['behind', -600_000, 'a signed'],
])(
  'a host whose clock is %s ours by %d ms, and of which %s datagram is refused for it, is told of',
  async (where, skewMs, how) => {
    const passwordOf = (user: string) => (user === 'agent' ? 'secret' : undefined);
    const skewed = await monitoringForTests({ hosts: [hostNamed('compute1')] }, { passwordOf });
    const api = await listen(skewed.app, '127.0.0.1', 0);
    const timeMs = skewed.clock.now() + skewMs;
    const values = [{ kind: 'gauge' as const, value: 40 }];
    const list = {
      host: 'compute1',
      plugin: 'load',
      type: 'load',
      timeMs,
      intervalMs: 10_000,
      values,
    };
    for (const datagram of encodeDatagrams([list])) {
      skewed.collectd.datagram(
        how === 'a signed' ? signDatagram(datagram, 'agent', 'secret') : datagram,
      );
    }
    const doctor = async () => {
      const response = await fetch(`${api.url}/doctor`, {
        headers: { authorization: `Bearer ${testToken('viewer')}` },
      });
      const { findings } = JSON.parse(await response.text());
      return findings.filter(({ finding }: { finding: string }) => finding === 'clock-skew');
    };
    const told = await doctor();
    skewed.clock.advance(660_000);
    const later = await doctor();
    await api.close(100);

    expect(told).toMatchObject([{ resource: 'compute1', metric: null }]);
    expect(told[0].hint).toContain(`${Math.abs(skewMs) / 1000} s ${where} ours`);
    expect(later).toEqual([]);
  },
);

test('what only the VIM or only the telemetry knows is told', async () => {
  expect(await get('/reconciliation')).toMatchObject({
    onlyVim: [
      { id: 'compute2', kind: 'host' },
      { id: 's1', kind: 'server' },
    ],
    onlyTelemetry: [{ id: 'stranger', fresh: true }],
    linksToUnknownNodes: ['l2'],
  });
});

test('a delay that was not declared is half the measured round trip', async () => {
  const before = await get('/link/l1');
  report('compute1', 'ping', 'ping', '192.0.2.2', 0.5);

  expect(before.delay_us).toBeNull();
  expect(await get('/link/l1')).toMatchObject({ delay_us: 250, max_bw_mbps: 1000 });
  expect(await get('/link/l2')).toMatchObject({ delay_us: 5 });
});
