import { describe, expect, test } from 'vitest';
import { abortOperation } from '../src/usecases/abort-operation.ts';
import { operationWrite } from '../src/usecases/ledger.ts';
import type { OperateLimits } from '../src/usecases/operate/step.ts';
import { operateLimits, type WorkerParts, type World, world } from './fakes/world.ts';

async function begun(): Promise<World> {
  const sut = world();
  sut.telemetry.raise('h1');
  await sut.reconcile();
  return sut;
}

async function worked(sut: World, limits: Partial<OperateLimits> = {}, worker: WorkerParts = {}) {
  await sut.run(sut.woken[0]?.id ?? 'none', { ...worker, limits });
  return sut.operation();
}

const stepOf = async (sut: World, name: string) =>
  (await sut.operation()).steps.findLast((step) => step.name === name);

describe('a drain', () => {
  test('takes a server out of its stateless hop before the call, and it is back after the re-path', async () => {
    const sut = await begun();
    let openAtCall = 0;

    const operation = await worked(
      sut,
      {},
      {
        onPoint: (point) => {
          if (point === 'migrate:called') openAtCall = sut.chains.open.size;
        },
      },
    );

    expect(openAtCall).toBe(1);
    expect(operation.drain).toMatchObject({ state: 'back', hops: 1 });
    expect(operation.steps.find(({ name }) => name === 'undrain')).toMatchObject({
      outcome: 'done',
    });
    expect([...sut.chains.open]).toEqual([]);
  });

  test('is left out where no hop may lose the server, with the reason', async () => {
    const sut = await begun();
    sut.chains.stateless = { kind: 'no', why: 'none of its hops is stateless' };

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'COMPLETED', drain: { state: 'none' } });
    expect(await stepOf(sut, 'drain')).toMatchObject({
      outcome: 'skipped',
      detail: 'none of its hops is stateless',
    });
    expect(sut.chains.drained).toEqual([]);
  });

  test('that cannot be looked into holds no move up', async () => {
    const sut = await begun();
    sut.chains.away = true;

    await worked(
      sut,
      {},
      {
        onPoint: (point) => {
          if (point === 'migrate:called') sut.chains.away = false;
        },
      },
    );

    expect(await sut.operation()).toMatchObject({ state: 'COMPLETED' });
    expect(await stepOf(sut, 'drain')).toMatchObject({
      outcome: 'skipped',
      detail: 'NFVO does not tell whether a hop may lose it: nfvo: no answer',
    });
  });

  test.each(['failed', 'error'])('is taken back where the migration ends as %s', async (ending) => {
    const sut = await begun();
    sut.compute.script({ statuses: ['accepted', 'running', ending] });

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'ROLLED_BACK', drain: { state: 'back' } });
    expect([...sut.chains.open]).toEqual([]);
  });

  test('is taken back where the move is stopped before the call', async () => {
    const sut = await begun();

    const operation = await worked(
      sut,
      {},
      {
        onPoint: async (point, id) => {
          if (point !== 'drain:after') return;
          const needs = { ledger: sut.ledger, now: () => sut.clock.now() };
          await abortOperation(needs, id, { by: 'ann', reason: 'maintenance' });
        },
      },
    );

    expect(operation).toMatchObject({ state: 'ROLLED_BACK', drain: { state: 'back' } });
    expect(sut.compute.calls).toEqual([]);
    expect([...sut.chains.open]).toEqual([]);
  });

  test('that cannot be taken back is waited for, and then said', async () => {
    const sut = await begun();
    sut.compute.script({ statuses: ['accepted', 'running', 'failed'] });

    const operation = await worked(
      sut,
      {},
      {
        onPoint: (point) => {
          if (point === 'migrate:called') sut.chains.away = true;
        },
      },
    );

    expect(operation).toMatchObject({ state: 'FAILED', drain: { state: 'stuck' } });
    expect(operation.problem?.detail).toContain('the server is not back in its hops');
  });
});

