import { isDeepStrictEqual } from 'node:util';
import { type Records, silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyInventory, type Inventory, type Server } from '../src/domain/fleet.ts';
import { ChangingList, changesOfList } from '../src/domain/inventory-changes.ts';
import { sameValue } from '../src/domain/same-value.ts';
import { InventoryRecords } from '../src/usecases/inventory-records.ts';
import { shareUnchanged } from '../src/usecases/share-unchanged.ts';
import { hostNamed, serverNamed } from './fakes/inventory.ts';
import { monitoringForTests } from './fakes/monitoring-for-tests.ts';

const copyOf = <T>(value: T): T => structuredClone(value);
const serversOf = (count: number, from = 0): Server[] =>
  Array.from({ length: count }, (_, at) => serverNamed(`s${from + at}`));

/** Lists of servers as readings may give them: some move, some come and go, now and then one is told twice. */
const readings = fc.array(
  fc.array(
    fc
      .record({ id: fc.integer({ min: 0, max: 300 }), host: fc.constantFrom('h1', 'h2') })
      .map(({ id, host }) => serverNamed(`s${id}`, { hostId: host })),
    { maxLength: 200, size: 'max' },
  ),
  { minLength: 1, maxLength: 6 },
);

test('two values are the same where a strict comparison says so', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(sameValue(one, other)).toBe(isDeepStrictEqual(one, other));
      expect(sameValue(one, copyOf(one))).toBe(true);
      expect(sameValue({ one }, { one: other })).toBe(isDeepStrictEqual(one, other));
    }),
  );
});

test('what changed of a list, applied to the list before, gives the next one', () => {
  fc.assert(
    fc.property(readings, (lists) => {
      const mirror = new ChangingList<Server>([]);
      let before: readonly Server[] = [];
      for (const list of lists) {
        // Of a server that is told twice the last word counts.
        const last = new Map(list.map((server) => [server.id, server]));
        const after = list.map(({ id }) => last.get(id));
        const { changed, order } = changesOfList(before, list);
        mirror.take(copyOf(changed));

        expect(mirror.become(order)).toEqual(after);
        before = list;
      }
    }),
  );
});

test('a list of which nothing changed is the very same list', () => {
  const mirror = new ChangingList(serversOf(3));
  const known = mirror.become(undefined);
  mirror.take(copyOf(known));

  expect(mirror.become(undefined)).toBe(known);
});

test('a reading without a change is the one before itself, and of another only what changed is new', async () => {
  const before: Inventory = {
    ...emptyInventory,
    hosts: [hostNamed('h1')],
    servers: serversOf(2_000),
  };
  const moved = copyOf(before);
  const servers = [serverNamed('s0', { hostId: 'h2' }), ...moved.servers.slice(1)];

  const same = await shareUnchanged(before, copyOf(before));
  const next = await shareUnchanged(before, { ...moved, servers });

  expect(same).toBe(before);
  expect(next).toEqual({ ...before, servers });
  expect(next.hosts).toBe(before.hosts);
  expect(next.servers.filter((server, at) => server !== before.servers[at])).toHaveLength(1);
});

/** Records that tell how many documents were written, and fail after so many commits. */
function watched(records: Records) {
  const seen = { written: 0, commitsLeft: Number.POSITIVE_INFINITY };
  const commit: Records['commit'] = async (writes, options) => {
    if (seen.commitsLeft <= 0) throw new Error('the plug was pulled');
    seen.commitsLeft -= 1;
    seen.written += writes.filter(({ value }) => value !== null).length;
    await records.commit(writes, options);
  };
  return { seen, records: { ...records, commit } satisfies Records };
}
const emptyRecords = () => sqliteRecords(':memory:', manualClock(0));
const withServers = (servers: readonly Server[]): Inventory => ({ ...emptyInventory, servers });

test('a restart reads back what was kept last, in its order', async () => {
  await fc.assert(
    fc.asyncProperty(readings, async (lists) => {
      const records = emptyRecords();
      const keeper = new InventoryRecords(records);
      let known = emptyInventory;
      for (const [at, list] of lists.entries()) {
        known = await shareUnchanged(known, withServers(list));
        await keeper.keep({ inventory: known, observedAtMs: at });

        expect(await new InventoryRecords(records).load()).toEqual({
          inventory: withServers(list),
          observedAtMs: at,
        });
      }
    }),
    { numRuns: 30 },
  );
});

