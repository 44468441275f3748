import { describe, expect, test } from 'vitest';
import { safeLimits } from '../src/domain/guardrails/limits.ts';
import type { Operation } from '../src/domain/operation.ts';
import { abortOperation } from '../src/usecases/abort-operation.ts';
import { setKillSwitch } from '../src/usecases/change-controls.ts';
import { operationWrite } from '../src/usecases/ledger.ts';
import type { MoveScript } from './fakes/fake-compute.ts';
import { operateLimits, type WorkerParts, type World, world } from './fakes/world.ts';

async function begun(): Promise<World> {
  const sut = world();
  sut.telemetry.raise('h1', { raisedAtMs: sut.clock.now() - 300 });
  await sut.reconcile();
  return sut;
}

async function worked(sut: World, worker?: WorkerParts) {
  await sut.run(sut.woken[0]?.id ?? 'none', worker);
  return sut.operation();
}

async function outcomeOf(sut: World) {
  const { decisionId } = await sut.operation();
  const decision = await sut.ledger.decision(decisionId);
  return decision?.value.history.at(-1);
}

test('a hot host’s largest server is moved, its chain re-pathed, and the record tells all of it', async () => {
  const sut = await begun();

  const operation = await worked(sut);

  expect(operation).toMatchObject({
    state: 'COMPLETED',
    step: 'settle',
    from: 'h1',
    to: 'h2',
    nova: { requestId: 'req-1', migrationId: 1, status: 'completed' },
    repath: { state: 'completed', hops: 1, gapMs: 700 },
    chains: [{ chainId: 'c1', before: sut.telemetry.quality, after: sut.telemetry.quality }],
    problem: null,
  });
  expect(operation.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['reserve', 'done'],
    ['precheck', 'done'],
    ['drain', 'done'],
    ['migrate', 'done'],
    ['verify', 'done'],
    ['repath', 'done'],
    ['probe', 'done'],
    ['undrain', 'done'],
    ['settle', 'done'],
  ]);
  expect(sut.compute.calls).toEqual(['h2']);
  expect(sut.counted.alarmToCallMs).toEqual([300]);
  expect(sut.counted.states).toEqual(['STARTING', 'PROCESSING', 'COMPLETED']);
  expect(await outcomeOf(sut)).toMatchObject({ state: 'executed', reason: 'COMPLETED' });
  expect(await sut.ledger.reservation('host:h2')).toBeUndefined();
  expect(await sut.ledger.standing()).toEqual([]);
});

describe('what stops no move before its call', () => {
  test('an alarm on its destination that may only recommend', async () => {
    const sut = await begun();
    sut.telemetry.raise('h2', { metric: 'forecast.failureRisk', mode: 'recommend' });

    expect((await worked(sut)).state).toBe('COMPLETED');
  });

  test('a Monitoring that is silent just then; and Placement is not asked twice within seconds', async () => {
    const sut = await begun();
    const asked = sut.places.asked.length;

    const operation = await worked(sut, {
      onPoint: (point) => {
        if (point.startsWith('precheck:')) sut.telemetry.away = point === 'precheck:before';
      },
    });

    expect(operation.state).toBe('COMPLETED');
    expect(sut.places.asked).toHaveLength(asked);
  });
});

