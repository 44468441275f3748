import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog, update } from '@sidestep/service-kit';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { headFile } from '../src/adapters/files/head-file.ts';
import type { Decision } from '../src/domain/decision.ts';
import { canonicalJson, type DecisionEvent } from '../src/domain/decision-chain.ts';
import { vetoDecision } from '../src/usecases/answer-decision.ts';
import { chainHead, eventId } from '../src/usecases/chained-records.ts';
import { headTeller } from '../src/usecases/export-head.ts';
import { forgetOldDecisions } from '../src/usecases/keep-decisions.ts';
import { decisionWrite } from '../src/usecases/ledger.ts';
import { verifyDecisions } from '../src/usecases/verify-decisions.ts';
import { decideLimits, type World, wideLimits, world } from './fakes/world.ts';

const whole = { from: 1, limit: 10_000 };
const verified = (sut: World) => verifyDecisions(sut.ledger.records, whole);
const decisions = async (sut: World) =>
  (await sut.ledger.decisions({}, { limit: 100 })).items.map(({ value }) => value);
const events = async (sut: World) =>
  (
    await sut.records.list<DecisionEvent>('decision-event', { order: 'oldest', limit: 1_000 })
  ).items.map(({ value }) => value);
const answers = (sut: World) => ({
  ledger: sut.ledger,
  meters: sut.reconcileOptions().meters,
  now: () => sut.clock.now(),
  limits: decideLimits,
  wake: sut.reconcileOptions().wake,
});

/** One move carried out to its end. */
async function moved(): Promise<World> {
  const sut = world();
  sut.telemetry.raise('h1');
  await sut.reconcile();
  await sut.run(sut.woken[0]?.id ?? '');
  return sut;
}

/** Writes past the chain, as whoever has the file open could. */
const tamper = (sut: World, id: string, change: (decision: Decision) => Decision) =>
  update<Decision>(sut.records, 'decision', id, (decision) => {
    if (decision === undefined) throw new Error(`no decision ${id}`);
    const { value, keys = {} } = decisionWrite(change(decision), 'absent');
    return { value: value as Decision, keys };
  });

describe('every decision is told of in the chain', () => {
  test('when it is made, when it is answered, and when its operation has ended', async () => {
    const sut = await moved();

    expect((await events(sut)).map(({ sequence, kind }) => [sequence, kind])).toEqual([
      [1, 'made'],
      [2, 'outcome'],
    ]);
    expect(await verified(sut)).toMatchObject({
      fromSequence: 1,
      toSequence: 2,
      faults: [],
      nextFrom: null,
    });
  });

  test('a stay too; that it is decided again and again tells nothing new, and rewrites nothing', async () => {
    const sut = world({ policy: 'no-migration' });
    sut.telemetry.raise('h1');
    for (let i = 0; i < 3; i++) {
      await sut.reconcile();
      sut.clock.advance(10_000);
    }

    expect(await decisions(sut)).toMatchObject([{ state: 'stay', looks: 3 }]);
    expect(await events(sut)).toMatchObject([{ kind: 'made' }]);
    expect((await verified(sut)).faults).toEqual([]);

    sut.clock.advance(600_000);
    await sut.reconcile(false);
    expect((await decisions(sut)).map(({ looks }) => looks)).toEqual([1, 3]);
  });

  test('with policy, parameters, model, guardrails, and what the move was expected to do and did', async () => {
    const sut = world({ policy: 'least-risk' });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    await sut.run(sut.woken[0]?.id ?? '');

    const [decision] = await decisions(sut);
    expect(decision).toMatchObject({
      policy: 'least-risk',
      policyVersion: expect.stringMatching(/^[0-9a-f]{12}$/),
      params: { safeRisk: 0.05, maxRisk: 0.5 },
      modelVersion: 'm1',
      predicted: {
        source: { hostId: 'h1', cpuPercentBefore: 95, cpuPercentAfter: 87.5, risk: 0.9 },
        destination: { hostId: 'h3', cpuPercentBefore: 40, cpuPercentAfter: 47.5, risk: 0.01 },
      },
      measured: {
        durationMs: expect.any(Number),
        gapMs: 700,
        chains: [{ chainId: 'c1', before: { requestsPerSecond: 100 } }],
      },
    });
    expect(decision?.guardrails.length).toBe(10);
    expect(decision?.guardrails.every(({ result }) => result === 'allowed')).toBe(true);
  });

  test('whoever writes at the same time: one chain, without gaps', async () => {
    const sut = world({ guardrails: wideLimits, mode: 'recommend' });
    sut.telemetry.raise('h1');
    await sut.reconcile();
    const [first] = await decisions(sut);
    if (first === undefined) throw new Error('no decision');
    const copies = Array.from({ length: 40 }, (_, i) => ({
      ...first,
      id: `copy-${i}`,
      hostId: `x${i}`,
    }));

    await Promise.all(
      copies.map((copy) => sut.ledger.records.commit([decisionWrite(copy, 'absent')])),
    );

    expect(await events(sut)).toHaveLength(41);
    expect((await verified(sut)).faults).toEqual([]);
  });

  test('a program that would rewrite what was decided is stopped', async () => {
    const sut = await moved();
    const [decision] = await decisions(sut);
    const stored = await sut.ledger.decision(decision?.id ?? '');
    if (stored === undefined) throw new Error('no decision');
    const rewritten: Decision = {
      ...stored.value,
      policy: 'random',
      history: [...stored.value.history, { state: 'executed', atMs: 1, by: null, reason: null }],
    };

    await expect(
      sut.ledger.records.commit([decisionWrite(rewritten, stored.version)]),
    ).rejects.toThrow('would be rewritten');
  });
});