test('a plug pulled at any commit leaves the reading before or the new one, and whoever comes next keeps on', async () => {
  const first = withServers(serversOf(1_500));
  const second = withServers([...serversOf(1_200), ...serversOf(700, 5_000)]);
  let outcomes = '';
  for (let commits = 0; commits < 9; commits += 1) {
    const records = emptyRecords();
    const failing = watched(records);
    const keeper = new InventoryRecords(failing.records);
    await keeper.keep({ inventory: first, observedAtMs: 1 });
    failing.seen.commitsLeft = commits;
    const ended = await keeper.keep({ inventory: second, observedAtMs: 2 }).then(
      () => 'kept',
      () => 'cut short',
    );

    const next = new InventoryRecords(records);
    expect((await next.load())?.inventory).toEqual(ended === 'kept' ? second : first);
    await next.keep({ inventory: second, observedAtMs: 3 });
    expect(await new InventoryRecords(records).load()).toEqual({
      inventory: second,
      observedAtMs: 3,
    });
    outcomes += `${ended} `;
  }
  expect(outcomes).toMatch(/^(cut short )+(kept )+$/);
});

test('parts that nobody names do not pile up', async () => {
  const records = emptyRecords();
  const keeper = new InventoryRecords(records);
  const parts = async () => (await records.list('inventory-part', { limit: 1_000 })).items.length;
  await keeper.keep({ inventory: withServers(serversOf(1_000)), observedAtMs: 0 });
  const before = await parts();
  for (let at = 1; at < 10; at += 1) {
    await keeper.keep({ inventory: withServers(serversOf(1_000)), observedAtMs: at });
  }

  expect(await parts()).toBe(before);
});

test('one that a process keeps while it ends does not stop the next process from keeping', async () => {
  const records = emptyRecords();
  const ending = new InventoryRecords(records);
  await ending.keep({ inventory: withServers(serversOf(1_000)), observedAtMs: 0 });
  const next = new InventoryRecords(records);
  await next.load();
  await ending.keep({ inventory: withServers(serversOf(900)), observedAtMs: 1 });
  const parts = async () => (await records.list('inventory-part', { limit: 1_000 })).items.length;
  const before = await parts();

  for (let at = 2; at < 5; at += 1) {
    await next.keep({ inventory: withServers(serversOf(900)), observedAtMs: at });
  }

  expect(await new InventoryRecords(records).load()).toEqual({
    inventory: withServers(serversOf(900)),
    observedAtMs: 4,
  });
  expect(await parts()).toBe(before);
});

test('of a fleet in which one server moves little is written, and of one without a change only the time', async () => {
  const { seen, records } = watched(emptyRecords());
  const keeper = new InventoryRecords(records);
  const all = serversOf(5_000);
  await keeper.keep({ inventory: withServers(all), observedAtMs: 0 });
  const before = seen.written;
  await keeper.keep({ inventory: withServers(all), observedAtMs: 1 });
  const unchanged = seen.written - before;
  const moved = [serverNamed('new'), ...all.with(2_500, serverNamed('s2500', { hostId: 'h2' }))];
  await keeper.keep({ inventory: withServers(moved), observedAtMs: 2 });

  expect(before).toBeGreaterThan(20);
  expect(unchanged).toBe(1);
  expect(seen.written - before - unchanged).toBeLessThanOrEqual(3);
});

test('what was kept before there were parts is read anew from the VIM', async () => {
  const records = emptyRecords();
  const value = { inventory: withServers(serversOf(2)), observedAtMs: 1 };
  await records.commit([{ kind: 'inventory', id: 'last', expected: 'absent', value }]);
  const keeper = new InventoryRecords(records);

  expect(await keeper.load()).toBeUndefined();
  await keeper.keep(value);
  expect(await new InventoryRecords(records).load()).toEqual(value);
});

test('a reading that the end cuts short is no fault of the VIM, and none is begun after it', async () => {
  let readings = 0;
  let cut = (_reason: Error): void => undefined;
  const warnings: string[] = [];
  const service = await monitoringForTests(
    {},
    {
      log: { ...silentLog, warn: (_fields, sentence) => warnings.push(sentence) },
      source: {
        read: () => {
          readings += 1;
          if (readings === 1) return Promise.resolve(withServers(serversOf(3)));
          return new Promise((_resolve, reject) => {
            cut = reject;
          });
        },
      },
    },
  );
  const reading = service.run('inventory');
  service.end();
  cut(new Error('The inventory is closed'));
  await reading;
  await service.run('inventory');

  expect(readings).toBe(2);
  expect(warnings).toEqual([]);
});

test('two readings at once are one', async () => {
  let readings = 0;
  const service = await monitoringForTests(
    {},
    {
      source: {
        read: async () => {
          readings += 1;
          return withServers(serversOf(3));
        },
      },
    },
  );
  const before = readings;
  await Promise.all([service.run('inventory'), service.run('inventory')]);

  expect(readings - before).toBe(1);
});
