import { type FleetView, serversOn } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import { parametersOf, policyNamed } from '@sidestep/policies';
import { ProblemError } from '@sidestep/service-kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newLeaver } from '../src/domain/hosts/leaving.ts';
import { policyVersion } from '../src/domain/policy-version.ts';
import { fullHosts, type PlacedMove, withMoves } from '../src/domain/traffic.ts';
import { approveDecision } from '../src/usecases/answer-decision.ts';
import { placeNext } from '../src/usecases/hosts/place-next.ts';
import { makeDecision } from '../src/usecases/make-decision.ts';
import { placedMoves } from '../src/usecases/occupancy.ts';
import { slotWrites } from '../src/usecases/operate/reserve-slots.ts';
import { end } from './fakes/end-move.ts';
import { decideLimits, type World, wideLimits, world } from './fakes/world.ts';

const random = policyNamed('random') ?? expect.fail();
const decisions = async (sut: World) =>
  (await sut.ledger.decisions({}, { limit: 500 })).items.map(({ value }) => value);
const placed = async (sut: World) =>
  placedMoves(
    await sut.ledger.live(),
    (await sut.ledger.standing()).map(({ decision }) => decision),
  );
const move = (serverId: string, from: string, to: string, more: Partial<PlacedMove> = {}) => ({
  serverId,
  from,
  to,
  crosses: [],
  takesSource: true,
  claimed: false,
  words: `${serverId} moves from ${from} to ${to}`,
  ...more,
});

/** Hot hosts of one server each, and one host that could take them all. */
function hotAroundOne(hot: number, parts: { vcpus?: number; mode?: 'auto' | 'recommend' } = {}) {
  const { vcpus = 48, mode = 'auto' } = parts;
  const builder = cloud().host('cool', { cpuPercent: 20, capacity: { vcpus, vcpusUsed: 0 } });
  for (let at = 0; at < hot; at++) {
    builder.host(`hot${at}`, { cpuPercent: 95 });
    builder.server(`s${at}`, { on: `hot${at}`, cpuPercent: 90 });
  }
  const sut = world({ view: builder.build(), guardrails: wideLimits, mode });
  for (let at = 0; at < hot; at++) sut.telemetry.raise(`hot${at}`);
  return sut;
}
const withSlots = (sut: World, perHost: number) => {
  sut.limits = { ...decideLimits, slots: { perHost, perLink: null } };
  return sut;
};

