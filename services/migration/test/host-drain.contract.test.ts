import { policyNamed } from '@sidestep/policies';
import { describe, expect, test } from 'vitest';
import { safeLimits } from '../src/domain/guardrails/limits.ts';
import { setKillSwitch } from '../src/usecases/change-controls.ts';
import { explainMovability } from '../src/usecases/explain-movability.ts';
import { cancelDrain, releaseDrain } from '../src/usecases/hosts/end-drain.ts';
import { makeDecision } from '../src/usecases/make-decision.ts';
import { type HostCloud, hostCloud, taken } from './fakes/host-cloud.ts';

const serverOf = async (sut: HostCloud, drainId: string, name: string) =>
  (await sut.drainNow(drainId)).leavers.find((leaver) => leaver.name === name);

test('every server leaves, each by a decision and an operation of its own, spread over the other hosts', async () => {
  const sut = await hostCloud();

  const id = await sut.drain('h1');
  await sut.settle();

  const drain = await sut.drainNow(id);
  expect(drain).toMatchObject({ state: 'done', service: 'disabled', heldBack: null });
  expect(drain.leavers.map(({ state }) => state)).toEqual(['moved', 'moved', 'moved', 'moved']);
  const homes = ['a', 'b', 'c', 'd'].map((name) => sut.placed(name));
  expect(homes).not.toContain('h1');
  expect(new Set(homes).size).toBeGreaterThan(1);
  expect(sut.asked('os-migrateLive')).toBe(4);
  const decisions = (await sut.ledger.decisions({}, { limit: 100 })).items.map(
    ({ value }) => value,
  );
  expect(decisions).toHaveLength(4);
  for (const decision of decisions) {
    expect(decision).toMatchObject({ state: 'executed', trigger: { kind: 'host-drain' } });
  }
  for (const operation of await sut.operations()) {
    expect(operation).toMatchObject({ state: 'COMPLETED', work: { kind: 'host-drain', id } });
  }
});

test('no more move at a time than were asked for, and never two of one chain', async () => {
  const sut = await hostCloud({ chains: { c1: [['a'], ['b']], c2: [['c', 'd']] } });
  await sut.drain('h1', { maxConcurrentMoves: 3 });
  const together: string[][] = [];

  for (let turn = 0; turn < 8; turn++) {
    await sut.look();
    together.push((await sut.ledger.live()).map(({ value }) => value.serverName).sort());
    await sut.workOperations();
    sut.pass(10_000);
  }

  const chains = [
    ['a', 'b'],
    ['c', 'd'],
  ];
  for (const names of together) {
    expect(names.length).toBeLessThanOrEqual(3);
    for (const chain of chains) {
      expect(names.filter((name) => chain.includes(name)).length).toBeLessThanOrEqual(1);
    }
  }
  expect(together.flat().sort()).toEqual(['a', 'b', 'c', 'd']);
});

test('a chain of which nothing is said leaves after those that matter more, and before those that matter less and none', async () => {
  const sut = await hostCloud({ chains: { hardly: [['b']], unsaid: [['c']], dear: [['d']] } });
  const promise = (criticality: number) => ({ delayMs: null, bandwidthMbps: null, criticality });
  const promises = async () =>
    new Map([
      ['hardly', promise(1)],
      ['dear', promise(5)],
    ]);
  const options = sut.options();
  await sut.drain('h1', { maxConcurrentMoves: 1 });
  const left: string[] = [];

  for (let turn = 0; turn < 4; turn++) {
    await sut.lookWith({ ...options, surroundings: { ...options.surroundings, promises } });
    left.push(...(await sut.ledger.live()).map(({ value }) => value.serverName));
    await sut.workOperations();
    sut.pass(10_000);
  }

  expect(left).toEqual(['d', 'c', 'b', 'a']);
});

test('what cannot be moved is named from the start; the drain ends partly, and says who is left and why', async () => {
  const sut = await hostCloud();
  await stop(sut, 'b');

  const id = await sut.drain('h1');
  const atOnce = await serverOf(sut, id, 'b');
  await sut.settle();

  expect(atOnce).toMatchObject({ state: 'blocked', why: 'it is SHUTOFF, not ACTIVE' });
  const drain = await sut.drainNow(id);
  expect(drain.state).toBe('partly');
  expect(drain.history.at(-1)?.reason).toBe('b: it is SHUTOFF, not ACTIVE');
  expect(sut.placed('b')).toBe('h1');
});

