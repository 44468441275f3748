import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnswerKind, answerKinds, isTerminal } from '../src/domain/operation.ts';
import { answerOperation } from '../src/usecases/answer-operation.ts';
import { setKillSwitch } from '../src/usecases/change-controls.ts';
import {
  backPoints,
  drainPoints,
  type OperateLimits,
  workerPoints,
} from '../src/usecases/operate/step.ts';
import { operateLimits, type World, world } from './fakes/world.ts';

const waiting: Partial<OperateLimits> = { onFailure: 'wait', operatorWaitMs: 600_000 };
type Begun = World & { id: string };

async function begun(): Promise<Begun> {
  const sut = world();
  sut.telemetry.raise('h1');
  await sut.reconcile();
  return { ...sut, id: sut.woken[0]?.id ?? 'none' };
}

async function failedOnce(limits: Partial<OperateLimits> = waiting): Promise<Begun> {
  const sut = await begun();
  sut.compute.script({ statuses: ['accepted', 'running', 'failed'] });
  await sut.run(sut.id, { limits });
  return sut;
}

/** The server has arrived, but its chain cannot be made whole. */
async function arrivedBroken(): Promise<Begun> {
  const sut = await begun();
  sut.chains.failures = 1 + operateLimits.maxRepathRetries;
  await sut.run(sut.id, { limits: waiting });
  return sut;
}

const answer = (sut: Begun, kind: AnswerKind) => {
  const wake = async (operation: { id: string }) => {
    sut.woken.push(await sut.operation(operation.id));
  };
  const now = () => sut.clock.now();
  return answerOperation({ ledger: sut.ledger, now, wake }, sut.id, { kind, by: 'ann' });
};

async function answeredAndRun(sut: Begun, kind: AnswerKind) {
  await answer(sut, kind);
  await sut.run(sut.id, { limits: waiting });
  return sut.operation(sut.id);
}

describe('a failure that no rule settles', () => {
  test('waits in FAILED_TEMP for an operator, its worker free for others', async () => {
    const sut = await failedOnce();

    const operation = await sut.operation(sut.id);

    expect(operation).toMatchObject({
      state: 'FAILED_TEMP',
      recovery: { kind: 'wait', otherwise: 'roll-back' },
      problem: { code: 'MIGRATION_FAILED' },
    });
    sut.clock.advance(operateLimits.leaseMs + 1);
    expect(await sut.recover()).toBe(0);
  });

  test('waits no longer than its bound: then what is safe follows', async () => {
    const sut = await failedOnce();

    sut.clock.advance(600_001);
    expect(await sut.recover()).toBe(1);
    await sut.run(sut.id, { limits: waiting });

    expect(await sut.operation(sut.id)).toMatchObject({ state: 'ROLLED_BACK' });
  });

  test('after the server has arrived, ends as FAILED where nobody answers', async () => {
    const sut = await arrivedBroken();
    expect((await sut.operation(sut.id)).recovery).toMatchObject({ otherwise: 'fail' });

    sut.clock.advance(600_001);
    await sut.recover();
    await sut.run(sut.id, { limits: waiting });

    expect(await sut.operation(sut.id)).toMatchObject({
      state: 'FAILED',
      problem: { code: 'REPATH_FAILED' },
    });
  });

  test('by rule, a move that Nova has failed is begun again so often, then rolled back', async () => {
    const sut = await begun();
    const fails = { statuses: ['accepted', 'running', 'failed'] };
    sut.compute.script(fails, fails, fails);

    await sut.run(sut.id, { limits: { maxMoveRetries: 2 } });

    const operation = await sut.operation(sut.id);
    expect(operation.state).toBe('ROLLED_BACK');
    expect(operation.earlierMoves.map(({ requestId }) => requestId)).toEqual(['req-1', 'req-2']);
    expect(sut.compute.moves).toHaveLength(3);
  });
});

