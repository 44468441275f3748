import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type EncodableValue,
  type EncodableValueList,
  encodeDatagrams,
  signDatagram,
} from '@sidestep/collectd';
import { describe, expect, test } from 'vitest';
import { hostNamed, serverNamed } from './fakes/inventory.ts';
import { monitoringForTests } from './fakes/monitoring-for-tests.ts';

type Service = Awaited<ReturnType<typeof monitoringForTests>>;
type Reading = Pick<EncodableValueList, 'plugin' | 'type' | 'values'> & Partial<EncodableValueList>;

const gauge = (value: number): EncodableValue => ({ kind: 'gauge', value });
const derive = (...values: number[]): EncodableValue[] =>
  values.map((value) => ({ kind: 'derive', value }));

const start = (over: Parameters<typeof monitoringForTests>[1] = {}) =>
  monitoringForTests(
    { hosts: [hostNamed('compute1')], servers: [serverNamed('s1', { vcpus: 2 })] },
    over,
  );

/** One second later the agent reports these. */
function report(service: Service, ...readings: Reading[]): void {
  service.clock.advance(1000);
  const timeMs = service.clock.now();
  const lists = readings.map((reading) => ({
    host: 'compute1',
    timeMs,
    intervalMs: 1000,
    ...reading,
  }));
  for (const datagram of encodeDatagrams(lists)) service.collectd.datagram(datagram);
}

async function stored(service: Service, resource: string, metric: string): Promise<number[]> {
  await service.run('flush');
  const values: number[] = [];
  for await (const { columns } of service.store.samples(
    { metrics: [metric], resources: [resource] },
    0,
    1e15,
  )) {
    values.push(...Array.from(columns.values));
  }
  return values;
}

const cpuIdle = (value: number, pluginInstance = ''): Reading => ({
  plugin: 'cpu',
  pluginInstance,
  type: 'percent',
  typeInstance: 'idle',
  values: [gauge(value)],
});
const interfaceOctets = (name: string, rx: number, tx: number): Reading => ({
  plugin: 'interface',
  pluginInstance: name,
  type: 'if_octets',
  values: derive(rx, tx),
});

