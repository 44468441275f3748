import { cloud } from '@sidestep/fleet/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeLimits } from '../src/domain/guardrails/limits.ts';
import type { Move } from '../src/domain/guardrails/moves.ts';
import { replay } from '../src/domain/guardrails/replay.ts';
import { approveDecision } from '../src/usecases/answer-decision.ts';
import { setKillSwitch } from '../src/usecases/change-controls.ts';
import {
  changeGuardrails,
  closeBreaker,
  declareWindow,
} from '../src/usecases/change-guardrails.ts';
import { moveWrite } from '../src/usecases/guard-ledger.ts';
import { end } from './fakes/end-move.ts';
import { decideLimits, operateLimits, type World, wideLimits, world } from './fakes/world.ts';

const hour = 3_600_000;
const controls = (sut: World) => ({ ledger: sut.ledger, now: () => sut.clock.now() });
const answers = (sut: World) => ({
  ...controls(sut),
  meters: sut.reconcileOptions().meters,
  limits: decideLimits,
  wake: sut.reconcileOptions().wake,
});
const newest = async (sut: World) => (await sut.ledger.decisions({}, { limit: 1 })).items[0]?.value;
const allMoves = async (sut: World) =>
  (await sut.records.list<Move>('move', { limit: 1_000, order: 'oldest' })).items.map(
    ({ value }) => value,
  );

/** Three hosts, two servers a host; what is hot is said by alarms. */
function fleet(mode: 'auto' | 'recommend'): World {
  const builder = cloud();
  for (let i = 0; i < 4; i++) {
    builder.host(`h${i}`, { cpuPercent: 95 - i }).server(`a${i}`, { on: `h${i}` });
    builder.server(`b${i}`, { on: `h${i}` });
  }
  return world({ view: builder.build(), mode, policy: 'random' });
}

describe('in auto', () => {
  test('what a guardrail holds back is a stay that says why, and is noted once', async () => {
    const sut = world();
    await declareWindow(controls(sut), {
      hostId: 'h1',
      reason: 'firmware',
      by: 'ann',
      times: { kind: 'once', fromMs: sut.clock.now(), untilMs: sut.clock.now() + hour },
    });
    sut.telemetry.raise('h1');

    await sut.reconcile();
    sut.clock.advance(10_000);
    await sut.reconcile(false);

    expect(sut.woken).toEqual([]);
    expect(await newest(sut)).toMatchObject({
      state: 'stay',
      stayReason: 'held-back',
      serverId: null,
      heldBack: { serverId: 's1', destinationHostId: 'h2' },
    });
    expect(
      (await newest(sut))?.guardrails.find(({ result }) => result !== 'allowed'),
    ).toMatchObject({
      guardrail: 'maintenance-window',
      reason: 'maintenance of h1: firmware',
    });
    expect(await sut.ledger.guard.heldBack()).toMatchObject([
      { guardrail: 'maintenance-window', serverId: 's1', from: 'h1', to: 'h2', times: 2 },
    ]);

    sut.clock.advance(hour);
    await sut.reconcile(false);
    expect(sut.woken).toHaveLength(1);
  });

  test('back to a host that it left waits for somebody, who may approve it', async () => {
    const sut = world({ guardrails: { ...wideLimits, cycle: safeLimits.cycle } });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    await end(sut, sut.woken[0]?.id ?? '', 'completed');
    sut.telemetry.clear('h1');
    sut.telemetry.view = {
      ...sut.telemetry.view,
      hosts: sut.telemetry.view.hosts.map((host) =>
        host.id === 'h1' ? { ...host, cpuPercent: 5 } : { ...host, cpuPercent: 95 },
      ),
    };
    sut.telemetry.raise('h2');
    sut.clock.advance(hour);

    await sut.reconcile();
    await sut.reconcile(false);

    const waiting = await newest(sut);
    expect(waiting).toMatchObject({ state: 'proposed', hostId: 'h2', destinationHostId: 'h1' });
    expect(sut.woken).toHaveLength(1);
    await approveDecision(answers(sut), waiting?.id ?? '', 'ann');
    expect(sut.woken).toHaveLength(2);
    expect((await allMoves(sut)).at(-1)).toMatchObject({ approvedBy: 'ann' });
  });

  test('a host whose budget is spent is passed over for the next best', async () => {
    const limits = {
      ...wideLimits,
      budgets: { ...wideLimits.budgets, hostIn: { perHour: 1, burst: 1 } },
    };
    const view = cloud()
      .host('h1', { cpuPercent: 95 })
      .server('s1', { on: 'h1' })
      .host('h2', { cpuPercent: 94 })
      .server('s2', { on: 'h2' })
      .host('h3', { cpuPercent: 10 })
      .host('h4', { cpuPercent: 20 })
      .build();
    const sut = world({ view, guardrails: limits });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    await end(sut, sut.woken[0]?.id ?? '', 'completed');
    sut.telemetry.clear('h1');
    sut.telemetry.raise('h2');

    await sut.reconcile();

    expect(sut.woken.map(({ to }) => to)).toEqual(['h3', 'h4']);
    expect((await newest(sut))?.rejected).toContainEqual({
      hostId: 'h3',
      why: 'reserved',
      detail: 'its budget of moves onto it is spent',
    });
  });
});