describe('retry', () => {
  test('of a move that Nova has ended reads all again and asks Nova anew', async () => {
    const sut = await failedOnce();

    const operation = await answeredAndRun(sut, 'retry');

    expect(operation).toMatchObject({
      state: 'COMPLETED',
      problem: null,
      nova: { requestId: 'req-2' },
      earlierMoves: [{ requestId: 'req-1', status: 'failed' }],
      answers: [{ kind: 'retry', by: 'ann' }],
    });
    expect(operation.steps.map(({ name }) => name).slice(3, 6)).toEqual([
      'migrate',
      'precheck',
      'drain',
    ]);
  });

  test('of a move that may still be on its way follows it, and does not ask Nova again', async () => {
    const sut = await begun();
    const hangs = [...Array(1_500).fill('running'), 'completed'];
    sut.compute.script({ statuses: ['accepted', ...hangs] });
    const limits = { ...waiting, migrationTimeoutMs: 20_000, abortTimeoutMs: 5_000 };
    sut.compute.abortMove = async () => false;
    await sut.run(sut.id, { limits });
    expect((await sut.operation(sut.id)).problem?.code).toBe('MIGRATION_TIMEOUT');

    await answer(sut, 'retry');
    await sut.run(sut.id, { limits: { ...waiting, migrationTimeoutMs: 9_000_000 } });

    expect(await sut.operation(sut.id)).toMatchObject({ state: 'COMPLETED' });
    expect(sut.compute.calls).toHaveLength(1);
  });

  test('of a re-path tries it as often as at first', async () => {
    const sut = await arrivedBroken();
    sut.chains.failures = 2;

    expect(await answeredAndRun(sut, 'retry')).toMatchObject({ state: 'COMPLETED', retries: 2 });
    expect(sut.compute.calls).toHaveLength(1);
  });
});

describe('rollback', () => {
  test('of a move that Nova has failed sees to it that the server is where it was', async () => {
    const sut = await failedOnce();

    expect(await answeredAndRun(sut, 'rollback')).toMatchObject({ state: 'ROLLED_BACK' });
    expect(sut.compute.calls).toEqual(['h2']);
  });

  test('of a server that has arrived moves it back and makes its chains whole there', async () => {
    const sut = await arrivedBroken();

    const operation = await answeredAndRun(sut, 'rollback');

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      back: { by: 'ann', stage: 'repath', nova: { status: 'completed' } },
    });
    expect(operation.steps.at(-1)).toMatchObject({
      name: 'go-back',
      outcome: 'done',
      detail: 'moved back to h1',
    });
    expect(sut.compute.calls).toEqual(['h2', 'h1']);
    expect(sut.compute.server.hostId).toBe('h1');
    expect(sut.chains.asked.at(-1)).toBe(`${sut.id}-back`);
    expect(await sut.ledger.reservation('server:s1')).toBeUndefined();
  });

  test('that fails waits for an operator again, and may be tried again', async () => {
    const sut = await arrivedBroken();
    sut.compute.script({ statuses: ['accepted', 'running', 'failed'] });

    const failed = await answeredAndRun(sut, 'rollback');
    await expect(answer(sut, 'retry')).rejects.toMatchObject({ code: 'CONFLICT' });
    const again = await answeredAndRun(sut, 'rollback');

    expect(failed).toMatchObject({ state: 'FAILED_TEMP', recovery: { kind: 'wait' } });
    expect(failed.problem?.detail).toContain('hypervisor failed during the copy');
    expect(again.state).toBe('ROLLED_BACK');
    expect(sut.compute.calls).toEqual(['h2', 'h1', 'h1']);
  });

  test('is held back by the kill switch where it takes a live migration', async () => {
    const sut = await arrivedBroken();
    const given = { engaged: true, reason: 'drill', by: 'operator' };
    await setKillSwitch({ ledger: sut.ledger, now: () => sut.clock.now() }, given);

    const operation = await answeredAndRun(sut, 'rollback');

    expect(operation).toMatchObject({ state: 'FAILED_TEMP', recovery: { kind: 'wait' } });
    expect(operation.problem?.detail).toContain('drill');
    expect(sut.compute.calls).toEqual(['h2']);
  });

  test.each(backPoints)(
    'by a worker killed at %s is ended by the next, with one call to Nova for the way back',
    async (diesAt) => {
      const sut = await arrivedBroken();
      await answer(sut, 'rollback');
      await sut.run(sut.id, { diesAt, limits: waiting });
      sut.clock.advance(operateLimits.leaseMs + 1);
      expect(await sut.recover()).toBe(1);

      await sut.run(sut.id, { name: 'second', limits: waiting });

      expect(await sut.operation(sut.id)).toMatchObject({ state: 'ROLLED_BACK' });
      expect(sut.compute.moves.map(({ to }) => to)).toEqual(['h2', 'h1']);
    },
  );
});