test('a host is no destination while it is drained, nor after, until it is released', async () => {
  const sut = await hostCloud({ servers: { a: 'h1', z: 'h4' } });
  const id = await sut.drain('h1', { disableService: false });
  await sut.settle();
  const decided = async () => {
    const options = { ...sut.reconcileOptions() };
    const policy = policyNamed('least-cpu');
    if (policy === undefined) throw new Error('no policy');
    const request = { hostId: 'h4', serverId: null, policy, seed: 1, by: 'a test' };
    return makeDecision(options, request);
  };

  const before = await decided();
  await releaseDrain(sut.options(), 'h1', 'an operator');
  const after = await decided();

  expect((await sut.drainNow(id)).state).toBe('done');
  expect(before.rejected).toContainEqual({
    hostId: 'h1',
    why: 'reserved',
    detail: `it is being emptied (host drain ${id})`,
  });
  const stillHeld = expect.objectContaining({ hostId: 'h1', why: 'reserved' });
  expect(after.rejected).not.toContainEqual(stillHeld);
});

describe('the compute service', () => {
  const service = (sut: HostCloud) => sut.cloudHosts.readService('h1');

  test('is disabled before the first move, and enabled again at the release', async () => {
    const sut = await hostCloud();
    const id = await sut.drain('h1');
    await sut.look();
    const during = await service(sut);
    await sut.settle();

    const released = await releaseDrain(sut.options(), 'h1', 'an operator');

    expect(during).toMatchObject({ status: 'disabled' });
    expect(during.disabledReason).toContain(id);
    expect(released).toMatchObject({ service: 'enabled' });
    expect(await service(sut)).toMatchObject({ status: 'enabled' });
  });

  test('that somebody else had disabled stays so', async () => {
    const sut = await hostCloud();
    await sut.cloudHosts.setEnabled('h1', false, 'mine');
    await sut.drain('h1');
    await sut.settle();

    const released = await releaseDrain(sut.options(), 'h1', 'an operator');

    expect(released.service).toBe('was-disabled');
    expect(await service(sut)).toMatchObject({ status: 'disabled', disabledReason: 'mine' });
  });
});

test('cancelled, nothing more begins, what has begun ends, and the rest is named', async () => {
  const sut = await hostCloud();
  const id = await sut.drain('h1', { maxConcurrentMoves: 1 });
  await sut.look();
  await sut.workOperations();
  await sut.look();

  await cancelDrain(sut.options(), id, { by: 'an operator', reason: 'no part' });
  await sut.settle();

  const drain = await sut.drainNow(id);
  expect(drain).toMatchObject({ state: 'cancelled', releasedAtMs: null });
  expect(drain.leavers.filter(({ state }) => state === 'moved')).toHaveLength(1);
  expect(drain.history.at(-1)?.reason).toMatch(/not moved yet/);
  expect(sut.asked('os-migrateLive')).toBe(1);
});

test('the kill switch holds it back, and lets it go on', async () => {
  const sut = await hostCloud();
  const needs = { ledger: sut.ledger, now: () => sut.clock.now() };
  await setKillSwitch(needs, { engaged: true, reason: 'drill', by: 'an operator' });
  const id = await sut.drain('h1');
  await sut.look();
  const held = await sut.drainNow(id);

  await setKillSwitch(needs, { engaged: false, reason: 'over', by: 'an operator' });
  await sut.settle();

  expect(held.heldBack).toBe('the kill switch is engaged: drill');
  expect((await sut.drainNow(id)).state).toBe('done');
});

