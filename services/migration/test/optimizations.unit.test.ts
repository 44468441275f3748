import { cloud } from '@sidestep/fleet/testing';
import { silentLog } from '@sidestep/service-kit';
import { expect, test } from 'vitest';
import { advance, newOperation } from '../src/domain/operation.ts';
import type { Optimization } from '../src/domain/optimization.ts';
import type { Optimizer } from '../src/ports/optimizer.ts';
import { setKillSwitch } from '../src/usecases/change-controls.ts';
import { operationWrite } from '../src/usecases/ledger.ts';
import { advanceOptimizations } from '../src/usecases/optimise/advance-optimizations.ts';
import { maxOpen, optimizationLedger } from '../src/usecases/optimise/optimization-ledger.ts';
import {
  approveOptimization,
  demandPlanAnswerer,
  requestOptimization,
  vetoOptimization,
} from '../src/usecases/optimise/request-optimization.ts';
import { runSearches } from '../src/usecases/optimise/run-searches.ts';
import { fakeSurroundings } from './fakes/fake-surroundings.ts';
import { localOptimizer } from './fakes/local-optimizer.ts';
import { decideLimits, world } from './fakes/world.ts';

const request = {
  chainIds: null,
  weights: { delayMs: 1, risk: 10, move: 0.1 },
  moveBudget: 5,
  maxRisk: 0.5,
  assumedDelayMs: 1,
  timeLimitMs: 10_000,
  maxIterations: 300,
  seed: 1,
};
const expiryMs = 3_600_000;

/** Two chains, each with its second hop a link away from its first. */
const apart = () =>
  cloud()
    .host('h1')
    .server('a', { on: 'h1' })
    .server('c', { on: 'h1' })
    .host('h2')
    .server('b', { on: 'h2' })
    .host('h3')
    .server('d', { on: 'h3' })
    .link('h1', 'h2', 4)
    .link('h1', 'h3', 6)
    .chain('ab', ['a'], ['b'])
    .chain('cd', ['c'], ['d'])
    .build();

function bench(view = apart()) {
  const made = world({ view, mode: 'recommend', policy: 'random' });
  for (const { id } of view.hosts) made.forecasts.risks.set(id, 0.02);
  const { clock, ledger, records, telemetry, forecasts } = made;
  const now = () => clock.now();
  const optimizations = optimizationLedger(records);
  const optimizer = localOptimizer({
    telemetry,
    forecasts,
    surroundings: fakeSurroundings(telemetry),
    now,
  });
  const common = { ...made.reconcileOptions(), limits: decideLimits, records, optimizations };
  const options = { ...common, expiryMs };
  const search = (
    by: Optimizer = optimizer,
    worker = 'w1',
    signal = new AbortController().signal,
  ) => runSearches({ ...common, log: silentLog, worker, ledger, optimizer: by }, signal);
  const read = async (id: string): Promise<Optimization> => {
    const stored = await optimizations.get(id);
    if (stored === undefined) throw new Error('it is gone');
    return stored.value;
  };
  const proposed = async () => {
    const { id } = await requestOptimization(options, { request, by: 'ann' });
    await search();
    return read(id);
  };
  const complete = async () => {
    for (const { id } of await ledger.live()) {
      const operation = await made.operation(id);
      made.compute.server.id = operation.serverId;
      made.compute.server.hostId = operation.from;
      made.compute.portHost = operation.from;
      await made.run(id);
    }
  };
  return { ...made, options, optimizations, search, read, proposed, complete };
}

test('a search proposes moves that bring the hops of chains together, and nothing moves by it', async () => {
  const sut = bench();

  const { moves, result, state } = await sut.proposed();

  expect(state).toBe('proposed');
  expect(result).toMatchObject({
    searched: { hosts: 3, servers: 4, chains: 2 },
    before: { totalDelayMs: 10 },
    after: { totalDelayMs: 0 },
    outOfTime: false,
    modelVersion: 'm1',
  });
  expect(moves).toHaveLength(2);
  expect(moves.every((move) => move.state === 'proposed')).toBe(true);
  expect(await sut.ledger.live()).toEqual([]);
});

test('only the chains that are named count', async () => {
  const sut = bench();
  const asked = { ...request, chainIds: ['cd'], weights: { ...request.weights, risk: 0 } };
  const { id } = await requestOptimization(sut.options, { request: asked, by: 'ann' });

  await sut.search();

  const { moves, result } = await sut.read(id);
  expect(moves.map(({ chainIds }) => chainIds)).toEqual([['cd']]);
  expect(result?.chains.map(({ chainId }) => chainId)).toEqual(['cd']);
});