describe('canonical metrics', () => {
  test('a host’s CPU is what is not idle', async () => {
    const service = await start();
    report(service, cpuIdle(60));
    report(service, cpuIdle(5));

    expect(await stored(service, 'compute1', 'host.cpuPercent')).toEqual([40, 95]);
  });

  test('a host that reports one state only is what is active', async () => {
    const service = await start();
    for (let second = 0; second < 4; second += 1)
      report(
        service,
        { ...cpuIdle(10, '0'), typeInstance: 'active' },
        { ...cpuIdle(50, '1'), typeInstance: 'active' },
      );

    expect((await stored(service, 'compute1', 'host.cpuPercent')).at(-1)).toBe(30);
  });

  test('a server’s memory as its host sees it is what is not usable of what it has', async () => {
    const service = await start();
    const memory = (typeInstance: string, value: number): Reading => ({
      host: 's1',
      plugin: 'virt',
      type: 'memory',
      typeInstance,
      values: [gauge(value)],
    });
    for (let second = 0; second < 4; second += 1)
      report(service, memory('total', 4e9), memory('available', 4e9), memory('usable', 3e9));
    const whole = await stored(service, 's1', 'server.memPercent');
    for (let second = 0; second < 4; second += 1) report(service, memory('available', 4e9));

    expect(whole.at(-1)).toBe(25);
    expect(await stored(service, 's1', 'server.memPercent')).toEqual(whole);
  });

  test('CPUs that are reported one by one are averaged', async () => {
    const service = await start();
    for (let second = 0; second < 4; second += 1)
      report(service, cpuIdle(100, '0'), cpuIdle(20, '1'));

    expect((await stored(service, 'compute1', 'host.cpuPercent')).at(-1)).toBe(40);
  });

  test('CPU time in jiffies becomes the share that was not idle', async () => {
    const service = await start();
    const jiffies = (typeInstance: string, value: number): Reading => ({
      plugin: 'cpu',
      pluginInstance: '0',
      type: 'cpu',
      typeInstance,
      values: derive(value),
    });
    for (let second = 0; second < 5; second += 1) {
      report(
        service,
        jiffies('idle', 75 * second),
        jiffies('user', 20 * second),
        jiffies('system', 5 * second),
      );
    }

    expect((await stored(service, 'compute1', 'host.cpuPercent')).at(-1)).toBeCloseTo(25, 6);
  });

  test('memory is the share in use: as reported, else of what all states add up to', async () => {
    const service = await start();
    const memory = (type: string, typeInstance: string, value: number): Reading => ({
      plugin: 'memory',
      type,
      typeInstance,
      values: [gauge(value)],
    });
    for (let second = 0; second < 4; second += 1) {
      report(service, memory('memory', 'used', 3e9), memory('memory', 'free', 9e9));
    }
    const fromBytes = await stored(service, 'compute1', 'host.memPercent');
    report(service, memory('percent', 'used', 31));
    report(
      service,
      memory('memory', 'used', 3e9),
      memory('memory', 'free', 9e9),
      memory('percent', 'used', 32),
    );

    expect(fromBytes.at(-1)).toBe(25);
    expect((await stored(service, 'compute1', 'host.memPercent')).slice(-2)).toEqual([31, 32]);
  });

  test('network traffic is the change a second, summed over physical interfaces', async () => {
    const service = await start();
    for (let second = 0; second < 4; second += 1) {
      report(
        service,
        interfaceOctets('eno1', 1000 * second, 10 * second),
        interfaceOctets('eno2', 500 * second, 5 * second),
        interfaceOctets('lo', 9e9 * second, 9e9 * second),
        interfaceOctets('tap1234', 9e9 * second, 9e9 * second),
      );
    }

    expect((await stored(service, 'compute1', 'host.netRxBytesPerSecond')).at(-1)).toBeCloseTo(
      1500,
      6,
    );
    expect((await stored(service, 'compute1', 'host.netTxBytesPerSecond')).at(-1)).toBeCloseTo(
      15,
      6,
    );
  });

  test('a sum beyond what a number can hold is unknown', async () => {
    const service = await start();
    const absurd = (typeInstance: string): Reading => ({
      plugin: 'memory',
      type: 'memory',
      typeInstance,
      values: [gauge(1.7e308)],
    });
    for (let times = 0; times < 4; times += 1) report(service, absurd('used'), absurd('free'));

    expect(await stored(service, 'compute1', 'host.memPercent')).toEqual([]);
  });

  test('a round of long ago, given by the one after a silence, is not taken', async () => {
    const service = await start();
    report(service, cpuIdle(60, '0'), cpuIdle(60, '1'));
    report(service, cpuIdle(60, '0'), cpuIdle(60, '1'));
    service.clock.advance(2 * 3_600_000);
    report(service, cpuIdle(60, '0'));

    expect(await stored(service, 'compute1', 'host.cpuPercent')).toEqual([]);
  });

  test('a reset counter gives no rate', async () => {
    const service = await start();
    for (const octets of [1000, 2000, 3000, 4000, 100, 1100, 2100]) {
      report(service, interfaceOctets('eno1', octets, 0));
    }

    const rates = await stored(service, 'compute1', 'host.netRxBytesPerSecond');
    expect(rates.length).toBeGreaterThan(2);
    expect(rates.every((rate) => Math.abs(rate - 1000) < 1)).toBe(true);
  });

  test('disks count once, however many partitions they have', async () => {
    const service = await start();
    const octets = (disk: string, second: number): Reading => ({
      plugin: 'disk',
      pluginInstance: disk,
      type: 'disk_octets',
      values: derive(100 * second, 7 * second),
    });
    for (let second = 0; second < 4; second += 1) {
      report(
        service,
        octets('sda', second),
        octets('sda1', second),
        octets('nvme0n1', second),
        octets('nvme0n1p2', second),
        octets('dm-0', second),
      );
    }

    expect((await stored(service, 'compute1', 'host.diskReadBytesPerSecond')).at(-1)).toBeCloseTo(
      200,
      6,
    );
    expect((await stored(service, 'compute1', 'host.diskWriteBytesPerSecond')).at(-1)).toBeCloseTo(
      14,
      6,
    );
  });

  test('a server is known by UUID or name, and its virt CPU time is a share of its own vCPUs', async () => {
    const service = await start();
    for (let second = 0; second < 3; second += 1) {
      report(service, {
        host: 's1',
        plugin: 'virt',
        type: 'virt_cpu_total',
        values: derive(1e9 * second),
      });
    }
    report(service, { ...cpuIdle(30), host: 'vnf-s1' });

    expect(await stored(service, 's1', 'server.cpuPercent')).toEqual([50, 50, 70]);
  });

  test('what an agent inside a server says goes before what is seen from outside', async () => {
    const service = await start();
    for (let second = 0; second < 3; second += 1) {
      report(
        service,
        { ...cpuIdle(30), host: 's1' },
        { host: 's1', plugin: 'virt', type: 'virt_cpu_total', values: derive(1e9 * second) },
      );
    }

    expect(await stored(service, 's1', 'server.cpuPercent')).toEqual([70, 70, 70]);
  });

  test('a chain’s probes are of the chain', async () => {
    const service = await start();
    report(service, {
      host: 'prober',
      plugin: 'chain',
      pluginInstance: 'c1',
      type: 'gauge',
      typeInstance: 'response_time_ms',
      values: [gauge(12.5)],
    });

    expect(await stored(service, 'c1', 'chain.responseTimeMs')).toEqual([12.5]);
  });

  test('raw readings are kept beside, counters as they stand', async () => {
    const service = await start();
    report(service, interfaceOctets('eno1', 4711, 12));

    expect(await stored(service, 'compute1', 'collectd.eno1___if_octets___rx___derive')).toEqual([
      4711,
    ]);
    expect(await stored(service, 'compute1', 'collectd.eno1___if_octets___tx___derive')).toEqual([
      12,
    ]);
  });

  test('a host that the inventory learns of later is a host from then on', async () => {
    const service = await start();
    report(service, { ...cpuIdle(50), host: 'late' });
    service.source.become({
      hosts: [],
      servers: [serverNamed('s7', { name: 'late' })],
      serverGroups: [],
      chains: [],
      flavors: [],
    });
    await service.run('inventory');
    report(service, { ...cpuIdle(40), host: 'late' });

    expect(await stored(service, 'late', 'host.cpuPercent')).toEqual([50]);
    expect(await stored(service, 's7', 'server.cpuPercent')).toEqual([60]);
  });
});

