import { cloud } from '@sidestep/fleet/testing';
import { policies } from '@sidestep/policies';
import { silentLog } from '@sidestep/service-kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Choice,
  type Counterfactual,
  judged,
  noScore,
  scored,
  wilson,
} from '../src/domain/counterfactual.ts';
import type { Move } from '../src/domain/guardrails/moves.ts';
import { judgeChoices, scoreboard } from '../src/usecases/score-policies.ts';
import { type World, world } from './fakes/world.ts';

const horizonMs = 300_000;
const scoring = (sut: World) => ({
  ledger: sut.ledger,
  telemetry: sut.telemetry,
  log: silentLog,
  now: () => sut.clock.now(),
  horizonMs,
  overloadPercent: 90,
});
const counterfactuals = async (sut: World) =>
  (await sut.records.list<Counterfactual>('counterfactual', { limit: 100 })).items.map(
    ({ value }) => value,
  );
const byPolicy = (choices: readonly Choice[]) =>
  Object.fromEntries(choices.map((choice) => [choice.policy, choice]));

describe('what each policy would have chosen', () => {
  test('is kept for a new decision, from the list that it was made by', async () => {
    const sut = world({ mode: 'recommend', policy: 'least-risk' });
    sut.telemetry.raise('h1');

    await sut.reconcile();

    const [kept] = await counterfactuals(sut);
    const choices = byPolicy(kept?.choices ?? []);
    expect(kept).toMatchObject({ policy: 'least-risk', hostId: 'h1' });
    expect(Object.keys(choices).toSorted()).toEqual(policies.map(({ name }) => name).toSorted());
    expect(choices).toMatchObject({
      'least-risk': { serverId: 's1', to: 'h3', health: 'pending' },
      'least-cpu': { serverId: 's1', to: 'h2', health: 'pending' },
      'no-migration': { serverId: null, to: null, health: 'pending' },
    });
  });

  test('does not see the place that the decision itself has taken', async () => {
    const sut = world({ policy: 'least-cpu' });
    sut.telemetry.raise('h1');

    await sut.reconcile();

    const [kept] = await counterfactuals(sut);
    expect(byPolicy(kept?.choices ?? [])['least-cpu']).toMatchObject({ to: 'h2' });
  });

  test('is unknown for a policy whose scores nobody asked for', async () => {
    const sut = world({ mode: 'recommend', policy: 'least-cpu' });
    sut.telemetry.raise('h1');

    await sut.reconcile();

    const [kept] = await counterfactuals(sut);
    expect(byPolicy(kept?.choices ?? [])['least-risk']).toMatchObject({
      serverId: null,
      health: 'unknown',
    });
  });

  test('is kept once, however often the same is decided again', async () => {
    const sut = world({ policy: 'no-migration' });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    sut.clock.advance(10_000);
    await sut.reconcile(false);

    expect(await counterfactuals(sut)).toHaveLength(1);
  });
});

