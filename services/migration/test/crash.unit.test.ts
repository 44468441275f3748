import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isTerminal } from '../src/domain/operation.ts';
import { abortIfNotBegun } from '../src/usecases/abort-operation.ts';
import { drainPoints, workerPoints } from '../src/usecases/operate/step.ts';
import { operateLimits, type World, world } from './fakes/world.ts';

/** `./sidestep test chaos` asks for thousands. */
const interleavings = Number(process.env.SIDESTEP_CHAOS_INTERLEAVINGS ?? '150');

async function begun(): Promise<World & { id: string }> {
  const sut = world();
  sut.telemetry.raise('h1');
  await sut.reconcile();
  return { ...sut, id: sut.woken[0]?.id ?? 'none' };
}

/** The dead worker's lease runs out, and what has no worker is woken. */
async function taken(sut: World): Promise<number> {
  sut.clock.advance(operateLimits.leaseMs + 1);
  return sut.recover();
}

describe.each([...workerPoints, ...drainPoints])('a worker killed at %s', (diesAt) => {
  test('is followed by one that ends the operation, with one migration and one call in all', async () => {
    const sut = await begun();
    await sut.run(sut.id, { diesAt });
    expect(isTerminal((await sut.operation(sut.id)).state)).toBe(false);

    expect(await sut.recover()).toBe(0);
    expect(await taken(sut)).toBe(1);
    await sut.run(sut.id, { name: 'second' });

    const operation = await sut.operation(sut.id);
    expect(operation).toMatchObject({ state: 'COMPLETED', attempt: 2, problem: null });
    expect(sut.compute.calls).toEqual(['h2']);
    expect(sut.compute.moves).toHaveLength(1);
    expect(await sut.ledger.reservation('server:s1')).toBeUndefined();
    expect(sut.chains.drained).toHaveLength(1);
    expect([...sut.chains.open]).toEqual([]);
    expect((await sut.ledger.decision(operation.decisionId))?.value.state).toBe('executed');
  });
});

test('a worker that was held up between intent and call does not call once another has taken over', async () => {
  const sut = await begun();
  const heldUp = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const first = sut.run(sut.id, {
    onPoint: async (point) => {
      if (point !== 'migrate:intent') return;
      reached.resolve();
      await heldUp.promise;
    },
  });
  await reached.promise;

  await taken(sut);
  await sut.run(sut.id, { name: 'second' });
  heldUp.resolve();
  await first;

  expect(sut.compute.calls).toEqual(['h2']);
  expect((await sut.operation(sut.id)).state).toBe('COMPLETED');
});

test('two workers with the same job: one works, the other leaves it', async () => {
  const sut = await begun();

  await Promise.all([sut.run(sut.id), sut.run(sut.id, { name: 'second' })]);
  await sut.run(sut.id, { name: 'late' });

  expect(sut.compute.calls).toEqual(['h2']);
  expect((await sut.operation(sut.id)).state).toBe('COMPLETED');
});

test('whatever happens where, an operation ends, nothing stays reserved, and Nova moves once at most', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...workerPoints, ...drainPoints), { maxLength: 5 }),
      fc.constantFrom('accepted', 'no-answer', 'lost', 'not-sent', 'refused'),
      fc.constantFrom('completed', 'failed', 'error'),
      fc.option(fc.integer({ min: 0, max: 4 }), { nil: null }),
      fc.integer({ min: 0, max: 6 }),
      async (deaths, reply, ending, abortedAfter, repathFailures) => {
        const sut = await begun();
        sut.compute.script({ reply, statuses: ['accepted', 'running', ending] });
        sut.chains.failures = repathFailures;
        for (const [round, diesAt] of deaths.entries()) {
          await sut.run(sut.id, { name: `worker-${round}`, diesAt });
          if (round === abortedAfter) await abortIfPossible(sut);
          await taken(sut);
        }

        await sut.run(sut.id, { name: 'last' });

        const operation = await sut.operation(sut.id);
        expect(['COMPLETED', 'FAILED', 'ROLLED_BACK']).toContain(operation.state);
        expect(operation.endedAtMs).not.toBeNull();
        expect(operation.problem === null).toBe(operation.state === 'COMPLETED');
        expect(sut.compute.moves.length).toBeLessThanOrEqual(1);
        for (const key of ['server:s1', 'host:h1', 'host:h2']) {
          expect(await sut.ledger.reservation(key)).toBeUndefined();
        }
        expect(await sut.ledger.live()).toEqual([]);
        expect([...sut.chains.open]).toEqual([]);
        expect(await sut.ledger.standing()).toEqual([]);
        await sut.records.close();
      },
    ),
    { numRuns: interleavings, endOnFailure: true },
  );
}, 900_000);

async function abortIfPossible(sut: World & { id: string }): Promise<void> {
  await abortIfNotBegun({ ledger: sut.ledger, now: () => sut.clock.now() }, sut.id, 'a test');
}
