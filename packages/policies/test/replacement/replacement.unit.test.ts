import {
  type ReplacementMove,
  type ReplacementProblem,
  replaceAll,
  startReplacement,
} from '@sidestep/policies';
import { replacementOptions as options, randomReplacement } from '@sidestep/policies/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const fleets = fc
  .record({
    hosts: fc.integer({ min: 2, max: 9 }),
    servers: fc.integer({ min: 1, max: 24 }),
    chains: fc.integer({ min: 0, max: 10 }),
    seed: fc.nat(1_000_000),
  })
  .map((size) => ({ size, problem: randomReplacement(size) }));
const quick = { ...options, maxIterations: 200 };

/** Carries the moves out one by one, and says what is broken on the way; independent of the search's own book-keeping. */
function broken(problem: ReplacementProblem, moves: readonly ReplacementMove[]): string[] {
  const faults: string[] = [];
  const at = new Map(problem.servers.map(({ id, hostId }) => [id, hostId]));
  const free = new Map(problem.hosts.map(({ id, free: room }) => [id, { ...room }]));
  const needs = ['vcpus', 'ramMiB', 'diskGiB'] as const;
  for (const { serverId, from, to } of moves) {
    const server = problem.servers.find(({ id }) => id === serverId);
    const host = problem.hosts.find(({ id }) => id === to);
    if (server === undefined || host === undefined) return [`${serverId} or ${to} does not exist`];
    if (server.fixed !== null) faults.push(`${serverId} moved although ${server.fixed}`);
    if (server.avoids?.has(to) === true && to !== server.hostId)
      faults.push(`${serverId} avoids ${to}`);
    if (at.get(serverId) !== from) faults.push(`${serverId} is not on ${from}`);
    if (host.closed !== null && to !== server.hostId) faults.push(`${to} is closed`);
    for (const what of needs) {
      const room = free.get(to);
      const left = free.get(from);
      if (room === undefined || left === undefined) continue;
      // The destination holds it before the source has let it go.
      room[what] -= server[what];
      if (room[what] < 0) faults.push(`${to} has no ${what} for ${serverId}`);
      left[what] += server[what];
    }
    at.set(serverId, to);
    for (const { memberIds, why } of problem.apart) {
      const together = memberIds.filter((id) => id !== serverId && at.get(id) === to);
      if (memberIds.includes(serverId) && together.length > 0) faults.push(`${why} on ${to}`);
    }
  }
  return faults;
}