describe('while Monitoring is silent, a plan that waited', () => {
  const silentLater = async () => {
    const sut = await begun();
    sut.clock.advance(31_000);
    sut.telemetry.away = true;
    return sut;
  };
  const held = async (sut: World) =>
    (await sut.ledger.guard.heldBack()).map(({ guardrail, reason }) => `${guardrail}: ${reason}`);

  test('waits longer than for anything else, and goes on once it is heard', async () => {
    const sut = await silentLater();
    const backAtMs = sut.clock.now() + 5 * operateLimits.patienceMs;

    const operation = await worked(sut, {
      onPause: () => {
        if (sut.clock.now() >= backAtMs) sut.telemetry.away = false;
      },
    });

    expect(operation.state).toBe('COMPLETED');
    expect(await held(sut)).toEqual([
      expect.stringMatching(
        /^plan-expiry: .* what has changed since is unknown: monitoring: no answer$/,
      ),
    ]);
  });

  test('is not carried out once it has expired, and says so', async () => {
    const sut = await silentLater();
    const decidedAtMs = sut.clock.now() - 31_000;

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'ROLLED_BACK', problem: { code: 'HELD_BACK' } });
    expect(operation.problem?.detail).toMatch(
      /the plan is 6\d\d s old, 600 s at most, and what has changed since is unknown: monitoring: no answer/,
    );
    const waitedMs = sut.clock.now() - decidedAtMs - safeLimits.planExpiryMs;
    expect(waitedMs).toBeGreaterThanOrEqual(0);
    expect(waitedMs).toBeLessThan(20_000);
    expect(sut.compute.calls).toEqual([]);
    expect(await sut.ledger.reservation('host:h2')).toBeUndefined();
  });

  test('and is begun again after Nova failed it, is stopped as soon as somebody wants that', async () => {
    const sut = await begun();
    sut.compute.script({ statuses: ['accepted', 'running', 'failed'] });
    let abortedAtMs = 0;

    const operation = await worked(sut, {
      limits: { maxMoveRetries: 1 },
      onPoint: (point) => {
        if (point !== 'migrate:after') return;
        sut.telemetry.away = true;
        sut.clock.advance(31_000);
      },
      onPause: async () => {
        const { id, step, earlierMoves } = await sut.operation();
        if (step !== 'precheck' || earlierMoves.length === 0 || abortedAtMs > 0) return;
        abortedAtMs = sut.clock.now();
        const now = () => abortedAtMs;
        await abortOperation({ ledger: sut.ledger, now }, id, { by: 'ops', reason: 'not now' });
      },
    });

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'OPERATION_ABORTED' },
      drain: { state: 'back' },
    });
    expect(sut.compute.calls).toEqual(['h2']);
    expect(abortedAtMs).toBeGreaterThan(0);
    expect(sut.clock.now() - abortedAtMs).toBeLessThan(60_000);
  });
});

describe('before the call, all is read again', () => {
  test.each<[string, (sut: World) => void, string]>([
    [
      'the server was moved by somebody',
      ({ compute }) => {
        compute.server = { ...compute.server, hostId: 'h3' };
      },
      's1 is on h3, not on h1',
    ],
    [
      'the server was stopped',
      ({ compute }) => {
        compute.server = { ...compute.server, status: 'SHUTOFF' };
      },
      's1 is SHUTOFF, not ACTIVE',
    ],
    [
      'Nova is busy with the server',
      ({ compute }) => {
        compute.server = { ...compute.server, taskState: 'rebooting' };
      },
      'Nova is busy with s1 (rebooting)',
    ],
    [
      'somebody locked the server',
      ({ compute }) => {
        compute.server = { ...compute.server, locked: true };
      },
      's1: it is locked',
    ],
    [
      'somebody pinned the server',
      ({ compute }) => {
        compute.server = { ...compute.server, tags: ['sidestep:pinned'] };
      },
      's1: its tag sidestep:pinned keeps it here',
    ],
    [
      'an alarm was raised on the destination',
      ({ telemetry }) => telemetry.raise('h2'),
      'an alarm is raised on h2',
    ],
    [
      'the plan waited, and its place is gone by Placement',
      ({ clock, places }) => {
        clock.advance(31_000);
        places.answers.set('h2', {
          kind: 'refused',
          why: 'cpu-model',
          detail: 'its CPU lacks AVX',
        });
      },
      'h2 does not take it: its CPU lacks AVX',
    ],
    [
      'the destination went down',
      ({ compute }) => {
        compute.reception = { ...compute.reception, state: 'down' };
      },
      'the compute service of h2 is down',
    ],
    [
      'the destination was disabled',
      ({ compute }) => {
        compute.reception = { ...compute.reception, status: 'disabled' };
      },
      'the compute service of h2 is disabled',
    ],
    [
      'the destination was filled up',
      ({ compute }) => {
        compute.reception = { ...compute.reception, lacking: '1024 MiB RAM needed, 512 free' };
      },
      'h2 has no room: 1024 MiB RAM needed, 512 free',
    ],
    [
      'a member of its anti-affinity group came to the destination',
      ({ compute }) => {
        compute.groups = [
          { policy: 'anti-affinity', members: [{ serverId: 's2', name: 'ips-2', hostId: 'h2' }] },
        ];
      },
      'ips-2 of its anti-affinity group is on h2',
    ],
  ])('%s: nothing is begun, and the reason stands', async (_case, change, detail) => {
    const sut = await begun();
    change(sut);

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      step: 'precheck',
      problem: { code: 'PRECHECK_FAILED', detail },
    });
    expect(sut.compute.calls).toEqual([]);
    expect(await outcomeOf(sut)).toMatchObject({ state: 'expired' });
    expect(await sut.ledger.rest('server:s1')).toBeUndefined();
  });

  test('the kill switch is read right before the call', async () => {
    const sut = await begun();

    const operation = await worked(sut, {
      onPoint: async (point) => {
        if (point !== 'precheck:after') return;
        const given = { engaged: true, reason: 'drill', by: 'operator' };
        await setKillSwitch({ ledger: sut.ledger, now: () => sut.clock.now() }, given);
      },
    });

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: {
        code: 'KILL_SWITCH',
        detail: 'Held back: kill-switch: the kill switch is engaged: drill',
      },
    });
    expect(sut.compute.calls).toEqual([]);
  });

  test('a host that another operation has for itself is not taken', async () => {
    const sut = await begun();
    const first = await sut.operation();
    await sut.ledger.records.commit([
      { kind: 'operation', id: 'other', expected: 'absent', value: { ...first, id: 'other' } },
      {
        kind: 'reservation',
        id: 'host:h2',
        expected: 'absent',
        value: { operationIds: ['other'] },
      },
    ]);

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'ROLLED_BACK', problem: { code: 'CONFLICT' } });
    expect((await sut.ledger.reservation('host:h2'))?.value.operationIds).toEqual(['other']);
  });

  test('a host that was taken before hosts had slots is not taken either', async () => {
    const sut = await begun();
    const first = await sut.operation();
    await sut.ledger.records.commit([
      { kind: 'operation', id: 'other', expected: 'absent', value: { ...first, id: 'other' } },
      { kind: 'reservation', id: 'host:h2', expected: 'absent', value: { operationId: 'other' } },
    ]);

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'ROLLED_BACK', problem: { code: 'CONFLICT' } });
  });

  test('what an operation took before hosts had slots is given back when it ends', async () => {
    const sut = await begun();
    const first = await sut.operation();
    const stored = await sut.ledger.operation(first.id);
    const reserved = { ...first, step: 'precheck' as const, steps: [] };
    const keys = ['server:s1', 'host:h1', 'host:h2'];
    const value = { operationId: first.id };
    await sut.ledger.records.commit([
      operationWrite(reserved, stored?.version ?? 'absent'),
      ...keys.map((id) => ({ kind: 'reservation', id, expected: 'absent' as const, value })),
    ]);

    expect((await worked(sut)).state).toBe('COMPLETED');

    for (const key of keys) expect(await sut.ledger.reservation(key)).toBeUndefined();
  });
});

