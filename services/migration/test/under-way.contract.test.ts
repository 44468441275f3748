import { describe, expect, test } from 'vitest';
import type { OperateLimits } from '../src/usecases/operate/step.ts';
import { type Emulated, emulated } from './fakes/emulated.ts';
import { operateLimits } from './fakes/world.ts';

const placed = ({ emulator, fw }: Emulated) => emulator.placements().get(fw);

test('a move is foretold before the call, and what it took stands beside', async () => {
  const sut = await emulated();

  const operation = await sut.move();

  expect(operation.expected).toEqual(sut.forecasts.cost);
  expect(operation.nova?.endedAtMs).toBeGreaterThan(operation.nova?.requestedAtMs ?? 0);
});

test('a move that Prediction does not foretell is made all the same', async () => {
  const sut = await emulated();

  const operation = await sut.move({
    onPoint: (point) => {
      if (point === 'precheck:before') sut.forecasts.away = true;
    },
  });

  expect(operation).toMatchObject({ state: 'COMPLETED', expected: null });
});

describe('a guest that changes its memory faster than it is copied', () => {
  const busy = () => emulated([], { dirtyMiBPerSecond: 400, workingSetMiB: 4_000 });
  const forced = ({ emulator }: Emulated) =>
    emulator.calls().filter(({ method, path }) => method === 'POST' && /\/migrations\//.test(path));

  test('is left where it is, by the rule', async () => {
    const sut = await busy();

    const operation = await sut.move();

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'MIGRATION_NOT_CONVERGING' },
      nova: { status: 'cancelled', forcedAtMs: null },
    });
    const tookMs = (operation.endedAtMs ?? 0) - operation.createdAtMs;
    expect(tookMs).toBeLessThan(operateLimits.migrationTimeoutMs / 2);
    expect(placed(sut)).toBe('h1');
    expect(forced(sut)).toEqual([]);
  });

  test('is stopped for the rest, where the rule says so, once', async () => {
    const sut = await busy();

    const operation = await sut.move({ limits: { onNonConvergence: 'force' } });

    expect(operation).toMatchObject({ state: 'COMPLETED', nova: { status: 'completed' } });
    expect(operation.nova?.forcedAtMs).not.toBeNull();
    expect(placed(sut)).toBe('h2');
    expect(forced(sut)).toHaveLength(1);
  });

  test('that is not completed by force either is aborted', async () => {
    const sut = await busy();
    sut.emulator.faults.liveMigration('*', { hang: true });
    const path = '/servers/.*/migrations/.*/action';
    sut.emulator.faults.api({ service: 'compute', method: 'POST', path, effect: 400 });

    const operation = await sut.move({ limits: { onNonConvergence: 'force' } });

    expect(operation.problem?.detail).toMatch(/although it was to be completed by force/);
    expect(placed(sut)).toBe('h1');
  });

  test('is waited for up to the time limit, where the rule says so', async () => {
    const sut = await busy();

    const operation = await sut.move({ limits: { onNonConvergence: 'wait' } });

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'MIGRATION_TIMEOUT' },
    });
    expect(operation.problem?.detail).toMatch(/Not over after 900 s/);
  });
});