describe('a host takes part in as many moves as it has slots', () => {
  test('one, unless somebody says more; the full one is rejected with who takes it', async () => {
    const sut = hotAroundOne(2);

    await sut.reconcile();
    await sut.reconcile();

    expect(await sut.ledger.live()).toHaveLength(1);
    const stay = (await decisions(sut)).find(({ state }) => state === 'stay');
    const again = await makeDecision(
      { ...sut.reconcileOptions() },
      {
        hostId: stay?.hostId ?? '',
        serverId: null,
        policy: policyNamed('least-cpu') ?? expect.fail(),
        seed: 1,
        by: 'ann',
      },
    );
    expect(again.rejected).toContainEqual({
      hostId: 'cool',
      why: 'host-slots',
      detail: expect.stringMatching(
        /^host cool takes part in 1 at once: s\d moves from hot\d to cool/,
      ),
    });
  });

  test('a further one each round, that the load of those before it is counted for', async () => {
    const sut = withSlots(hotAroundOne(3), 2);

    await sut.reconcile();
    expect(await sut.ledger.live()).toHaveLength(1);
    await sut.reconcile();
    await sut.reconcile();

    expect(await sut.ledger.live()).toHaveLength(2);
    const begun = (await decisions(sut)).filter(({ state }) => state === 'approved');
    // 20 % of its own, and a twelfth of 90 % from each of the two.
    expect(
      begun.map(({ predicted }) => predicted?.destination.cpuPercentBefore).toSorted(),
    ).toEqual([20, 27.5]);
  });

  test('Prediction is asked about the load with what is on its way', async () => {
    const sut = world({
      view: hotAroundOne(2).telemetry.view,
      guardrails: wideLimits,
      policy: 'least-risk',
    });
    withSlots(sut, 2);
    sut.forecasts.risks = new Map([['cool', 0.01]]);
    sut.telemetry.raise('hot0');
    await sut.reconcile();
    sut.telemetry.raise('hot1');

    await sut.reconcile();

    const added = sut.forecasts.asked
      .flat()
      .filter(({ hostId }) => hostId === 'cool')
      .map(({ addedCpuPercent }) => addedCpuPercent);
    expect(added).toEqual([7.5, 15]);
  });

  test('a proposal keeps its slots, and approvals go no further than they reach', async () => {
    const sut = withSlots(hotAroundOne(2, { mode: 'recommend' }), 2);
    await sut.reconcile();
    await sut.reconcile();
    const [one, two] = (await decisions(sut)).filter(({ state }) => state === 'proposed');
    const { meters, wake } = sut.reconcileOptions();
    const options = { ledger: sut.ledger, meters, now: () => sut.clock.now(), wake };
    const limits = { ...decideLimits, slots: { perHost: 1, perLink: null } };

    await approveDecision({ ...options, limits }, one?.id ?? '', 'ada');

    await expect(approveDecision({ ...options, limits }, two?.id ?? '', 'ada')).rejects.toThrow(
      'host cool takes part in 1 at once',
    );
  });

  test('two that would fit alone and not together do not both go', async () => {
    const sut = withSlots(hotAroundOne(2, { vcpus: 1 }), 4);

    await sut.reconcile();
    await sut.reconcile();

    expect(await sut.ledger.live()).toHaveLength(1);
    const stay = (await decisions(sut)).find(({ state }) => state === 'stay');
    expect(stay?.rejected).toContainEqual({
      hostId: 'cool',
      why: 'host-slots',
      detail: expect.anything(),
    });
  });

  test('Placement is asked about both where it has not heard of the first', async () => {
    const sut = withSlots(hotAroundOne(2), 2);
    await sut.reconcile();
    await sut.reconcile();

    expect(sut.places.asked.map(({ besides }) => besides?.get('cool'))).toEqual([
      undefined,
      { vcpus: 1, ramMiB: 1_024, diskGiB: 1 },
    ]);
  });

  test('before the call the one that came first goes: the other is told of its claim', async () => {
    const sut = withSlots(hotAroundOne(2), 2);
    await sut.reconcile();
    await sut.reconcile();
    const [first, second] = sut.woken;
    if (first === undefined || second === undefined) throw new Error('two moves were expected');
    const limits = { slots: { perHost: 2, perLink: null } };
    await sut.records.commit(await slotWrites(first, limits.slots, sut.ledger));
    const asked: number[] = [];
    const { readReception } = sut.compute;
    sut.compute.readReception = async (hostId, server, before) => {
      asked.push(...before.map(({ vcpus }) => vcpus));
      return { ...(await readReception(hostId, server, before)), lacking: 'everything' };
    };
    sut.compute.server = { ...sut.compute.server, id: second.serverId, hostId: second.from };
    const { vcpus } = sut.compute.server;
    const own = { ...sut.compute.server };
    sut.compute.readServer = async (id) =>
      id === second.serverId ? own : { ...own, id, hostId: first.from };

    await sut.run(second.id, { limits });

    expect(asked).toEqual([vcpus]);
    expect((await sut.operation(second.id)).problem?.detail).toContain('has no room');
  });
});

describe('what is on its way', () => {
  const view = cloud()
    .host('h1', { capacity: { vcpus: 4, vcpusUsed: 2 } })
    .server('a', { on: 'h1', vcpus: 2, cpuPercent: 'unknown' })
    .host('h2', { cpuPercent: 30, cores: 4, capacity: { vcpus: 4, vcpusUsed: 0 } })
    .build();

  test('is reckoned with all of its vCPUs where its load is unknown', () => {
    const moved = withMoves(view, [move('a', 'h1', 'h2')]);

    expect(moved.hosts.map(({ cpuPercent }) => cpuPercent)).toEqual([30, 80]);
  });

  test('takes slots of both of its hosts, of one that is being emptied only of the other', () => {
    const one = { perHost: 1, perLink: null };

    const own = fullHosts({ slots: one, moves: [move('a', 'h1', 'h2')] });
    const emptied = fullHosts({
      slots: one,
      moves: [move('a', 'h1', 'h2', { takesSource: false })],
    });

    expect([...own.keys()]).toEqual(['h1', 'h2']);
    expect([...emptied.keys()]).toEqual(['h2']);
  });
});