describe('once the horizon has passed', () => {
  const given = { decisionId: 'd1', hostId: 'h1', atMs: 1_000_000 };
  const choice: Choice = { policy: 'p', serverId: 's1', to: 'h2', health: 'pending' };
  const stay: Choice = { policy: 'p', serverId: null, to: null, health: 'pending' };
  const move = (over: Partial<Move>): Move => ({
    operationId: 'o1',
    decisionId: 'd1',
    serverId: 's1',
    from: 'h1',
    to: 'h2',
    purpose: 'move',
    decidedAtMs: given.atMs,
    takenAtMs: given.atMs,
    endedAtMs: given.atMs + 30_000,
    result: 'completed',
    approvedBy: null,
    ...over,
  });
  const health = (each: Choice, moves: Move[], peaks: Record<string, number | null>) =>
    judged(each, given, {
      horizonMs,
      overloadPercent: 90,
      moves,
      peaks: new Map(Object.entries(peaks)),
    }).health;

  test.each<[string, Choice, Move[], Record<string, number | null>, Choice['health']]>([
    ['a host that stayed below the threshold is healthy', choice, [], { h2: 89.9 }, 'healthy'],
    ['one that reached it is overloaded', choice, [], { h2: 90 }, 'overloaded'],
    ['one that nobody saw is unknown', choice, [], { h2: null }, 'unknown'],
    ['who would have stayed is judged by the source', stay, [], { h1: 95 }, 'overloaded'],
    [
      'an own move off the source blurs what staying had brought',
      stay,
      [move({})],
      { h1: 50 },
      'censored',
    ],
    ['the move that was chosen blurs nothing', choice, [move({})], { h2: 60 }, 'healthy'],
    [
      'another onto the same host does',
      choice,
      [move({ decisionId: 'd2', serverId: 's2', from: 'h3' })],
      { h2: 60 },
      'censored',
    ],
    [
      'one that was over before, or begun after, does not',
      choice,
      [
        move({ decisionId: 'd2', takenAtMs: 0, endedAtMs: given.atMs }),
        move({
          decisionId: 'd3',
          takenAtMs: given.atMs + horizonMs,
          endedAtMs: null,
          result: 'live',
        }),
      ],
      { h2: 60 },
      'healthy',
    ],
    [
      'one that the cloud was never asked for does not',
      choice,
      [move({ decisionId: 'd2', result: 'not-begun' })],
      { h2: 60 },
      'healthy',
    ],
  ])('%s', (_case, each, moves, peaks, expected) => {
    expect(health(each, moves, peaks)).toBe(expected);
  });

  test('choices are judged and counted, once, also by two at the same time', async () => {
    const sut = world({ mode: 'recommend', policy: 'least-risk' });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    sut.telemetry.peakOf.set('h1', 99);
    sut.clock.advance(horizonMs);
    expect(await judgeChoices(scoring(sut))).toBe(0);
    sut.clock.advance(15_000);

    await Promise.all([judgeChoices(scoring(sut)), judgeChoices(scoring(sut))]);
    expect(await judgeChoices(scoring(sut))).toBe(0);

    const board = Object.fromEntries(
      (await scoreboard(sut.ledger)).map((each) => [each.policy, each]),
    );
    expect(board['least-risk']).toMatchObject({ decisions: 1, wouldMove: 1, healthy: 1 });
    expect(board['no-migration']).toMatchObject({ decisions: 1, wouldMove: 0, overloaded: 1 });
  });

  test('while Monitoring is away nothing is judged; what is hours old stays unknown', async () => {
    const sut = world({ mode: 'recommend', policy: 'least-cpu' });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    sut.telemetry.away = true;
    sut.clock.advance(horizonMs + 15_000);
    await expect(judgeChoices(scoring(sut))).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });

    sut.clock.advance(6 * 3_600_000);
    expect(await judgeChoices(scoring(sut))).toBe(1);

    expect(
      (await scoreboard(sut.ledger)).every(({ unknown, decisions }) => unknown === decisions),
    ).toBe(true);
  });

  test('a move that was carried out leaves its own policy a result, and blurs that of staying', async () => {
    const sut = world({ policy: 'least-cpu' });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    await sut.run(sut.woken[0]?.id ?? '');
    sut.clock.advance(horizonMs + 15_000);

    await judgeChoices(scoring(sut));

    const board = Object.fromEntries(
      (await scoreboard(sut.ledger)).map((each) => [each.policy, each]),
    );
    expect(board['least-cpu']).toMatchObject({ healthy: 1, censored: 0 });
    expect(board['no-migration']).toMatchObject({ healthy: 0, censored: 1 });
  });
});

test('the interval of a rate holds the rate, and narrows with what was seen', () => {
  expect(wilson(0, 0)).toBeNull();
  expect(wilson(9, 10)).toMatchObject({ rate: 0.9 });
  expect(wilson(9, 10)?.low).toBeCloseTo(0.596, 3);
  expect(wilson(9, 10)?.high).toBeCloseTo(0.982, 3);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), fc.nat(1_000), (of, drawn) => {
      const hits = Math.min(of, drawn);
      const found = wilson(hits, of);
      const wider = wilson(hits * 10, of * 10);
      if (found === null || wider === null) throw new Error('no interval');
      expect(found.low).toBeLessThanOrEqual(found.rate + 1e-9);
      expect(found.high).toBeGreaterThanOrEqual(found.rate - 1e-9);
      expect(wider.high - wider.low).toBeLessThan(found.high - found.low);
    }),
  );
});

test('a score counts each judged choice once, under one heading', () => {
  const choices: Choice[] = (
    ['healthy', 'overloaded', 'censored', 'unknown', 'pending'] as const
  ).map((health) => ({ policy: 'p', serverId: 's', to: 'h', health }));

  expect(choices.reduce(scored, noScore('p'))).toEqual({
    policy: 'p',
    decisions: 4,
    wouldMove: 4,
    healthy: 1,
    overloaded: 1,
    censored: 1,
    unknown: 1,
  });
});

test('of a storm every policy is asked about a part: nothing waits for a figure', async () => {
  const builder = cloud();
  for (let i = 0; i < 60; i++)
    builder.host(`hot${i}`, { cpuPercent: 95 }).server(`s${i}`, { on: `hot${i}` });
  for (let i = 0; i < 60; i++) builder.host(`cool${i}`, { cpuPercent: 10 });
  const sut = world({ view: builder.build(), mode: 'recommend' });
  for (let i = 0; i < 60; i++) sut.telemetry.raise(`hot${i}`);

  await sut.reconcile();

  expect(await counterfactuals(sut)).toHaveLength(50);
});