test('the budgets hold it back, and what they held back is told', async () => {
  const { budgets } = safeLimits;
  const cluster = { perHour: 60, burst: 2 };
  const sut = await hostCloud({ guardrails: { budgets: { ...budgets, cluster } } });

  const id = await sut.drain('h1', { maxConcurrentMoves: 4 });
  await sut.look();
  const begun = (await sut.ledger.live()).length;
  const held = await sut.drainNow(id);
  await sut.settle();

  expect(begun).toBe(2);
  expect(held.leavers.map(({ why }) => why).join()).toMatch(/held back: cluster-budget: /);
  expect((await sut.ledger.guard.heldBack()).map(({ guardrail }) => guardrail)).toContain(
    'cluster-budget',
  );
  expect((await sut.drainNow(id)).state).toBe('done');
});

test('whoever asks where a server could go is told that the host is held', async () => {
  const sut = await hostCloud({ servers: { a: 'h1', z: 'h4' } });
  await sut.drain('h1');
  await sut.look();

  const { rejected } = await explainMovability(sut.reconcileOptions(), sut.id('z'));

  expect(rejected).toContainEqual(expect.objectContaining({ hostId: 'h1', why: 'maintenance' }));
});

test('an alarm of a host that is drained asks for nothing more', async () => {
  const sut = await hostCloud();
  await sut.drain('h1');
  sut.telemetry.raise('h1');

  await sut.reconcile();

  expect((await sut.ledger.decisions({}, { limit: 9 })).items).toEqual([]);
});

test('a move that fails is tried again elsewhere, and given up after some tries', async () => {
  const breaker = { failures: 9, ofLast: 10, coolMs: 1_000 };
  const sut = await hostCloud({ servers: { a: 'h1' }, guardrails: { breaker } });
  sut.emulator.faults.liveMigration('*', { precheckFail: 'CPU does not fit' });

  const id = await sut.drain('h1');
  await sut.settle();

  const operations = await sut.operations();
  expect(new Set(operations.map(({ to }) => to)).size).toBeGreaterThan(1);
  expect(operations).toHaveLength(3);
  expect(await sut.drainNow(id)).toMatchObject({ state: 'partly', leavers: [{ tries: 3 }] });
  expect((await serverOf(sut, id, 'a'))?.why).toMatch(/CPU does not fit/);
});

test('a host without anywhere to go is left partly, each server with the reason', async () => {
  const sut = await hostCloud({ servers: { a: 'h1' }, hosts: ['h1', 'h2'] });
  await sut.cloudHosts.setEnabled('h2', false, 'x');
  sut.telemetry.alarms = [];
  sut.telemetry.raise('h2');

  const id = await sut.drain('h1');
  await sut.settle();

  expect(await sut.drainNow(id)).toMatchObject({ state: 'partly' });
  expect((await serverOf(sut, id, 'a'))?.why).toMatch(/no destination: .*1 in-alarm/);
});

test('a host that dies meanwhile is no longer drained: its incident takes over', async () => {
  const sut = await hostCloud();
  const id = await sut.drain('h1', { maxConcurrentMoves: 1 });
  await sut.look();
  await sut.workOperations();

  sut.kill('h1');
  await sut.look();
  await sut.workOperations();
  await sut.look();

  const drain = await sut.drainNow(id);
  expect(drain.state).toBe('partly');
  expect(drain.history.at(-1)?.reason).toMatch(/the host went down \(incident /);
});

test.each([
  'reserve:before',
  'migrate:intent',
  'migrate:called',
  'verify:before',
  'settle:after',
] as const)(
  'a worker killed at %s of each move: every server is moved once all the same',
  async (diesAt) => {
    const sut = await hostCloud({ servers: { a: 'h1', b: 'h1' } });
    const id = await sut.drain('h1');
    await sut.look();
    await sut.workOperations({ diesAt });
    await taken(sut);
    await sut.look();

    await sut.settle({ name: 'second' });

    expect((await sut.drainNow(id)).state).toBe('done');
    expect(sut.asked('os-migrateLive')).toBe(2);
  },
);

test('two lookers at once begin each move once', async () => {
  const sut = await hostCloud();
  await sut.drain('h1');

  await Promise.all([sut.look(), sut.look(), sut.look()]);

  const names = (await sut.operations()).map(({ serverName }) => serverName);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toHaveLength(2);
});

async function stop(sut: HostCloud, server: string): Promise<void> {
  await sut.nova.stopServer(sut.id(server));
  sut.pass(5_000);
}