test('a chain that nobody knows fails the search, and says so', async () => {
  const sut = bench();
  const asked = { ...request, chainIds: ['xy'] };
  const { id } = await requestOptimization(sut.options, { request: asked, by: 'ann' });

  await sut.search();

  expect(await sut.read(id)).toMatchObject({
    state: 'failed',
    problem: { code: 'UNPROCESSABLE', detail: 'There is no chain xy' },
  });
});

test('hosts in alarm or without a known risk take nobody in; pinned servers and such of busy hosts stay', async () => {
  const sut = bench(
    cloud()
      .host('h1')
      .server('a', { on: 'h1', tags: ['sidestep:pinned'] })
      .host('h2')
      .server('b', { on: 'h2' })
      .link('h1', 'h2', 4)
      .chain('ab', ['a'], ['b'])
      .build(),
  );
  sut.telemetry.raise('h1');
  sut.forecasts.risks.delete('h2');

  const { state, result } = await sut.proposed();

  expect(state).toBe('nothing');
  expect(result?.unimproved).toEqual([
    expect.objectContaining({ kind: 'chain', id: 'ab', reason: 'host-closed' }),
  ]);
});

test('Monitoring away or an inventory too old fails the search', async () => {
  const away = bench();
  away.telemetry.away = true;
  const old = bench();
  old.telemetry.inventoryAgeMs = 10_000_000;

  expect((await away.proposed()).problem?.code).toBe('UPSTREAM_TIMEOUT');
  expect((await old.proposed()).problem?.code).toBe('UNAVAILABLE');
});

test('a search that dies with its process is made anew by the next, by one process at a time', async () => {
  const sut = bench();
  const { id } = await requestOptimization(sut.options, { request, by: 'ann' });
  const stop = new AbortController();
  const stuck: Optimizer = {
    search: async () => {
      await sut.search(undefined, 'w2');
      stop.abort();
      return { kind: 'failed', problem: { code: 'INTERNAL', detail: 'stopped' } };
    },
  };

  await sut.search(stuck, 'w1', stop.signal);
  const meanwhile = await sut.read(id);
  await sut.search();

  expect(meanwhile.state).toBe('computing');
  expect((await sut.read(id)).state).toBe('proposed');
});

test('an approved proposal becomes decisions and operations one by one, and ends as completed', async () => {
  const sut = bench();
  const { id, moves } = await sut.proposed();

  await approveOptimization(sut.options, id, 'bob');
  for (let tick = 0; tick < 4; tick++) {
    await advanceOptimizations(sut.options);
    await sut.complete();
  }
  await advanceOptimizations(sut.options);

  const after = await sut.read(id);
  expect(after).toMatchObject({ state: 'completed', approvedBy: 'bob' });
  expect(after.moves.map(({ state }) => state)).toEqual(['done', 'done']);
  const decision = await sut.ledger.decision(after.moves[0]?.decisionId ?? '');
  expect(decision?.value).toMatchObject({
    state: 'executed',
    trigger: { kind: 'optimization', optimizationId: id, requestedBy: 'ann' },
    hostId: moves[0]?.from,
    destinationHostId: moves[0]?.to,
  });
  expect(decision?.value.history.find(({ state }) => state === 'approved')?.by).toBe('bob');
  expect(sut.woken).toHaveLength(2);
});

test('its decisions say by which search and parameters they were made, what was expected and what came', async () => {
  const sut = bench();
  const { id, moves } = await sut.proposed();
  await approveOptimization(sut.options, id, 'bob');
  await advanceOptimizations(sut.options);
  await sut.complete();

  const { decisionId } = (await sut.read(id)).moves[0] ?? {};
  const decision = (await sut.ledger.decision(decisionId ?? ''))?.value;

  expect(decision).toMatchObject({
    policy: 'global-replacement',
    policyVersion: expect.stringMatching(/^[0-9a-f]{12}$/),
    params: { moveBudget: 5, maxRisk: 0.5, delayWeight: 1, riskWeight: 10, moveWeight: 0.1 },
    crosses: moves[0]?.crosses,
    predicted: {
      source: { hostId: moves[0]?.from, cpuPercentBefore: 30, risk: 0.02 },
      destination: { hostId: moves[0]?.to, cpuPercentBefore: 30 },
    },
    measured: { durationMs: expect.any(Number) },
  });
  // 40 % of one of twelve cores goes from one to the other.
  expect(decision?.predicted?.source.cpuPercentAfter).toBeCloseTo(30 - 40 / 12);
  expect(decision?.predicted?.destination.cpuPercentAfter).toBeCloseTo(30 + 40 / 12);
  expect(decision?.predicted?.destination.risk).toBeGreaterThan(0.02);
  expect(decision?.guardrails.map(({ guardrail }) => guardrail)).toContain('concurrent-moves');
});