describe('where one move does not calm a host', () => {
  /** Each of its servers is a tenth of the host, which two have to leave until it is calm. */
  const hotOfThree = (perHost: number, cpuPercent = 98) => {
    const builder = cloud().host('h1', { cpuPercent, cores: 4 });
    for (const id of ['a', 'b', 'c']) builder.server(id, { on: 'h1', cpuPercent: 40 });
    for (const id of ['h2', 'h3', 'h4']) builder.host(id, { cpuPercent: 10 });
    const sut = world({ view: builder.build(), policy: 'least-risk', guardrails: wideLimits });
    sut.forecasts.risks = new Map(['h2', 'h3', 'h4'].map((id) => [id, 0.01]));
    sut.telemetry.raise('h1');
    return withSlots(sut, perHost);
  };
  const rounds = async (sut: World) => {
    for (let round = 0; round < 4; round++) await sut.reconcile();
    return (await decisions(sut)).filter(({ state }) => state === 'approved').toReversed();
  };

  test('the second goes at once where there is a slot, and names the first; no more than are needed go', async () => {
    const sut = hotOfThree(4);

    const [first, second, ...more] = await rounds(sut);

    expect(first?.furtherMoves).toHaveLength(1);
    expect(second).toMatchObject({ follows: first?.id, furtherMoves: [] });
    expect(second?.serverId).not.toBe(first?.serverId);
    expect(more).toEqual([]);
  });

  test('it waits for the first where there is none', async () => {
    expect(await rounds(hotOfThree(1))).toHaveLength(1);
  });

  test('none follows one that is enough', async () => {
    expect(await rounds(hotOfThree(4, 88))).toHaveLength(1);
  });

  test('none of them begins once the alarm has cleared', async () => {
    const sut = hotOfThree(4);
    await rounds(sut);
    sut.telemetry.clear('h1');

    await sut.reconcile();

    const aborts = (await sut.ledger.live()).map(({ value }) => value.abort?.reason);
    expect(aborts).toEqual(Array(2).fill('the alarm cleared before the move began'));
  });
});

test('decisions of a drain say the version and the parameters of its policy, and what was expected', async () => {
  const sut = world({ view: hotAroundOne(1).telemetry.view, policy: 'least-cpu' });
  const policy = policyNamed('least-cpu') ?? expect.fail();

  await empty(sut, 'hot0', policy);

  const [decision] = await decisions(sut);
  expect(decision).toMatchObject({
    trigger: { kind: 'host-drain' },
    policy: 'least-cpu',
    policyVersion: policyVersion(policy),
    params: parametersOf(policy.params),
    predicted: { source: { hostId: 'hot0' }, destination: { hostId: 'cool' } },
  });
});

const hostIds = ['h0', 'h1', 'h2', 'h3', 'h4'];

/** Five small hosts, with members of hops and of groups that have to stay apart. */
function crowded(sizes: readonly number[]): FleetView {
  const builder = cloud();
  for (const id of hostIds) builder.host(id, { cpuPercent: 50, capacity: { vcpus: 5 } });
  for (const [at, vcpus] of sizes.entries()) {
    builder.server(`s${at}`, { on: hostIds[at % 5] ?? null, vcpus, cpuPercent: 50 });
  }
  return counted(
    builder
      .group('anti-affinity', 's0', 's1', 's2')
      .chain('c1', ['s3', 's4'], ['s5'])
      .chain('c2', ['s6', 's7'])
      .build(),
  );
}

/** The view with what its servers use. */
function counted(view: FleetView): FleetView {
  return {
    ...view,
    hosts: view.hosts.map((host) => {
      const vcpusUsed = serversOn(view, host.id).reduce((sum, { vcpus }) => sum + vcpus, 0);
      return { ...host, capacity: { ...host.capacity, vcpusUsed } };
    }),
  };
}

/** What must never be together on a host. */
const apart = [
  ['s0', 's1', 's2'],
  ['s3', 's4'],
  ['s6', 's7'],
];

