import { freePort } from '@sidestep/cli';
import { workerPoints } from '@sidestep/migration';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poll } from '../openstack/poll.ts';
import type { CloudRequest } from './gateway.ts';
import { beginMove, liveMigrationCalls, movedOnce, operation } from './moves.ts';
import type { Rig } from './rig.ts';
import { type StruckRig, startStruckRig } from './struck-rig.ts';

let struck: StruckRig;
let rig: Rig;
beforeAll(async () => {
  struck = await startStruckRig();
  rig = struck.rig;
}, 90_000);
afterAll(() => struck?.close());

const strikeAt = (...lines: string[]) => struck.strikeAt(...lines);
const reviveMigration = () => struck.reviveMigration();

const isLiveMigration = ({ method, path, body }: CloudRequest) =>
  method === 'POST' && path.endsWith('/action') && body.includes('os-migrateLive');

describe('a migration worker killed', () => {
  test.each(workerPoints)(
    'at %s: the next one ends the move, with one call to Nova',
    async (point) => {
      strikeAt(`SIGKILL ${point}`);

      const begun = await beginMove(rig);
      await reviveMigration();

      const done = await movedOnce(rig, begun);
      expect(done.attempt).toBeGreaterThan(1);
    },
  );

  test('at every step of one operation: the move is still done once', async () => {
    const befores = workerPoints.filter((point) => point.endsWith(':before'));
    strikeAt(...befores.map((point) => `SIGKILL ${point}`));

    const begun = await beginMove(rig);
    for (const _each of befores) await reviveMigration();

    await movedOnce(rig, begun);
  });

  test.each([
    ['on its way to Nova: the call is made again, once its time is over', 'arrives'],
    ['that Nova has taken, its answer lost: the move is adopted', 'is-done'],
  ] as const)('with a call %s', async (_how, when) => {
    const met = rig.gateway.once(isLiveMigration, when, () => rig.kill('migration'));

    const begun = await beginMove(rig);
    await met;
    await reviveMigration();

    await movedOnce(rig, begun);
  });

  test('with a call whose answer is lost, and alive: the move is adopted, not asked for again', async () => {
    const met = rig.gateway.once(isLiveMigration, 'is-done', async () => undefined);

    const begun = await beginMove(rig);
    await met;

    await movedOnce(rig, begun);
  });
});

describe('two workers', () => {
  test('on the same data, and doubled wake-ups: the move is done once', async () => {
    const other = await rig.stack.startAnother('migration', await freePort());
    const queue = new Queue('operations', { connection: { url: rig.redis.url } });

    const begun = await beginMove(rig);
    for (let copy = 0; copy < 5; copy++) {
      const data = { operationId: begun.id, attempt: 1 };
      await queue.add('run', data, { jobId: `copy-${begun.id}-${copy}` });
    }

    await movedOnce(rig, begun);
    await queue.close();
    process.kill(other.pid, 'SIGTERM');
    expect(await other.ended).toBe(0);
  });

  test('one frozen between intent and call past its lease: the other moves the server, the frozen one does not', async () => {
    const other = await rig.stack.startAnother('migration', await freePort());
    const both = [other.pid, rig.stack.process('migration').pid];
    strikeAt('SIGSTOP migrate:intent');

    const begun = await beginMove(rig);
    await poll('Nova was asked by the one that runs', 20_000, () => {
      return liveMigrationCalls(rig, 'fw').length > begun.callsBefore || undefined;
    });
    for (const pid of both) process.kill(pid, 'SIGCONT');

    await movedOnce(rig, begun);
    process.kill(other.pid, 'SIGTERM');
    expect(await other.ended).toBe(0);
  });
});

describe('Redis', () => {
  test('wiped while a worker is dead: the operation is found in the records', async () => {
    strikeAt('SIGKILL migrate:called');

    const begun = await beginMove(rig);
    await rig.stack.process('migration').ended;
    await rig.redis.wipe();
    await reviveMigration();

    await movedOnce(rig, begun);
  });

  test.each([
    ['wiped', () => rig.redis.wipe()],
    [
      'killed and started empty',
      async () => {
        await rig.redis.kill();
        await rig.redis.start();
      },
    ],
  ])('%s in the middle of a move: nothing is lost, nothing doubled', async (_how, strike) => {
    const begun = await beginMove(rig);
    await poll('Nova was asked', 10_000, async () => {
      return (await operation(rig, begun.id)).nova !== null || undefined;
    });
    await strike();

    await movedOnce(rig, begun);
    const next = await beginMove(rig);
    await movedOnce(rig, next);
  });
});
