import { demoCloud, type Emulator, startEmulator } from '@sidestep/emulator';
import { createOpenStack, type OpenStackOptions } from '@sidestep/openstack';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStackInventory } from '../src/adapters/openstack/openstack-inventory.ts';
import { threadedInventory } from '../src/adapters/openstack/threaded-inventory.ts';
import { emptyInventory } from '../src/domain/fleet.ts';

let emulator: Emulator;
let login: OpenStackOptions;
let source: ReturnType<typeof threadedInventory>;
beforeEach(async () => {
  emulator = await startEmulator(demoCloud(1, { liveStartMs: 0 }));
  const { authUrl, username, password, projectName, regionName } = emulator.credentials;
  login = {
    authUrl,
    region: regionName,
    auth: { kind: 'password', username, password, projectName },
    retries: 0,
  };
  source = threadedInventory(login);
});
afterEach(async () => {
  await source.close();
  await emulator.close();
});
const soon = () => AbortSignal.timeout(20_000);

test('the thread reads what is read without it', async () => {
  const plain = await openStackInventory(createOpenStack(login)).read(soon());

  expect(await source.read(soon(), emptyInventory)).toEqual(plain);
  expect(plain.servers.length).toBeGreaterThan(0);
});

test('a reading without a change is the one that is known, whoever read that', async () => {
  const known = await openStackInventory(createOpenStack(login)).read(soon());
  const first = await source.read(soon(), known);
  const second = await source.read(soon(), first);

  expect(first).toBe(known);
  expect(second).toBe(known);
});

test('of a reading with a change only what changed is new', async () => {
  const first = await source.read(soon(), emptyInventory);
  const client = createOpenStack(login);
  const [group] = await client.sfc.listPortChains();
  if (group === undefined) throw new Error('a cloud without chains');
  await client.sfc.deletePortChain(group.id);
  const second = await source.read(soon(), first);

  expect(second.chains).toEqual(first.chains.filter(({ id }) => id !== group.id));
  expect(second.servers).toBe(first.servers);
  expect(first.chains).toContain(second.chains[0]);
});

test('what is gone since an earlier process kept it is gone with the first reading', async () => {
  const client = createOpenStack(login);
  const known = await openStackInventory(client).read(soon());
  for (const { id } of known.chains) await client.sfc.deletePortChain(id);

  const read = await source.read(soon(), known);

  expect(known.chains.length).toBeGreaterThan(0);
  expect(read).toEqual({ ...known, chains: [] });
});

test('a login that cannot be used is told of before anything is read', async () => {
  const unusable = threadedInventory({ ...login, authUrl: 'http://admin:secret@127.0.0.1/v3' });

  await expect(unusable.opened).rejects.toThrow('credentials');
  await expect(unusable.read(soon(), emptyInventory)).rejects.toThrow('credentials');
  await unusable.close();
});

test('a VIM that is away is told of, and the next reading is asked for anew', async () => {
  await emulator.close();

  await expect(source.read(soon(), emptyInventory)).rejects.toThrow(/identity|keystone|fetch/i);
  await expect(source.read(soon(), emptyInventory)).rejects.toThrow();
});

test('whoever gives up is told at once, and a later reading is whole', async () => {
  const plain = await openStackInventory(createOpenStack(login)).read(soon());
  const given = source.read(AbortSignal.abort(new Error('too late')), emptyInventory);

  await expect(given).rejects.toThrow('too late');
  await expect
    .poll(() => source.read(soon(), emptyInventory).catch(() => undefined), { timeout: 20_000 })
    .toEqual(plain);
});

test('once it is closed nothing is read', async () => {
  await source.read(soon(), emptyInventory);
  await source.close();

  await expect(source.read(soon(), emptyInventory)).rejects.toThrow('closed');
});

test('a reading that is under way does not hold up the end', async () => {
  const given = source.read(soon(), emptyInventory).catch(() => 'refused');
  await source.close();

  expect(await given).toBeDefined();
});