test('what is expected of a later move counts those before it', async () => {
  const { moves } = await bench().proposed();
  const [first, second] = moves.map(({ predicted }) => predicted);

  const later = [second?.source, second?.destination];
  const before = [first?.source, first?.destination];
  const shared = before.find((each) => later.some((other) => other?.hostId === each?.hostId));
  const then = later.find((each) => each?.hostId === shared?.hostId);
  expect(shared?.cpuPercentAfter).toEqual(expect.any(Number));
  expect(then?.cpuPercentBefore).toBe(shared?.cpuPercentAfter);
});

test.each([
  ['a slot of its host', { perHost: 1, perLink: null }, 'takes part in 1 at once: x moves'],
  ['a slot of its link', { perHost: 9, perLink: 1 }, 'carries 1 at once: x moves'],
])('a move waits for %s, and leaves no decision behind', async (_case, slots, why) => {
  const sut = bench();
  const { id, moves } = await sut.proposed();
  await approveOptimization(sut.options, id, 'bob');
  const [{ from, to, crosses = [] } = { from: '', to: '' }] = moves;
  const other = { id: 'o', kind: 'live-migration', work: null, decisionId: 'd' } as const;
  const server = { serverId: 'x', serverName: 'x', raisedAtMs: null, chainIds: [] };
  const operation = newOperation(
    { ...other, ...server, from: to, to: from, crosses },
    sut.clock.now(),
  );
  await sut.records.commit([operationWrite(operation, 'absent')]);
  const options = { ...sut.options, limits: { ...decideLimits, slots } };

  await advanceOptimizations(options);
  await advanceOptimizations(options);
  const waiting = (await sut.read(id)).moves[0];
  const decisions = await sut.ledger.decisions({}, { limit: 10 });
  const ended = advance(operation, 'ROLLED_BACK', sut.clock.now());
  await sut.records.commit([operationWrite(ended, 1)]);
  await advanceOptimizations(options);

  expect(waiting).toMatchObject({ state: 'waiting', why: expect.stringContaining(why) });
  expect(decisions.items).toEqual([]);
  expect((await sut.read(id)).moves[0]?.state).toBe('moving');
});

test('a move whose place another has taken since the search waits', async () => {
  const sut = bench();
  const { id, moves } = await sut.proposed();
  await approveOptimization(sut.options, id, 'bob');
  const [{ to, serverId } = { to: '', serverId: '' }] = moves;
  const { view } = sut.telemetry;
  const hops = [{ memberIds: [serverId, 'twin'] }];
  const [server] = view.servers;
  if (server === undefined) throw new Error('the view has no server');
  sut.telemetry.view = {
    ...view,
    servers: [...view.servers, { ...server, id: 'twin', name: 'twin', hostId: to }],
    chains: [...view.chains, { id: 'new', name: 'new', hops }],
  };

  await advanceOptimizations(sut.options);

  expect((await sut.read(id)).moves[0]).toMatchObject({
    state: 'waiting',
    decisionId: null,
    why: expect.stringContaining(`${to} cannot take it now: it has another member of the same hop`),
  });
});

test('moves that share a host follow one another', async () => {
  const sut = bench();
  const { id, moves } = await sut.proposed();
  const hosts = moves.map(({ from, to }) => [from, to]);
  const shared = hosts[0]?.some((host) => hosts[1]?.includes(host));

  await approveOptimization(sut.options, id, 'bob');
  await advanceOptimizations(sut.options);

  expect(shared).toBe(true);
  const after = await sut.read(id);
  expect(after.moves.map(({ state }) => state)).toEqual(['moving', 'waiting']);
  expect(after.moves[1]?.why).toContain('it waits for move 1');
});

test('what the guardrails hold back waits, leaves no decision behind, and goes on when they let it', async () => {
  const sut = bench();
  const { id } = await sut.proposed();
  await setKillSwitch(sut.options, { engaged: true, reason: 'drill', by: 'ann' });
  await approveOptimization(sut.options, id, 'bob');

  await advanceOptimizations(sut.options);
  await advanceOptimizations(sut.options);
  const held = await sut.read(id);
  const decisions = await sut.ledger.decisions({}, { limit: 10 });
  await setKillSwitch(sut.options, { engaged: false, reason: 'over', by: 'ann' });
  await advanceOptimizations(sut.options);

  expect(held.moves[0]).toMatchObject({ state: 'waiting', decisionId: null });
  expect(held.moves[0]?.why).toContain('drill');
  expect(decisions.items).toEqual([]);
  expect((await sut.read(id)).moves[0]?.state).toBe('moving');
});