describe('what Nova does', () => {
  test.each<[string, Partial<MoveScript>, string, string]>([
    ['refuses', { reply: 'refused' }, 'MIGRATION_FAILED', 'Compute host h2 could not be found.'],
    [
      'finds no valid host',
      {
        statuses: ['accepted', 'error'],
        events: [
          {
            event: 'conductor_live_migrate_instance',
            result: 'Error',
            details: 'No valid host was found. There are not enough hosts available.',
          },
        ],
      },
      'MIGRATION_FAILED',
      'conductor_live_migrate_instance: No valid host was found. There are not enough hosts available.',
    ],
    [
      'is refused by the destination’s pre-check',
      {
        statuses: ['accepted', 'error'],
        events: [
          { event: 'conductor_live_migrate_instance', result: 'Error', details: 'it failed' },
          {
            event: 'compute_check_can_live_migrate_destination',
            result: 'Error',
            details: 'Migration pre-check error: CPU doesn’t have compatibility.',
          },
        ],
      },
      'MIGRATION_FAILED',
      'compute_check_can_live_migrate_destination: Migration pre-check error: CPU doesn’t have compatibility.',
    ],
    [
      'loses the hypervisor during the copy, every event reading Success',
      {
        statuses: ['accepted', 'running', 'failed'],
        events: [{ event: 'compute_live_migration', result: 'Success', details: null }],
      },
      'MIGRATION_FAILED',
      "Nova's record ended as failed although every step of it reads Success: the hypervisor failed during the copy",
    ],
    [
      'is told by somebody else to stop',
      { statuses: ['accepted', 'running', 'cancelled'] },
      'MIGRATION_FAILED',
      'somebody else had Nova abort the migration',
    ],
  ])('%s: the server stays, the reason stands', async (_case, script, code, detail) => {
    const sut = await begun();
    sut.compute.script(script);

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'ROLLED_BACK', problem: { code, detail } });
    expect(sut.compute.moves.length).toBeLessThanOrEqual(1);
    expect(sut.compute.calls).toHaveLength(1);
    expect(sut.chains.asked).toEqual([]);
  });

  test('takes the call but does not answer: the migration is found and adopted', async () => {
    const sut = await begun();
    sut.compute.script({ reply: 'no-answer' });

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'COMPLETED', nova: { requestId: 'req-1' } });
    expect(sut.compute.calls).toHaveLength(1);
  });

  test('loses the call: it is made again only once its time is over', async () => {
    const sut = await begun();
    sut.compute.script({ reply: 'lost' });
    const startedAtMs = sut.clock.now();
    const callsAtMs: number[] = [];

    const operation = await worked(sut, {
      onPoint: (point) => {
        if (point === 'migrate:called') callsAtMs.push(sut.clock.now() - startedAtMs);
      },
    });

    expect(operation.state).toBe('COMPLETED');
    expect(callsAtMs).toHaveLength(2);
    expect(callsAtMs[1]).toBeGreaterThan(operateLimits.callTimeoutMs);
    expect(sut.compute.moves).toHaveLength(1);
  });

  test('loses every call: the operation gives up after a few', async () => {
    const sut = await begun();
    const lost = { reply: 'lost' } as const;
    sut.compute.script(lost, lost, lost, lost);

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'MIGRATION_FAILED' },
    });
    expect(sut.compute.calls).toHaveLength(operateLimits.maxCalls);
  });

  test('cannot be reached: the call is made as soon as it can', async () => {
    const sut = await begun();
    sut.compute.script({ reply: 'not-sent' }, { reply: 'not-sent' });

    const operation = await worked(sut);

    expect(operation.state).toBe('COMPLETED');
    expect(sut.compute.calls).toHaveLength(1);
  });

  test.each(['h3', 'h2'])(
    'moves the server to %s for somebody else: the operation is overtaken, not adopted',
    async (to) => {
      const sut = await begun();

      const operation = await worked(sut, {
        onPoint: (point) => {
          if (point === 'migrate:intent') sut.compute.foreignMove(to);
        },
      });

      expect(operation).toMatchObject({
        state: 'FAILED',
        problem: { code: 'MIGRATION_OVERTAKEN' },
      });
      expect(sut.chains.asked).toEqual([]);
    },
  );

  test('takes a lost call at last, just before it is made again: that migration is ours', async () => {
    const sut = await begun();
    sut.compute.script({ reply: 'lost' });

    const operation = await worked(sut, {
      onPoint: (point) => {
        if (point === 'migrate:intent' && sut.compute.calls.length === 1) {
          sut.compute.foreignMove('h2');
        }
      },
    });

    expect(operation).toMatchObject({ state: 'COMPLETED', nova: { requestId: 'req-1' } });
    expect(sut.compute.moves).toHaveLength(1);
  });

  test('goes away while it copies: its record is read when it is back', async () => {
    const sut = await begun();
    let pauses = 0;

    const operation = await worked(sut, {
      onPause: () => {
        pauses += 1;
        sut.compute.away = pauses > 2 && pauses < 60;
      },
    });

    expect(operation.state).toBe('COMPLETED');
  });

  test('is away before the call for longer than our patience: nothing is begun', async () => {
    const sut = await begun();
    sut.compute.away = true;

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      step: 'precheck',
      problem: { code: 'UPSTREAM_TIMEOUT', detail: 'nova: no answer' },
    });
  });

  test('hangs: it is asked to abort at the time limit, and the operation says so', async () => {
    const sut = await begun();
    sut.compute.script({ statuses: ['accepted', ...Array(2_000).fill('running')] });

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'MIGRATION_TIMEOUT' },
    });
    expect(sut.compute.aborts).toEqual([1]);
  });

  test.each([
    ['an evacuation, whose source is dead', 'evacuate', 'h1', 'COMPLETED'],
    ['an evacuation whose destination dies', 'evacuate', 'h2', 'FAILED'],
    ['a live migration whose source dies', 'live-migration', 'h1', 'FAILED'],
  ] as const)('takes long for %s: that ends as it should', async (_case, kind, dead, state) => {
    const sut = await begun();
    sut.compute.script({ statuses: ['accepted', ...Array(60).fill('running'), 'completed'] });

    const operation = await worked(sut, {
      onPoint: async (point, id) => {
        // By then it was asked for; whether a host is dead for certain is another test's.
        if (point !== 'migrate:called') return;
        const stored = await sut.ledger.operation(id);
        if (stored === undefined) throw new Error('it is gone');
        const changed: Operation = { ...stored.value, kind };
        await sut.records.commit([operationWrite(changed, stored.version)]);
        sut.hosts.set(dead, { state: 'down' });
      },
      limits: { abortTimeoutMs: 5_000 },
    });

    expect(operation.state).toBe(state);
    expect(sut.compute.calls).toHaveLength(1);
  });

  test('reports it completed, but a port stays behind: verification fails within its time', async () => {
    const sut = await begun();
    Object.defineProperty(sut.compute, 'portHost', { get: () => 'h1', set: () => undefined });

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'FAILED',
      step: 'verify',
      problem: { code: 'VERIFICATION_FAILED' },
    });
    expect(operation.problem?.detail).toContain('ports are bound to h1');
  });

  test('calls it failed although the server arrived: the chain is re-pathed all the same', async () => {
    const sut = await begun();
    sut.compute.script({ statuses: ['accepted', 'running', 'error'] });

    const operation = await worked(sut, {
      onPoint: (point) => {
        if (point !== 'migrate:after') return;
        sut.compute.server = { ...sut.compute.server, hostId: 'h2' };
        sut.compute.portHost = 'h2';
      },
    });

    expect(operation).toMatchObject({ state: 'COMPLETED', repath: { state: 'completed' } });
  });
});