describe('fail', () => {
  test('ends the operation as it stands and frees what it had', async () => {
    const sut = await arrivedBroken();

    const operation = await answeredAndRun(sut, 'fail');

    expect(operation).toMatchObject({ state: 'FAILED', problem: { code: 'REPATH_FAILED' } });
    expect(sut.compute.server.hostId).toBe('h2');
    expect(await sut.ledger.reservation('host:h2')).toBeUndefined();
  });
});

describe('an answer', () => {
  test.each(answerKinds)(
    '(%s) to an operation that has not failed is refused, and says why',
    async (kind) => {
      const sut = await begun();

      await expect(answer(sut, kind)).rejects.toMatchObject({
        code: 'CONFLICT',
        message: `Operation ${sut.id} is STARTING: only one in FAILED_TEMP takes a ${kind}`,
      });
    },
  );

  test('given twice is taken once', async () => {
    const sut = await failedOnce();

    await answer(sut, 'fail');
    await sut.run(sut.id, { limits: waiting });
    const again = await answer(sut, 'fail');

    expect(again).toMatchObject({ state: 'FAILED', answers: [{ kind: 'fail' }] });
    await expect(answer(sut, 'rollback')).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('that comes while the worker is about to do something else is the one that counts', async () => {
    const sut = await failedOnce({ onFailure: 'wait', operatorWaitMs: 1 });
    sut.clock.advance(2);
    const read = sut.ledger.operation;
    let answered = false;
    sut.ledger.operation = async (id) => {
      const stored = await read(id);
      if (!answered && stored?.value.recovery?.kind === 'roll-back') {
        answered = true;
        await answer(sut, 'retry');
      }
      return stored;
    };

    await sut.run(sut.id, { limits: waiting });

    expect(await sut.operation(sut.id)).toMatchObject({ state: 'COMPLETED' });
  });
});

test('whatever fails, whoever answers what, and wherever workers die: it ends, frees all, and Nova has one move at a time', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('completed', 'failed', 'error'), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 9 }),
      fc.array(
        fc.record({
          answer: fc.option(fc.constantFrom(...answerKinds), { nil: null }),
          diesAt: fc.option(fc.constantFrom(...workerPoints, ...drainPoints, ...backPoints), {
            nil: null,
          }),
        }),
        { maxLength: 6 },
      ),
      fc.constantFrom('recover' as const, 'wait' as const),
      fc.constantFrom('repath' as const, 'move-back' as const, 'wait' as const),
      fc.array(fc.constantFrom('passed', 'failed'), { maxLength: 30 }),
      async (endings, repathFailures, rounds, onFailure, onBroken, probes) => {
        const sut = await begun();
        const limits = { ...waiting, onFailure, onBroken };
        sut.chains.probes.push(...probes);
        sut.compute.script(
          ...endings.map((ending) => ({ statuses: ['accepted', 'running', ending] })),
        );
        sut.chains.failures = repathFailures;
        for (const [round, { answer: kind, diesAt }] of rounds.entries()) {
          const death = diesAt === null ? {} : { diesAt };
          await sut.run(sut.id, { name: `worker-${round}`, limits, ...death });
          sut.clock.advance(operateLimits.leaseMs + 1);
          if (kind !== null) await answer(sut, kind).catch(() => undefined);
        }

        for (let left = 0; left < 3; left++) {
          await sut.run(sut.id, { name: 'last', limits });
          sut.clock.advance(600_001);
        }

        const operation = await sut.operation(sut.id);
        expect(isTerminal(operation.state)).toBe(true);
        expect(operation.problem === null).toBe(operation.state === 'COMPLETED');
        const where = operation.state === 'COMPLETED' ? 'h2' : 'h1';
        if (operation.state !== 'FAILED') expect(sut.compute.server.hostId).toBe(where);
        expect(await sut.ledger.live()).toEqual([]);
        expect([...sut.chains.open]).toEqual([]);
        for (const key of ['server:s1', 'host:h1', 'host:h2']) {
          expect(await sut.ledger.reservation(key)).toBeUndefined();
        }
        await sut.records.close();
      },
    ),
    { numRuns: 150 },
  );
});