describe('right before the call', () => {
  const begun = async () => {
    const sut = world();
    sut.telemetry.raise('h1');
    await sut.reconcile();
    return { sut, id: sut.woken[0]?.id ?? '' };
  };

  test.each<[string, (sut: World) => Promise<unknown> | unknown]>([
    [
      'maintenance-window',
      (sut) =>
        declareWindow(controls(sut), {
          hostId: null,
          reason: 'freeze',
          by: 'ann',
          times: { kind: 'once', fromMs: sut.clock.now(), untilMs: sut.clock.now() + hour },
        }),
    ],
    ['plan-expiry', (sut) => sut.clock.advance(safeLimits.planExpiryMs)],
  ])(
    '%s is asked again: the move is not begun and its place is given back',
    async (guardrail, change) => {
      const { sut, id } = await begun();
      await change(sut);

      await sut.run(id);

      expect(await sut.operation(id)).toMatchObject({
        state: 'ROLLED_BACK',
        problem: { code: 'HELD_BACK', detail: expect.stringContaining(guardrail) },
      });
      expect(sut.compute.calls).toEqual([]);
      expect(await allMoves(sut)).toMatchObject([{ result: 'not-begun' }]);
      expect(await sut.ledger.guard.heldBack()).toMatchObject([{ guardrail, serverId: 's1' }]);
    },
  );

  test('limits that were lowered meanwhile hold', async () => {
    const { sut, id } = await begun();
    await changeGuardrails(
      controls(sut),
      { ...safeLimits, budgets: { ...safeLimits.budgets, cluster: { perHour: 1, burst: 1 } } },
      'ann',
    );

    await sut.run(id);

    expect(await sut.operation(id)).toMatchObject({ state: 'COMPLETED' });
    expect(await allMoves(sut)).toMatchObject([{ result: 'completed', serverId: 's1' }]);
  });
});

test('failures open the breaker for everybody, and an operator closes it', async () => {
  const sut = world({ guardrails: { ...wideLimits, breaker: safeLimits.breaker } });
  sut.telemetry.raise('h1');
  for (let i = 0; i < 2; i++) {
    sut.compute.script({ reply: 'accepted', statuses: ['accepted', 'error'] });
    await sut.reconcile();
    await sut.run(sut.woken.at(-1)?.id ?? '');
    sut.clock.advance(operateLimits.hostRestMs);
  }
  await sut.reconcile();
  expect(sut.woken).toHaveLength(2);
  expect(await newest(sut)).toMatchObject({ stayReason: 'held-back' });

  await closeBreaker(controls(sut), { by: 'ann', reason: 'mended' });
  await sut.reconcile();

  expect(sut.woken).toHaveLength(3);
});

test('what is too old to matter is forgotten, what is live is not', async () => {
  const sut = world();
  sut.telemetry.raise('h1');
  await sut.reconcile();
  const [live] = await allMoves(sut);
  if (live === undefined) throw new Error('no move');
  const old = {
    ...live,
    operationId: 'old',
    result: 'completed' as const,
    endedAtMs: sut.clock.now(),
  };
  await sut.records.commit([moveWrite(old, 'absent')]);

  sut.clock.advance(8 * 24 * hour);
  await sut.ledger.guard.prune(sut.clock.now());

  expect((await allMoves(sut)).map(({ operationId }) => operationId)).toEqual([live.operationId]);
});

