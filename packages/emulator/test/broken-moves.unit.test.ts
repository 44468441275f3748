import { expect, test } from 'vitest';
import { at, type TestCloud, testCloud } from './cloud.ts';

const nova = '/compute/v2.1';

/** What Nova tells of the server A after a while. */
async function told(cloud: TestCloud) {
  const server = `${nova}/servers/${cloud.id('A')}`;
  const shown = await cloud.read(server, 'server');
  const requestId = await cloud.read(
    `${server}/os-instance-actions`,
    'instanceActions',
    0,
    'request_id',
  );
  const events = await cloud.read(
    `${server}/os-instance-actions/${String(requestId)}`,
    'instanceAction',
    'events',
  );
  const { body } = await cloud.call('GET', `${nova}/os-migrations?instance_uuid=${cloud.id('A')}`);
  return {
    server: [
      at(shown, 'status'),
      at(shown, 'OS-EXT-SRV-ATTR:host'),
      at(shown, 'OS-EXT-STS:task_state'),
      at(shown, 'fault', 'message') ?? null,
    ],
    records: [at(body, 'migrations')].flat().map((record) => at(record, 'status')),
    errors: [events]
      .flat()
      .filter((event) => at(event, 'result') === 'Error')
      .map((event) => [at(event, 'event'), at(event, 'details')]),
  };
}

async function moved(cloud: TestCloud): Promise<void> {
  const body = { 'os-migrateLive': { host: 'compute2', block_migration: 'auto' } };
  await cloud.call('POST', `${nova}/servers/${cloud.id('A')}/action`, body);
}

test('a conductor that is silent leaves the server migrating, with no record and no event', async () => {
  const cloud = await testCloud();
  cloud.emulator.faults.liveMigration('*', { conductorSilent: true });

  await moved(cloud);
  cloud.clock.advance(600_000);

  const { server, records, errors } = await told(cloud);
  expect(server).toEqual(['MIGRATING', 'compute1', 'migrating', null]);
  expect([records, errors]).toEqual([[], []]);
});

test('a source that cannot take the server back leaves it in ERROR there, the reason in its event', async () => {
  const cloud = await testCloud();
  cloud.emulator.faults.liveMigration('*', { rollbackFail: 'no such domain' });

  await moved(cloud);
  cloud.clock.advance(120_000);

  const { server, records, errors } = await told(cloud);
  expect(server).toEqual(['ERROR', 'compute1', null, 'no such domain']);
  expect(records).toEqual(['error']);
  expect(errors).toEqual([['compute_rollback_live_migration', 'no such domain']]);
});

test('a destination that cannot finish leaves the server in ERROR there, its record completed', async () => {
  const cloud = await testCloud();
  cloud.emulator.faults.liveMigration('*', { postFail: 'binding failed' });

  await moved(cloud);
  cloud.clock.advance(120_000);

  const { server, records, errors } = await told(cloud);
  expect(server).toEqual(['ERROR', 'compute2', null, 'binding failed']);
  expect(records).toEqual(['completed']);
  expect(errors).toEqual([['compute_post_live_migration_at_destination', 'binding failed']]);
});

test('a dead source never hears of an abort: its record goes on running', async () => {
  const cloud = await testCloud();
  cloud.emulator.faults.liveMigration('*', { hang: true });
  await moved(cloud);
  cloud.clock.advance(20_000);
  cloud.emulator.faults.hostDown('compute1');

  const server = `${nova}/servers/${cloud.id('A')}`;
  const id = await cloud.read(`${server}/migrations`, 'migrations', 0, 'id');
  const { status } = await cloud.call('DELETE', `${server}/migrations/${String(id)}`);
  cloud.clock.advance(120_000);

  expect(status).toBe(202);
  expect((await told(cloud)).records).toEqual(['running']);
});