async function expectNothingBroken(sut: World, perHost: number): Promise<void> {
  const { view } = sut.telemetry;
  const moves = await placed(sut);
  for (const { id, capacity } of view.hosts) {
    const here = new Set(serversOn(view, id).map((server) => server.id));
    for (const { serverId, to } of moves) if (to === id) here.add(serverId);
    const used = view.servers
      .filter((server) => here.has(server.id))
      .reduce((sum, { vcpus }) => sum + vcpus, 0);
    expect(used, `${id} holds ${[...here]}`).toBeLessThanOrEqual(capacity.vcpus);
    for (const group of apart) {
      expect(group.filter((serverId) => here.has(serverId)).length).toBeLessThanOrEqual(1);
    }
    const taking = moves.filter(
      ({ from, to, takesSource }) => to === id || (takesSource && from === id),
    );
    expect(taking.length).toBeLessThanOrEqual(perHost);
  }
  expect(new Set(moves.map(({ serverId }) => serverId)).size).toBe(moves.length);
}

/** What a host drain does with the servers of a host that are not on their way yet. */
async function empty(sut: World, hostId: string, policy = random): Promise<void> {
  const busy = new Set((await placed(sut)).map(({ serverId }) => serverId));
  const leavers = serversOn(sut.telemetry.view, hostId)
    .filter(({ id }) => !busy.has(id))
    .map(newLeaver);
  const result = await placeNext(
    {
      work: { kind: 'host-drain', id: 'd' },
      kind: 'live-migration',
      hostId,
      policy,
      by: 'ann',
      reason: 'maintenance',
      maxConcurrentMoves: 3,
      apart: false,
      leavers,
    },
    {
      ...sut.reconcileOptions(),
      limits: { ...sut.limits, leaving: { maxTries: 3, retryMs: 1_000 } },
    },
  );
  await sut.records.commit(result.writes);
}

test('no interleaving over-commits a host, breaks a group, or puts two members of a hop together', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('raise', 'clear', 'empty', 'ask'), at: fc.nat(4) }),
    fc.record({ kind: fc.constantFrom('reconcile'), at: fc.constant(0) }),
    fc.record({ kind: fc.constantFrom('approve', 'complete', 'fail'), at: fc.nat(9) }),
  );
  let most = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom('auto' as const, 'recommend' as const),
      fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 8, maxLength: 10 }),
      fc.array(step, { minLength: 6, maxLength: 25 }),
      async (perHost, mode, sizes, steps) => {
        const sut = world({ view: crowded(sizes), mode, policy: 'random', guardrails: wideLimits });
        withSlots(sut, perHost);
        const { meters, wake } = sut.reconcileOptions();
        const now = () => sut.clock.now();
        const answering = {
          ledger: sut.ledger,
          meters,
          now,
          limits: { ...sut.limits, vetoRestMs: 0 },
          wake,
        };
        for (const { kind, at } of steps) {
          sut.clock.advance(1_000);
          const hostId = hostIds[at % 5] ?? 'h0';
          if (kind === 'raise') sut.telemetry.raise(hostId);
          if (kind === 'clear') sut.telemetry.clear(hostId);
          if (kind === 'empty') await empty(sut, hostId);
          if (kind === 'ask') {
            const request = { hostId, serverId: null, policy: random, seed: at, by: 'ann' };
            await makeDecision(sut.reconcileOptions(), request).catch(expectRefusal);
          }
          if (kind === 'reconcile' || kind === 'raise') await sut.reconcile();
          if (kind === 'approve') {
            const open = (await decisions(sut)).filter(({ state }) => state === 'proposed');
            const chosen = open[at % Math.max(1, open.length)];
            if (chosen) await approveDecision(answering, chosen.id, 'ann').catch(expectRefusal);
          }
          if (kind === 'complete' || kind === 'fail') {
            const live = await sut.ledger.live();
            const chosen = live[at % Math.max(1, live.length)];
            if (chosen) await end(sut, chosen.id, kind === 'complete' ? 'completed' : 'failed');
            sut.telemetry.view = counted(sut.telemetry.view);
          }
          await expectNothingBroken(sut, perHost);
          most = Math.max(most, (await placed(sut)).length);
        }
      },
    ),
    { numRuns: 60 },
  );
  expect(most).toBeGreaterThan(2);
}, 60_000);

function expectRefusal(error: unknown): void {
  if (!(error instanceof ProblemError)) throw error;
}
