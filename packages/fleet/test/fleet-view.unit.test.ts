import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cpuSharePercent,
  type FleetView,
  freezeView,
  type Server,
  seededRandom,
  seedOf,
  serverOf,
  serversOn,
  withChanged,
} from '../src/index.ts';
import { cloud } from '../src/testing/index.ts';

const server = (over: Partial<Server>): Server => ({
  id: 's1',
  name: 's1',
  hostId: 'h1',
  status: 'ACTIVE',
  taskState: null,
  vcpus: 2,
  ramMiB: 1024,
  diskGiB: 1,
  tags: [],
  zone: 'nova',
  cpuPercent: 50,
  trusted: true,
  ...over,
});

test('a server’s share is its own CPU’s part of the host’s cores', () => {
  expect(cpuSharePercent(server({ vcpus: 3, cpuPercent: 80 }), { cores: 12 })).toBe(20);
});

test('the share of a server of unknown load is unknown, never 0', () => {
  expect(cpuSharePercent(server({ cpuPercent: 'unknown' }), { cores: 12 })).toBe('unknown');
});

test('a host that states no cores makes every share unknown', () => {
  expect(cpuSharePercent(server({}), { cores: 0 })).toBe('unknown');
});

test('a view cannot be changed by who plans on it', () => {
  const view: FleetView = freezeView({
    atMs: 0,
    hosts: [],
    servers: [server({})],
    serverGroups: [],
    chains: [],
    links: [],
    pairRisks: [],
    modelVersion: null,
  });

  expect(() => Object.assign(view.servers[0] ?? {}, { hostId: 'h2' })).toThrow(TypeError);
});

test('equal seeds draw equal numbers, all of them in [0, 1)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_294_967_295 }), (seed) => {
      const [a, b] = [seededRandom(seed), seededRandom(seed)];
      for (let i = 0; i < 20; i++) {
        const drawn = a();
        expect(drawn).toBe(b());
        expect(drawn).toBeGreaterThanOrEqual(0);
        expect(drawn).toBeLessThan(1);
      }
    }),
  );
});

test('names give seeds of their own', () => {
  expect(seedOf('decision-1')).not.toBe(seedOf('decision-2'));
});

test('a list with some servers changed is looked up like the list that it comes from', () => {
  const { servers } = cloud()
    .host('h1')
    .server('s1', { on: 'h1', cpuPercent: 10 })
    .server('s2', { on: 'h1', cpuPercent: 20 })
    .build();
  const [s1] = servers;
  if (s1 === undefined) throw new Error('no server');

  const changed = withChanged(servers, new Map([['s1', { ...s1, cpuPercent: 90 }]]));

  expect(changed.map(({ cpuPercent }) => cpuPercent)).toEqual([90, 20]);
  expect(serverOf({ servers: changed }, 's1')?.cpuPercent).toBe(90);
  expect(serverOf({ servers: changed }, 's2')?.cpuPercent).toBe(20);
  expect(serversOn({ servers: changed }, 'h1').map(({ cpuPercent }) => cpuPercent)).toEqual([
    90, 20,
  ]);
  expect(serverOf({ servers }, 's1')?.cpuPercent).toBe(10);
  expect(Object.isFrozen(changed)).toBe(true);
  expect(withChanged(servers, new Map())).toBe(servers);
});