describe('an abort', () => {
  const abort = (sut: World) =>
    abortOperation({ ledger: sut.ledger, now: () => sut.clock.now() }, sut.woken[0]?.id ?? 'none', {
      by: 'ann',
      reason: 'maintenance',
    });

  test('before the call keeps it from being made', async () => {
    const sut = await begun();
    await abort(sut);

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'OPERATION_ABORTED' },
    });
    expect(sut.compute.calls).toEqual([]);
  });

  test('between intent and call keeps it from being made', async () => {
    const sut = await begun();

    const operation = await worked(sut, {
      onPoint: async (point) => {
        if (point === 'migrate:before') await abort(sut);
      },
    });

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'OPERATION_ABORTED' },
    });
    expect(sut.compute.calls).toEqual([]);
  });

  test('while Nova copies is passed on to Nova', async () => {
    const sut = await begun();
    sut.compute.script({ statuses: ['accepted', ...Array(50).fill('running'), 'completed'] });
    let pauses = 0;

    const operation = await worked(sut, {
      onPause: async () => {
        pauses += 1;
        if (pauses === 5) await abort(sut);
      },
    });

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      nova: { status: 'cancelled' },
      problem: { code: 'OPERATION_ABORTED' },
    });
    expect(operation.problem?.detail).toContain('ann');
    expect(sut.compute.server).toMatchObject({ hostId: 'h1', status: 'ACTIVE' });
  });

  test('once the server has moved is refused', async () => {
    const sut = await begun();
    await worked(sut);

    await expect(abort(sut)).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('the chains', () => {
  test('a re-path that fails is tried again, within bounds', async () => {
    const sut = await begun();
    sut.chains.failures = 2;

    const operation = await worked(sut);

    expect(operation).toMatchObject({ state: 'COMPLETED', retries: 2, problem: null });
    expect(new Set(sut.chains.asked)).toEqual(new Set([operation.id]));
    expect(operation.steps.filter(({ name }) => name === 'repath')).toHaveLength(3);
  });

  test('a chain that can’t be made whole fails the operation, and says so', async () => {
    const sut = await begun();
    sut.chains.failures = 99;

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'FAILED',
      step: 'repath',
      repath: { state: 'failed' },
      problem: { code: 'REPATH_FAILED', detail: 'nfvo: Neutron answered 500' },
    });
    expect(sut.chains.asked).toHaveLength(1 + operateLimits.maxRepathRetries);
    expect(await outcomeOf(sut)).toMatchObject({ state: 'executed' });
  });

  test.each([
    [{ kind: 'not-needed' } as const, 'not-needed'],
    [{ kind: 'not-available', detail: 'no networking-sfc' } as const, 'not-available'],
  ])('where there is nothing to re-path (%o) the move is complete', async (outcome, state) => {
    const sut = await begun();
    sut.chains.outcome = outcome;

    expect(await worked(sut)).toMatchObject({ state: 'COMPLETED', repath: { state } });
  });

  test('a figure that can’t be read fails nothing', async () => {
    const sut = await begun();
    sut.telemetry.away = true;

    const operation = await worked(sut);

    expect(operation).toMatchObject({
      state: 'COMPLETED',
      chains: [{ chainId: 'c1', before: null, during: null, after: null }],
    });
  });

  test('before, during and after are parted by the call and the end of the re-path', async () => {
    const sut = await begun();

    const operation = await worked(sut);

    const calledMs = operation.nova?.requestedAtMs ?? 0;
    const repath = operation.steps.find(({ name }) => name === 'repath');
    const wholeMs = repath?.endedAtMs ?? 0;
    expect(sut.telemetry.spans).toEqual([
      [calledMs - operateLimits.settleMs, calledMs],
      [calledMs, wholeMs],
      [wholeMs, wholeMs + operateLimits.settleMs],
    ]);
  });
});