describe('a probe', () => {
  test('that passes at last, within its time, is enough', async () => {
    const sut = await begun();
    sut.chains.probes.push('failed', 'failed');

    expect(await worked(sut)).toMatchObject({ state: 'COMPLETED', repathRounds: 0 });
    expect(await stepOf(sut, 'probe')).toMatchObject({
      outcome: 'done',
      detail: 'c1 passed: HTTP 200 in 12 ms',
    });
  });

  test('that is not configured is said so', async () => {
    const sut = await begun();
    sut.chains.probes.push('none');

    await worked(sut);

    expect(await stepOf(sut, 'probe')).toMatchObject({
      outcome: 'skipped',
      detail: 'c1 none: HTTP 200 in 12 ms',
    });
  });

  /** So many probes fail as are made in one try. */
  const tries = operateLimits.probeTimeoutMs / operateLimits.pollMs + 1;

  test('that fails has the hops rendered anew', async () => {
    const sut = await begun();
    sut.chains.probes.push(...Array(tries).fill('failed'));

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'COMPLETED', repathRounds: 1, problem: null });
    expect(sut.chains.asked).toEqual([operation.id, `${operation.id}-1`]);
  });

  test('that fails however often the hops are rendered, moves the server back, where the rule says so', async () => {
    const sut = await begun();
    sut.chains.probes.push(...Array(9 * tries).fill('failed'));

    const operation = await worked(sut, { onBroken: 'move-back' });

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      repathRounds: operateLimits.maxCompensations,
      back: { by: 'sidestep' },
      problem: { code: 'VERIFICATION_FAILED' },
    });
    expect(operation.back?.reason).toContain('c1 failed');
    expect(sut.compute.calls).toEqual(['h2', 'h1']);
    expect(sut.compute.server.hostId).toBe('h1');
    expect([...sut.chains.open]).toEqual([]);
  });

  test('that fails, with no other rule, asks an operator', async () => {
    const sut = await begun();
    sut.chains.probes.push(...Array(9 * tries).fill('failed'));

    const operation = await worked(sut, { operatorWaitMs: 60_000 });

    expect(operation).toMatchObject({
      state: 'FAILED_TEMP',
      recovery: { kind: 'wait', otherwise: 'fail' },
    });
    expect(sut.compute.calls).toEqual(['h2']);
  });
});

describe('a server that is not what Nova says of it', () => {
  test('is moved back where the rule says so, and no hop is rendered for it before', async () => {
    const sut = await begun();
    let there = true;
    Object.defineProperty(sut.compute, 'portHost', {
      get: () => 'h1',
      set: () => {
        there = false;
      },
    });

    const operation = await worked(sut, { onBroken: 'move-back' });

    expect(there).toBe(false);
    expect(operation).toMatchObject({ state: 'ROLLED_BACK', back: { by: 'sidestep' } });
    expect(sut.chains.asked).toEqual([`${operation.id}-back`]);
  });
});

describe('while it settles', () => {
  test('the source’s relief and the destination’s load are measured, and kept', async () => {
    const sut = await begun();

    const operation = await worked(
      sut,
      {},
      {
        onPoint: (point) => {
          if (point !== 'settle:before') return;
          const { view } = sut.telemetry;
          const cpu: Record<string, number> = { h1: 40, h2: 65 };
          const before = sut.telemetry.means;
          const calledMs = view.atMs + 1;
          sut.telemetry.means = async (metric, resources, fromMs, toMs) =>
            metric === 'host.cpuPercent' && toMs > calledMs + operateLimits.settleMs
              ? new Map(resources.map((id) => [id, cpu[id] ?? null]))
              : before(metric, resources, fromMs, toMs);
        },
      },
    );

    expect(operation.effects).toMatchObject({
      source: { cpuPercentBefore: 95, cpuPercentAfter: 40 },
      destination: { cpuPercentBefore: 20, cpuPercentAfter: 65 },
      sourceReliefPercent: 55,
      destinationRisePercent: 45,
      serverMetrics: 'flowing',
    });
    const { measuredFromMs = 0, measuredToMs = 0 } = operation.effects ?? {};
    expect(measuredToMs - measuredFromMs).toBe(operateLimits.settleMs);
  });

  test('the metrics of a server that reports under its name are seen to flow', async () => {
    const sut = await begun();
    const stored = await sut.ledger.operation((await sut.operation()).id);
    if (stored === undefined) throw new Error('no operation');
    const named = { ...stored.value, serverName: 'fw-1' };
    await sut.records.commit([operationWrite(named, stored.version)]);
    sut.telemetry.means = async (metric, resources) =>
      new Map(
        resources.map((id) => [id, metric === 'host.cpuPercent' || id === 'fw-1' ? 7 : null]),
      );

    const operation = await worked(sut);

    expect(operation.effects).toMatchObject({ serverMetrics: 'flowing' });
  });

  test('a server whose metrics have stopped is told of, and fails nothing', async () => {
    const sut = await begun();
    sut.telemetry.view = { ...sut.telemetry.view, servers: [] };

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'COMPLETED',
      effects: { serverMetrics: 'silent' },
    });
    expect((await stepOf(sut, 'settle'))?.detail).toContain('no metric of the server has come');
  });
});