describe('what breaks while the move is under way ends in a defined state, with the reason that Nova’s events tell', () => {
  const wait: Partial<OperateLimits> = { operatorWaitMs: 60_000 };
  const lost = async (sut: Emulated) => {
    const waiting = await sut.move({ limits: wait });
    sut.clock.advance(60_001);
    await sut.recover();
    return { waiting, ended: await sut.move({ limits: wait }) };
  };

  test('a conductor that never answers', async () => {
    const sut = await emulated();
    sut.emulator.faults.liveMigration('*', { conductorSilent: true });

    const { waiting, ended } = await lost(sut);

    expect(waiting).toMatchObject({ state: 'FAILED_TEMP', problem: { code: 'MIGRATION_TIMEOUT' } });
    expect(ended.state).toBe('FAILED');
    expect(ended.problem?.detail).toMatch(
      /^Not over after 180 s: Nova took the request req-\S+, but no step of it has begun: its conductor does not answer/,
    );
    expect(sut.asked()).toBe(1);
  });

  test('a server left in ERROR on its source', async () => {
    const sut = await emulated();
    const rollbackFail = 'libvirtError: Domain not found';
    sut.emulator.faults.liveMigration('*', { rollbackFail });

    const { ended } = await lost(sut);

    expect(ended).toMatchObject({ state: 'FAILED', problem: { code: 'MIGRATION_FAILED' } });
    expect(ended.problem?.detail).toBe(
      `compute_rollback_live_migration: ${rollbackFail}; the server is ERROR on h1`,
    );
  });

  test('a server left in ERROR on its destination, its migration completed', async () => {
    const sut = await emulated();
    const postFail = 'PortBindingFailed: binding failed for port';
    sut.emulator.faults.liveMigration('*', { postFail });

    const { ended } = await lost(sut);

    expect(ended).toMatchObject({ state: 'FAILED', problem: { code: 'VERIFICATION_FAILED' } });
    expect(ended.problem?.detail).toBe(
      `Nova has left the server in ERROR on h2: compute_post_live_migration_at_destination: ${postFail}`,
    );
  });

  const dies = (host: string) => async () => {
    const sut = await emulated([], { dirtyMiBPerSecond: 100, workingSetMiB: 4_000 });
    let looks = 0;
    const dead = {
      limits: wait,
      onPause: () => {
        looks += 1;
        if (looks === 10) sut.emulator.faults.hostDown(host);
      },
    };
    return { sut, operation: await sut.move(dead) };
  };

  test('a source that dies in the middle', async () => {
    const { sut, operation } = await dies('h1')();

    expect(operation).toMatchObject({
      state: 'FAILED_TEMP',
      problem: { code: 'MIGRATION_FAILED' },
      nova: { status: 'running' },
    });
    expect(operation.problem?.detail).toMatch(
      /^the compute service of h1 is down in the middle of the move/,
    );
    expect(sut.asked()).toBe(1);
  });

  test('a destination that dies in the middle: the server stays', async () => {
    const { sut, operation } = await dies('h2')();

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'MIGRATION_FAILED' },
    });
    expect(operation.problem?.detail).toMatch(/hypervisor failed during the copy/);
    expect(placed(sut)).toBe('h1');
  });
});

describe('a move that ended while we were away', () => {
  const away = async (sut: Emulated, meanwhile: () => Promise<void> | void = () => undefined) => {
    await sut.move({ diesAt: 'migrate:called' });
    sut.clock.advance(3_600_000);
    sut.time.advance(300_000);
    await meanwhile();
    sut.time.advance(3_300_000);
    expect(await sut.recover()).toBe(1);
    return sut.move({ name: 'second' });
  };

  test('well is gone on with', async () => {
    const sut = await emulated();

    const operation = await away(sut);

    expect(operation).toMatchObject({ state: 'COMPLETED', nova: { status: 'completed' } });
    expect(sut.asked()).toBe(1);
  });

  test('badly is rolled back, with the reason', async () => {
    const sut = await emulated();
    sut.emulator.faults.liveMigration('h2', { precheckFail: 'CPU does not fit' });

    const operation = await away(sut);

    expect(operation.state).toBe('ROLLED_BACK');
    expect(operation.problem?.detail).toMatch(/CPU does not fit/);
    expect(sut.asked()).toBe(1);
  });

  test('with the server deleted since is over', async () => {
    const sut = await emulated();

    const operation = await away(sut, async () => {
      await sut.remove();
    });

    expect(operation).toMatchObject({ state: 'FAILED' });
    expect(operation.problem).not.toBeNull();
    expect(sut.asked()).toBe(1);
  });
});
