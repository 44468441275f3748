import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emptyInventory, type Inventory, type Server } from '../src/domain/fleet.ts';
import { FleetRevisions } from '../src/usecases/fleet-revisions.ts';

const server = (id: string, hostId: string): Server => ({
  id,
  name: id,
  hostId,
  status: 'ACTIVE',
  taskState: null,
  flavorId: null,
  imageId: null,
  vcpus: 1,
  ramMiB: 512,
  diskGiB: 1,
  tags: [],
  zone: null,
  ports: [],
});
const inventory = (...servers: Server[]): Inventory => ({ ...emptyInventory, servers });
const trusting = () => new FleetRevisions('0badcafe', { isTrusted: () => true, revision: () => 0 });

test('only what changed after a revision is told, and what is gone by name', () => {
  const revisions = trusting();
  const first = revisions.changes(inventory(server('a', 'h1'), server('b', 'h1')), undefined);
  const moved = inventory(server('a', 'h2'));

  const next = revisions.changes(moved, first.revision);
  const again = revisions.changes(moved, next.revision);

  expect(first).toMatchObject({ since: null, servers: [{ id: 'a' }, { id: 'b' }], goneIds: [] });
  expect(next).toMatchObject({
    since: first.revision,
    servers: [{ hostId: 'h2' }],
    goneIds: ['b'],
  });
  expect(again).toMatchObject({ revision: next.revision, servers: [], goneIds: [] });
});

test('a server that is gone is told, though another was read twice', () => {
  const revisions = trusting();
  const [a, b] = [server('a', 'h1'), server('b', 'h1')];
  const first = revisions.changes(inventory(a, b), undefined);

  expect(revisions.changes(inventory(a, a), first.revision)).toMatchObject({ goneIds: ['b'] });
});

test('a revision of another process, of the future, or of no form brings everything', () => {
  const revisions = trusting();
  const all = inventory(server('a', 'h1'));
  for (const since of ['deadbeef-1', '0badcafe-9', '0badcafe-x']) {
    expect(revisions.changes(all, since)).toMatchObject({ since: null, servers: [{ id: 'a' }] });
  }
});

test('a server whose trust changes is told again', () => {
  let trusted = true;
  const revisions = new FleetRevisions('0badcafe', {
    isTrusted: () => trusted,
    revision: () => Number(trusted),
  });
  const all = inventory(server('a', 'h1'));
  const { revision } = revisions.changes(all, undefined);
  trusted = false;

  expect(revisions.changes(all, revision).servers).toHaveLength(1);
});

test('a reader that applies what changed knows what the whole answer tells', () => {
  const fleets = fc.array(
    fc.uniqueArray(
      fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), host: fc.constantFrom('h1', 'h2') }),
      {
        selector: ({ id }) => id,
      },
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(fleets, (states) => {
      const revisions = trusting();
      const mirror = new Map<string, Server>();
      let since: string | undefined;
      for (const state of states) {
        const whole = inventory(...state.map(({ id, host }) => server(id, host)));
        const changes = revisions.changes(whole, since);
        if (changes.since === null) mirror.clear();
        for (const id of changes.goneIds) mirror.delete(id);
        for (const each of changes.servers) mirror.set(each.id, each);
        since = changes.revision;

        expect(new Map(whole.servers.map((each) => [each.id, each]))).toEqual(mirror);
      }
    }),
  );
});