describe('verification tells what was changed, and where', () => {
  test.each<[string, (decision: Decision) => Decision, string]>([
    [
      'a score',
      (d) => ({ ...d, candidates: d.candidates.map((c) => ({ ...c, score: 0 })) }),
      'what was decided was changed',
    ],
    ['the destination', (d) => ({ ...d, destinationHostId: 'h9' }), 'what was decided was changed'],
    [
      'a guardrail’s verdict',
      (d) => ({ ...d, guardrails: d.guardrails.slice(1) }),
      'what was decided was changed',
    ],
    ['the outcome', (d) => ({ ...d, state: 'vetoed' }), 'its outcome was changed'],
    [
      'who approved',
      (d) => ({ ...d, history: d.history.map((h) => ({ ...h, by: 'eve' })) }),
      'changed',
    ],
    ['the measured effect', (d) => ({ ...d, measured: null }), 'its outcome was changed'],
  ])('%s', async (_case, change, fault) => {
    const sut = await moved();
    const [decision] = await decisions(sut);

    await tamper(sut, decision?.id ?? '', change);

    expect((await verified(sut)).faults).toMatchObject([
      { sequence: 2, decisionId: decision?.id, fault: expect.stringContaining(fault) },
    ]);
  });

  test('an event that was changed, taken out, or cut off the end', async () => {
    const outcomes: unknown[] = [];
    for (const damage of ['change', 'remove', 'cut'] as const) {
      const sut = await moved();
      const id = eventId(damage === 'change' ? 1 : damage === 'remove' ? 1 : 2);
      const stored = await sut.records.get<DecisionEvent>('decision-event', id);
      if (stored === undefined) throw new Error('no event');
      const value = damage === 'change' ? { ...stored.value, atMs: 1 } : null;
      const keys = { decisionId: stored.value.decisionId };
      await sut.records.commit([
        { kind: 'decision-event', id, expected: stored.version, value, keys },
      ]);
      outcomes.push((await verified(sut)).faults.map(({ sequence, fault }) => [sequence, fault]));
    }

    expect(outcomes).toEqual([
      [[1, 'the event was changed']],
      [[1, 'the event is missing']],
      [
        [1, 'its outcome was changed'],
        [2, 'the event is missing'],
      ],
    ]);
  });

  test('a decision that was taken out', async () => {
    const sut = await moved();
    const [decision] = await decisions(sut);
    const stored = await sut.records.get('decision', decision?.id ?? '');

    await sut.records.commit([
      { kind: 'decision', id: decision?.id ?? '', expected: stored?.version ?? 0, value: null },
    ]);

    expect((await verified(sut)).faults).toMatchObject([{ fault: 'the decision is gone' }]);
  });

  test('in parts: each part goes on where the one before ended', async () => {
    const sut = await moved();

    const first = await verifyDecisions(sut.records, { from: 1, limit: 1 });
    const second = await verifyDecisions(sut.records, { from: first.nextFrom ?? 0, limit: 1 });

    expect(first).toMatchObject({ toSequence: 1, nextFrom: 2, faults: [] });
    expect(second).toMatchObject({ fromSequence: 2, toSequence: 2, nextFrom: null, faults: [] });
  });
});

test('the oldest are forgotten beyond a number, what is left can still be checked, what is open stays', async () => {
  const sut = world({ mode: 'recommend' });
  for (let i = 0; i < 10; i++) {
    sut.telemetry.raise('h1');
    await sut.reconcile();
    const [decision] = await decisions(sut);
    await vetoDecision(answers(sut), decision?.id ?? '', { by: 'ann', reason: 'no' });
    sut.clock.advance(decideLimits.vetoRestMs);
    sut.telemetry.clear('h1');
  }
  sut.telemetry.raise('h1');
  await sut.reconcile();

  expect(await forgetOldDecisions(sut.ledger, 5)).toBe(16);
  expect(await forgetOldDecisions(sut.ledger, 5)).toBe(0);

  const found = await verified(sut);
  expect(found).toMatchObject({ fromSequence: 17, toSequence: 21, faults: [] });
  expect((await decisions(sut)).map(({ state }) => state)).toEqual([
    'proposed',
    'vetoed',
    'vetoed',
  ]);
  expect(await forgetOldDecisions(sut.ledger, 0)).toBe(4);
  expect((await decisions(sut)).map(({ state }) => state)).toEqual(['proposed']);
  expect((await verified(sut)).faults).toEqual([]);
});

test('the head is told of outside whenever it is a newer one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-heads-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'decision-heads.jsonl');
  const sut = world({ mode: 'recommend' });
  const counted: number[] = [];
  const tell = headTeller({
    ledger: sut.ledger,
    meters: { ...sut.reconcileOptions().meters, chainGrewTo: (to) => counted.push(to) },
    log: silentLog,
    exports: headFile(path),
  });
  await tell();
  sut.telemetry.raise('h1');
  await sut.reconcile();
  await tell();
  await tell();
  sut.telemetry.clear('h1');
  await sut.reconcile();
  await tell();

  const lines = readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const head = (await chainHead(sut.records))?.value;
  expect(lines.map(({ sequence }) => sequence)).toEqual([1, 2]);
  expect(lines[1]).toMatchObject({ hash: head?.hash });
  expect(counted).toEqual([1, 2]);
});

test('equal values have equal canonical texts, whatever the order of their keys and the way through a file', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const kept = JSON.parse(JSON.stringify(value));
      expect(canonicalJson(kept)).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(kept);
    }),
  );
  expect(canonicalJson({ b: 1, a: [undefined, { d: null, c: 'x' }] })).toBe(
    '{"a":[null,{"c":"x","d":null}],"b":1}',
  );
});