describe('what is not taken', () => {
  const datagram = (timeMs: number, value: EncodableValue = gauge(50)) =>
    encodeDatagrams([
      { host: 'compute1', timeMs, intervalMs: 1000, ...cpuIdle(0), values: [value] },
    ])[0] ?? Buffer.alloc(0);

  test('a gauge that is not a number is unknown, not zero', async () => {
    const service = await start();
    service.collectd.datagram(datagram(service.clock.now(), gauge(Number.NaN)));

    expect(await stored(service, 'compute1', 'host.cpuPercent')).toEqual([]);
  });

  test('a datagram that comes twice counts once', async () => {
    const service = await start();
    const once = datagram(service.clock.now());
    service.collectd.datagram(once);
    service.collectd.datagram(once);

    expect(await stored(service, 'compute1', 'host.cpuPercent')).toHaveLength(1);
    expect(service.collectd.counts.notNewer).toBe(1);
  });

  test.each([[120_000], [-2 * 3_600_000]])(
    'a reading from %i ms off our time is refused and counted',
    async (offMs) => {
      const service = await start();
      service.collectd.datagram(datagram(service.clock.now() + offMs));

      expect(await stored(service, 'compute1', 'host.cpuPercent')).toEqual([]);
      expect(service.collectd.counts.implausibleTime).toBe(1);
    },
  );

  test('malformed datagrams are counted by reason and complained of at most once a minute', async () => {
    const warnings: string[] = [];
    const log = {
      debug: () => undefined,
      info: () => undefined,
      error: () => undefined,
      warn: (_: object, text: string) => warnings.push(text),
    };
    const service = await start({ log });
    for (let second = 0; second < 119; second += 1) {
      service.clock.advance(1000);
      service.collectd.datagram(Buffer.from([0, 0, 0, 9]));
      service.collectd.datagram(datagram(service.clock.now()).subarray(0, 50));
    }

    expect(service.collectd.counts.refused.get('bad-part-length')).toBe(238);
    expect(warnings).toHaveLength(2);
    service.collectd.datagram(datagram(service.clock.now() + 1));
    expect(await stored(service, 'compute1', 'host.cpuPercent')).not.toEqual([]);
  });

  test('beyond the most series that are kept new ones are refused and counted, known ones go on', async () => {
    const service = await start({ maxSeries: 2 });
    report(service, cpuIdle(60));
    report(service, { ...cpuIdle(60), host: 'another' });
    report(service, cpuIdle(50));

    expect(await stored(service, 'compute1', 'host.cpuPercent')).toEqual([40, 50]);
    expect(await stored(service, 'another', 'host.cpuPercent')).toEqual([]);
    expect(service.collectd.counts.tooManySeries).toBe(1);
    // Of what is not taken no name is kept either.
    expect([...service.collectd.unsigned]).toEqual(['compute1']);
  });

  test('where signatures are required, the unsigned and the wrongly signed are refused and counted', async () => {
    const service = await start({
      collectdLevel: 'signed',
      passwordOf: (user) => (user === 'u' ? 'p' : undefined),
    });
    const payload = datagram(service.clock.now());
    service.collectd.datagram(payload);
    service.collectd.datagram(signDatagram(payload, 'u', 'forged'));
    const before = await stored(service, 'compute1', 'host.cpuPercent');
    service.collectd.datagram(signDatagram(payload, 'u', 'p'));

    expect(before).toEqual([]);
    expect(await stored(service, 'compute1', 'host.cpuPercent')).toEqual([50]);
    expect([...service.collectd.counts.refused]).toEqual([
      ['security-level', 1],
      ['bad-signature', 1],
    ]);
  });
});

describe('real datagrams', () => {
  const folder = join(import.meta.dirname, '../../../packages/collectd/test/fixtures');

  test('give the raw series of the host they name', async () => {
    const service = await start();
    service.clock.set(1_795_207_480_000);
    for (const name of readdirSync(folder).filter((file) => file.startsWith('plain-'))) {
      service.collectd.datagram(readFileSync(join(folder, name)));
    }
    await service.run('flush');

    const metrics = (await service.store.series())
      .filter(({ series }) => series.resource === 'nfv-host-01')
      .map(({ series }) => series.metric);
    expect(metrics).toContain('collectd.memory_free___value___gauge');
    expect(metrics).toContain('host.memPercent');
    expect(service.collectd.counts.refused.size).toBe(0);
    expect(service.collectd.counts.notifications).toBe(1);
  });
});