test('a move that fails takes those with it that build on it', async () => {
  const sut = bench();
  const { id } = await sut.proposed();
  await approveOptimization(sut.options, id, 'bob');
  await advanceOptimizations(sut.options);
  const [live] = await sut.ledger.live();
  sut.compute.server.status = 'ERROR';
  await sut.run(live?.id ?? '');

  await advanceOptimizations(sut.options);

  const after = await sut.read(id);
  expect(after.state).toBe('partly');
  expect(after.moves.map(({ state }) => state)).toEqual(['failed', 'skipped']);
  expect(after.moves[1]?.why).toContain('it builds on move 1');
});

test('a host for which another decision stands is waited for', async () => {
  const sut = bench();
  const { id, moves } = await sut.proposed();
  const host = moves[0]?.from ?? '';
  sut.telemetry.raise(host);
  await sut.reconcile();
  await approveOptimization(sut.options, id, 'bob');

  await advanceOptimizations(sut.options);

  expect((await sut.read(id)).moves[0]).toMatchObject({
    state: 'waiting',
    why: expect.stringContaining(`is proposed to move from ${host}`),
  });
});

test('run twice, or after a crash between the decision and its note, it begins nothing twice', async () => {
  const sut = bench();
  const { id } = await sut.proposed();
  await approveOptimization(sut.options, id, 'bob');
  await advanceOptimizations(sut.options);
  const stored = await sut.optimizations.get(id);
  if (stored === undefined) throw new Error('it is gone');
  // As a process left it that died right after the approval.
  const forgotten = stored.value.moves.map((move, at) =>
    at === 0 ? { ...move, state: 'waiting' as const, operationId: null } : move,
  );
  await sut.records.commit([
    {
      kind: 'optimization',
      id,
      expected: stored.version,
      value: { ...stored.value, moves: forgotten },
      keys: { state: 'approved', open: 'yes' },
    },
  ]);

  await Promise.all([advanceOptimizations(sut.options), advanceOptimizations(sut.options)]);

  expect((await sut.read(id)).moves[0]?.state).toBe('moving');
  expect(await sut.ledger.live()).toHaveLength(1);
});

test('a proposal expires, and so does what is left of an approved one', async () => {
  const forgotten = bench();
  const slow = bench();
  const first = await forgotten.proposed();
  const second = await slow.proposed();
  await approveOptimization(slow.options, second.id, 'bob');
  await setKillSwitch(slow.options, { engaged: true, reason: 'drill', by: 'ann' });

  forgotten.clock.advance(expiryMs);
  slow.clock.advance(expiryMs);
  await advanceOptimizations(forgotten.options);
  await advanceOptimizations(slow.options);

  expect((await forgotten.read(first.id)).state).toBe('expired');
  const ended = await slow.read(second.id);
  expect(ended.state).toBe('partly');
  expect(ended.moves.every(({ state }) => state === 'skipped')).toBe(true);
});

test('only a proposal is approved or vetoed, and a veto is final', async () => {
  const sut = bench();
  const { id } = await sut.proposed();

  const vetoed = await vetoOptimization(sut.options, id, { by: 'bob', reason: 'not now' });

  expect(vetoed.history.at(-1)).toMatchObject({ state: 'vetoed', by: 'bob', reason: 'not now' });
  await expect(approveOptimization(sut.options, id, 'bob')).rejects.toThrow('is vetoed');
  await expect(approveOptimization(sut.options, 'none', 'bob')).rejects.toThrow('none');
});

test('open optimizations are bounded, and settled ones are forgotten from the oldest', async () => {
  const sut = bench();
  for (let at = 0; at < maxOpen; at++) {
    await requestOptimization(sut.options, { request, by: 'ann' });
  }

  await expect(requestOptimization(sut.options, { request, by: 'ann' })).rejects.toThrow('open');
});

test('whoever may not answer one of the moves may not approve the whole, and is told which', async () => {
  const sut = bench();
  const { id, moves } = await sut.proposed();
  const [move] = moves;
  const named = { role: null, subjects: ['carol'] };
  const rule = { scope: 'server', id: move?.serverId, mode: 'approve', approvers: named };
  await sut.records.commit([
    { kind: 'control', id: 'modes', expected: 'absent', value: { rules: [rule], controlShare: 0 } },
  ]);
  const bob = { name: 'bob', role: 'operator' } as const;
  const carol = { name: 'carol', role: 'operator' } as const;

  await expect(demandPlanAnswerer(sut.options, id, bob)).rejects.toThrow(move?.serverName);
  await demandPlanAnswerer(sut.options, id, carol);
});