test('two ledgers of the same records recall the same moves, whenever each looked before', async () => {
  const sut = world();
  const entry = (i: number, over: Partial<Move> = {}): Move => ({
    operationId: `o${i}`,
    decisionId: `d${i}`,
    serverId: 's1',
    from: 'h1',
    to: 'h2',
    purpose: 'move',
    decidedAtMs: sut.clock.now(),
    takenAtMs: sut.clock.now(),
    endedAtMs: sut.clock.now(),
    result: 'completed',
    approvedBy: null,
    ...over,
  });
  const known = async () => (await sut.ledger.guard.facts(sut.clock.now())).moves;
  const live = entry(250, { endedAtMs: null, result: 'live' });
  for (let i = 0; i < 250; i++) await sut.records.commit([moveWrite(entry(i), 'absent')]);
  await sut.records.commit([moveWrite(live, 'absent')]);
  expect(await known()).toHaveLength(251);
  for (let i = 251; i < 500; i++) await sut.records.commit([moveWrite(entry(i), 'absent')]);
  await sut.records.commit([
    moveWrite({ ...live, result: 'failed', endedAtMs: sut.clock.now() }, 1),
  ]);

  const again = await known();

  expect(again).toHaveLength(500);
  expect(again.filter(({ result }) => result === 'live')).toEqual([]);
  expect(new Set(again.map(({ operationId }) => operationId)).size).toBe(500);
});

test('no sequence of alarms, approvals, failures and switches breaks any guardrail', async () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('raise'), which: fc.nat(3) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('clear'), which: fc.nat(3) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('approve'), which: fc.nat(9) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('end'), which: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('fail'), which: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('give up'), which: fc.nat(9) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('switch'), which: fc.nat(1) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('wait'), which: fc.nat(90) }) },
  );
  let moved = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('auto' as const, 'recommend' as const),
      fc.array(step, { minLength: 20, maxLength: 60 }),
      async (mode, steps) => {
        const sut = fleet(mode);
        const engaged: { fromMs: number; untilMs: number | null }[] = [];
        for (const { do: what, which } of steps) {
          // What happens at one moment has no order that a record could tell.
          sut.clock.advance(1);
          const live = (await sut.ledger.live()).map(({ id }) => id);
          const id = live[which % Math.max(1, live.length)];
          if (what === 'raise') sut.telemetry.raise(`h${which}`, { id: `x${which}` });
          if (what === 'clear') sut.telemetry.clear(`h${which}`);
          if (what === 'wait') sut.clock.advance(which * 60_000 + 1);
          if (what === 'end' && id !== undefined) await end(sut, id, 'completed');
          if (what === 'fail' && id !== undefined) await end(sut, id, 'failed');
          if (what === 'give up' && id !== undefined) await end(sut, id, 'not-begun');
          if (what === 'switch') {
            const last = engaged.at(-1);
            if (last !== undefined) last.untilMs ??= sut.clock.now();
            if (which === 1) engaged.push({ fromMs: sut.clock.now(), untilMs: null });
            await setKillSwitch(controls(sut), {
              engaged: which === 1,
              reason: 'drill',
              by: 'ann',
            });
          }
          if (what === 'approve') {
            const open = await sut.ledger.decisions({ state: 'proposed' }, { limit: 10 });
            const chosen = open.items[which % Math.max(1, open.items.length)];
            if (chosen !== undefined) {
              await approveDecision(answers(sut), chosen.id, 'ann').catch(() => undefined);
            }
          }
          await Promise.all([sut.reconcile(), sut.reconcile(false)]);
        }

        const moves = await allMoves(sut);
        moved += moves.length;
        expect(replay({ moves, limits: safeLimits, killSwitch: engaged })).toEqual([]);
        await sut.records.close();
      },
    ),
    { numRuns: 60 },
  );
  expect(moved).toBeGreaterThan(100);
});