test('a proposal is carried out move by move without breaking a constraint, and is never worse than no move', () => {
  fc.assert(
    fc.property(fleets, fc.integer({ min: 0, max: 6 }), ({ problem }, moveBudget) => {
      const proposal = replaceAll(problem, { ...quick, moveBudget });

      expect(broken(problem, proposal.moves)).toEqual([]);
      expect(proposal.moves.length).toBeLessThanOrEqual(moveBudget);
      expect(proposal.after.objective).toBeLessThanOrEqual(proposal.before.objective);
      expect(
        proposal.moves.length === 0 || proposal.after.objective < proposal.before.objective,
      ).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('the objective told is that of the delays and risks told', () => {
  fc.assert(
    fc.property(fleets, ({ problem }) => {
      const { weights } = quick;
      const { after, before, chains, moves } = replaceAll(problem, quick);
      const sum = (of: 'beforeMs' | 'afterMs') =>
        chains.reduce((total, chain) => total + chain[of], 0);

      expect(before.totalDelayMs).toBeCloseTo(sum('beforeMs'), 6);
      expect(after.totalDelayMs).toBeCloseTo(sum('afterMs'), 6);
      expect(after.moves).toBe(moves.length);
      const { totalDelayMs, totalRisk } = after;
      const parts =
        weights.delayMs * totalDelayMs + weights.risk * totalRisk + weights.move * moves.length;
      expect(after.objective).toBeCloseTo(parts, 6);
      expect(moves.at(-1)?.objectiveAfter ?? before.objective).toBeCloseTo(after.objective, 6);
    }),
    { numRuns: 60 },
  );
});

test('the same seed and rounds give the same proposal, however often the clock is looked at', () => {
  fc.assert(
    fc.property(fleets, fc.nat(1_000), ({ problem }, seed) => {
      const inSlices = startReplacement(problem, { ...quick, seed });
      while (inSlices.work()) inSlices.proposal();

      expect(inSlices.proposal()).toEqual(replaceAll(problem, { ...quick, seed }));
    }),
    { numRuns: 30 },
  );
});

test('out of time it answers the best so far', () => {
  const problem = randomReplacement({ hosts: 6, servers: 20, chains: 8, seed: 3 });
  let looks = 0;

  const proposal = replaceAll(problem, options, () => ++looks > 3);

  expect(proposal.iterations).toBe(48);
  expect(broken(problem, proposal.moves)).toEqual([]);
});

const host = (id: string, vcpus: number, risk = 0.01) => ({
  id,
  free: { vcpus, ramMiB: 8_192, diskGiB: 100 },
  cores: 8,
  closed: null as string | null,
  risks: [risk, risk, risk, risk],
});
const server = (id: string, hostId: string, fixed: string | null = null) => ({
  id,
  name: id,
  hostId,
  vcpus: 1,
  ramMiB: 512,
  diskGiB: 1,
  cpuPercent: 20 as const,
  fixed,
});
const chain = (id: string, ...hops: string[][]) => ({
  id,
  name: id,
  hops: hops.map((memberIds) => ({ memberIds })),
});
const fleet = (parts: Partial<ReplacementProblem>): ReplacementProblem => ({
  hosts: [host('h1', 4), host('h2', 4)],
  servers: [server('a', 'h1'), server('b', 'h2')],
  chains: [chain('c', ['a'], ['b'])],
  apart: [],
  riskGridPercent: [-50, 0, 50, 100],
  delayBetween: () => 2,
  ...parts,
});

test('the hops of a chain are brought together', () => {
  const { after, chains, moves } = replaceAll(fleet({}), quick);

  expect(moves).toHaveLength(1);
  expect(after.totalDelayMs).toBe(0);
  expect(chains).toEqual([{ chainId: 'c', name: 'c', beforeMs: 2, afterMs: 0, assumedLegs: 0 }]);
});

test('two servers that wait for each other change places by way of a third host', () => {
  const swap = fleet({
    hosts: [host('h1', 0), host('h2', 0), host('h3', 1)],
    servers: [
      server('a', 'h1'),
      server('b', 'h2'),
      server('p', 'h1', 'it is pinned'),
      server('q', 'h2', 'it is pinned'),
    ],
    chains: [chain('c1', ['a'], ['q']), chain('c2', ['b'], ['p'])],
  });

  const { after, moves } = replaceAll(swap, quick);

  expect(after.totalDelayMs).toBe(0);
  expect(moves.map(({ detour }) => detour)).toEqual([true, false, false]);
  expect(broken(swap, moves)).toEqual([]);
});

test('where nobody can make way the chains say that there is no order', () => {
  const swap = fleet({
    hosts: [host('h1', 0), host('h2', 0)],
    servers: [
      server('a', 'h1'),
      server('b', 'h2'),
      server('p', 'h1', 'it is pinned'),
      server('q', 'h2', 'it is pinned'),
    ],
    chains: [chain('c1', ['a'], ['q']), chain('c2', ['b'], ['p'])],
  });

  const { moves, unimproved } = replaceAll(swap, quick);

  expect(moves).toEqual([]);
  expect(unimproved.map(({ id, reason }) => [id, reason])).toEqual([
    ['c1', 'no-order'],
    ['c2', 'no-order'],
  ]);
});

test.each([
  [
    'cannot-move',
    { servers: [server('a', 'h1', 'it is pinned'), server('b', 'h2', 'it is locked')] },
  ],
  ['no-room', { hosts: [host('h1', 0), host('h2', 0)] }],
  [
    'host-closed',
    {
      hosts: [
        { ...host('h1', 4), closed: 'x' },
        { ...host('h2', 4), closed: 'y' },
      ],
    },
  ],
  [
    'elsewhere',
    { servers: [{ ...server('a', 'h1'), avoids: new Set(['h2']) }, server('b', 'h2', 'x')] },
  ],
  ['kept-apart', { apart: [{ why: 'anti-affinity', memberIds: ['a', 'b'] }] }],
  ['risk-too-high', { hosts: [host('h1', 4, 0.6), host('h2', 4, 0.6)] }],
])('a chain that stays slow says why: %s', (reason, parts) => {
  const { moves, unimproved } = replaceAll(fleet(parts), quick);

  expect(moves).toEqual([]);
  expect(unimproved.find(({ kind }) => kind === 'chain')).toMatchObject({ id: 'c', reason });
});

test('a chain stays slow where no move is left, and where a move costs more than it gains', () => {
  const without = replaceAll(fleet({}), { ...quick, moveBudget: 0 });
  const dear = replaceAll(fleet({}), { ...quick, weights: { ...quick.weights, move: 5 } });

  expect(without.unimproved[0]).toMatchObject({ id: 'c', reason: 'move-budget' });
  expect(dear.unimproved[0]).toMatchObject({ id: 'c', reason: 'not-worth-it' });
});

test('an unknown load may bring all of its vCPUs and takes none away', () => {
  const risks = [0, 0, 0.4, 0.8];
  const busy = { ...host('h1', 8), cores: 4, risks };
  const unknown = { ...server('a', 'h2'), vcpus: 4, cpuPercent: 'unknown' as const };
  const target = fleet({
    hosts: [busy, { ...host('h2', 8), closed: 'its risk is unknown', risks: 'unknown' as const }],
    servers: [unknown, server('b', 'h1', 'it is pinned')],
  });

  const { moves, unimproved } = replaceAll(target, quick);

  expect(moves).toEqual([]);
  expect(unimproved[0]).toMatchObject({ id: 'c', reason: 'risk-too-high' });
});

test('a leg between hosts whose distance nobody knows counts as assumed, and is told of', () => {
  const { chains } = replaceAll(fleet({ delayBetween: () => 'unknown' }), {
    ...quick,
    moveBudget: 0,
    assumedDelayMs: 7,
  });

  expect(chains[0]).toMatchObject({ beforeMs: 7, afterMs: 7, assumedLegs: 1 });
});
