import {
  type CloudSpec,
  demoCloud,
  type Emulator,
  manualClock,
  projectIdOf,
  startEmulator,
} from '@sidestep/emulator';
import { createOpenStack } from '@sidestep/openstack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStackInventory } from '../src/adapters/openstack/openstack-inventory.ts';
import type { Server } from '../src/domain/fleet.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

const clock = manualClock(START_MS);
let emulator: Emulator;
let service: Awaited<ReturnType<typeof monitoringForTests>>;
let receive: (datagram: Uint8Array) => void = () => undefined;

/** The demo's cloud with an aggregate, and a first server that is out of the ordinary. */
function special(spec: CloudSpec): CloudSpec {
  const [first, ...others] = spec.servers;
  if (first === undefined) throw new Error('a cloud without servers');
  const odd = {
    ...first,
    locked: true,
    vnicType: 'direct',
    volumeBacked: true,
    project: 'tenant-a',
  };
  return {
    ...spec,
    servers: [odd, ...others],
    aggregates: [{ name: 'fast', hosts: ['compute1'], metadata: { disk: 'ssd, nvme' } }],
  };
}

beforeAll(async () => {
  emulator = await startEmulator(special(demoCloud(1, { liveStartMs: START_MS })), {
    clock,
    onDatagram: (datagram) => receive(datagram),
  });
  const { authUrl, username, password, projectName, regionName } = emulator.credentials;
  const cloud = createOpenStack({
    authUrl,
    region: regionName,
    auth: { kind: 'password', username, password, projectName },
    retries: 0,
  });
  service = await monitoringForTests(
    {},
    { source: openStackInventory(cloud), inventoryTimeoutMs: 10_000 },
  );
  receive = (datagram) => {
    service.clock.set(clock.nowMs());
    service.collectd.datagram(datagram);
  };
  await service.run('inventory');
});
afterAll(() => emulator.close());

const fleet = async () => {
  const { listen } = await import('@sidestep/service-kit');
  const { testToken } = await import('@sidestep/service-kit/testing');
  const http = await listen(service.app, '127.0.0.1', 0);
  const response = await fetch(`${http.url}/fleet`, {
    headers: { authorization: `Bearer ${testToken('viewer')}` },
  });
  const body = JSON.parse(await response.text());
  await http.close(100);
  return body;
};

test('each server is told of with its project', async () => {
  const { servers } = await fleet();
  const projects = new Set(servers.map(({ projectId }: Server) => projectId));

  expect(projects).toEqual(
    new Set(['admin', 'tenant-a'].map((name) => projectIdOf({ seed: 1 }, name))),
  );
});

test('what a live migration may founder on, zones and aggregates are in the inventory', async () => {
  const { hosts, servers } = await fleet();

  expect(hosts[0]).toMatchObject({
    aggregates: ['fast'],
    aggregateMetadata: { disk: ['ssd', 'nvme'] },
  });
  expect(hosts[1].aggregates).toEqual([]);
  expect(hosts[1]).not.toHaveProperty('aggregateMetadata');
  expect(new Set(servers.map(({ zone }: { zone: string }) => zone))).toEqual(new Set(['nova']));
  expect(servers.flatMap(({ facts }: { facts?: object }) => facts ?? [])).toEqual([
    { locked: true, localDisk: false, extraSpecs: {}, vnicTypes: ['direct'] },
  ]);
});

test('a server that boots from a volume needs no disk of a host, by the inventory and by Placement', async () => {
  const { hosts, servers } = await fleet();

  const onVolume = servers.filter(({ imageId }: { imageId: string | null }) => imageId === null);
  expect(onVolume).toMatchObject([{ diskGiB: 0 }]);
  const claimed = servers.reduce(
    (sum: number, { diskGiB }: { diskGiB: number }) => sum + diskGiB,
    0,
  );
  const used = hosts.reduce(
    (sum: number, host: { diskUsedGiB: number }) => sum + host.diskUsedGiB,
    0,
  );
  expect(used).toBe(claimed);
});

test('the inventory is what Nova, Placement, Neutron and networking-sfc tell', async () => {
  const { problem, hosts, servers, chains } = await fleet();

  expect(problem).toBeNull();
  expect(hosts).toHaveLength(6);
  expect(hosts[0]).toMatchObject({
    id: 'compute1',
    state: 'up',
    status: 'enabled',
    cores: 12,
    vcpus: 24,
  });
  expect(hosts[0].ramUsedMiB).toBeGreaterThan(0);
  expect(servers).toHaveLength(18);
  for (const server of servers) {
    expect(server.hostId).toBe(emulator.placements().get(server.id));
    expect(server.flavorId).not.toBeNull();
    expect(server.ports.length).toBeGreaterThan(0);
  }
  expect(chains).toHaveLength(4);
  const ids = new Set(servers.map(({ id }: { id: string }) => id));
  for (const chain of chains) {
    expect(chain.hops).toHaveLength(4);
    for (const { members } of chain.hops) {
      expect(members.length).toBeGreaterThan(0);
      expect(members.every((member: { serverId: string }) => ids.has(member.serverId))).toBe(true);
    }
  }
});

test('what the emulated agents send becomes the load that the emulator has', async () => {
  for (let second = 0; second < 5; second += 1) clock.advance(1000);
  await service.run('flush');

  const hosts = await service.store.windows(
    { metrics: ['host.cpuPercent'] },
    { fromMs: START_MS, toMs: START_MS + 10_000, stepMs: 10_000 },
    { kind: 'last' },
  );
  const loads = new Map([...emulator.load().hosts].map((load) => [load.host, load.cpuPercent]));
  expect(hosts).toHaveLength(6);
  for (const { series, values } of hosts) {
    expect(values[0]).toBeCloseTo(loads.get(series.resource) ?? -1, 3);
  }
  const known = (await service.store.series()).map(({ series }) => series);
  const count = (metric: string) => known.filter((series) => series.metric === metric).length;
  expect(count('server.cpuPercent')).toBe(18);
  expect(count('host.memPercent')).toBe(6);
  expect(count('host.netRxBytesPerSecond')).toBe(6);
  expect(count('chain.requestsPerSecond')).toBe(4);
  expect(count('chain.responseTimeMs')).toBe(4);
});

test('one API that refuses is a problem with its reason, and the last known inventory stays', async () => {
  const before = await fleet();
  await emulator.close();
  await service.run('inventory');

  const after = await fleet();
  expect(after.problem).toMatch(/unreachable|ECONNREFUSED|fetch failed/);
  expect(after.hosts).toHaveLength(before.hosts.length);
  expect(after.observedAt).toBe(before.observedAt);
});
