import { type Host, topologyOf } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import { policyNamed } from '@sidestep/policies';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pairKey } from '../src/domain/pair-scores.ts';
import { type MoveQuestion, planMove, shortlist, withoutTaken } from '../src/domain/plan-move.ts';
import { maxShortlistedHosts, maxVictims } from '../src/domain/shortlist.ts';

function question(
  view: MoveQuestion['context']['view'],
  parts: { policy?: string; seed?: number; resting?: [string, string][]; serverId?: string } & {
    alarmed?: string[];
    signedOnly?: boolean;
    params?: Record<string, number>;
    kept?: [string, string][];
    occupied?: [string, string][];
  } = {},
): MoveQuestion {
  const policy = policyNamed(parts.policy ?? 'least-cpu');
  if (policy === undefined) throw new Error('no such policy');
  return {
    hostId: 'h1',
    serverId: parts.serverId ?? null,
    policy,
    seed: parts.seed ?? 1,
    resting: new Map(parts.resting ?? []),
    params: parts.params ?? {},
    rules: { pinnedTag: 'sidestep:pinned', overcomes: new Set(['local-disk']) },
    context: {
      view,
      alarmed: new Set(['h1', ...(parts.alarmed ?? [])]),
      occupied: new Map(parts.occupied ?? []),
      kept: new Map(parts.kept ?? []),
      signedOnly: parts.signedOnly ?? false,
    },
  };
}

const noScores = { pairRisks: [], modelVersion: null };
const hot = () => cloud().host('h1', { cpuPercent: 95 });

describe('which server leaves', () => {
  test('the one of the largest share of the host’s CPU, whatever its own percent', () => {
    const view = hot()
      .server('small', { on: 'h1', vcpus: 1, cpuPercent: 100 })
      .server('large', { on: 'h1', vcpus: 4, cpuPercent: 50 })
      .host('h2')
      .build();

    const plan = planMove(shortlist(question(view)), noScores);

    expect(plan).toMatchObject({ serverId: 'large', destinationHostId: 'h2', stayReason: null });
    expect(plan.victims.map(({ serverId, chosen }) => [serverId, chosen])).toEqual([
      ['large', true],
      ['small', false],
    ]);
  });

  test('the largest that fits a destination', () => {
    const view = hot()
      .server('large', { on: 'h1', ramMiB: 65_536, cpuPercent: 100 })
      .server('small', { on: 'h1', cpuPercent: 10 })
      .host('h2')
      .build();

    const plan = planMove(shortlist(question(view)), noScores);

    expect(plan).toMatchObject({ serverId: 'small', destinationHostId: 'h2' });
    expect(plan.victims[0]).toMatchObject({ serverId: 'large', why: 'would stay: no-candidate' });
  });

  test('equals fall by the seed', () => {
    const view = hot()
      .server('a', { on: 'h1' })
      .server('b', { on: 'h1' })
      .server('c', { on: 'h1' })
      .host('h2')
      .build();

    const chosen = Array.from(
      { length: 40 },
      (_, seed) => planMove(shortlist(question(view, { seed })), noScores).serverId,
    );

    expect(new Set(chosen)).toEqual(new Set(['a', 'b', 'c']));
  });

  test('one of unknown load comes last, reckoned with all of its vCPUs: unknown is not zero', () => {
    const view = hot()
      .server('mute', { on: 'h1', vcpus: 6, cpuPercent: 'unknown' })
      .server('known', { on: 'h1', vcpus: 1, cpuPercent: 5 })
      .host('h2')
      .build();

    const list = shortlist(question(view, { policy: 'least-risk' }));

    expect(list.victims.map(({ server }) => server.id)).toEqual(['known', 'mute']);
    expect(list.pairs.find(({ serverId }) => serverId === 'mute')?.addedCpuPercent).toBe(50);
  });

  test('where nobody approves, one of unsigned load is one of unknown load', () => {
    const view = hot()
      .server('boaster', { on: 'h1', cpuPercent: 100, trusted: false })
      .server('known', { on: 'h1', cpuPercent: 5 })
      .host('h2')
      .build();
    const first = (signedOnly: boolean) =>
      shortlist(question(view, { signedOnly })).victims[0]?.server.id;

    expect(first(false)).toBe('boaster');
    expect(first(true)).toBe('known');
  });

  test.each([
    ['is not ACTIVE', { status: 'SHUTOFF' }, 'is SHUTOFF, not ACTIVE'],
    ['has a task', { taskState: 'rebooting' }, 'Nova is busy with it (rebooting)'],
  ])('none that %s', (_case, parts, why) => {
    const view = hot()
      .server('s', { on: 'h1', ...parts })
      .host('h2')
      .build();

    const plan = planMove(shortlist(question(view)), noScores);

    expect(plan).toMatchObject({ serverId: null, stayReason: 'no-victim', victims: [{ why }] });
  });

  test('none that cannot be moved live, and the record names what is against it', () => {
    const view = hot()
      .server('s', { on: 'h1', cpuPercent: 90, tags: ['sidestep:pinned'] })
      .server('t', { on: 'h1', cpuPercent: 10 })
      .host('h2')
      .build();

    const plan = planMove(shortlist(question(view)), noScores);

    expect(plan.serverId).toBe('t');
    expect(plan.victims).toContainEqual(
      expect.objectContaining({ serverId: 's', chosen: false, obstacle: 'pinned' }),
    );
  });

  test('none that rests after a move', () => {
    const view = hot()
      .server('s', { on: 'h1' })
      .server('t', { on: 'h1', cpuPercent: 1 })
      .host('h2');

    const plan = planMove(
      shortlist(question(view.build(), { resting: [['s', 'rests after a move']] })),
      noScores,
    );

    expect(plan.serverId).toBe('t');
    expect(plan.victims).toContainEqual(
      expect.objectContaining({ serverId: 's', why: 'rests after a move' }),
    );
  });

  test('only the one that was asked for, where one was', () => {
    const view = hot()
      .server('a', { on: 'h1', cpuPercent: 90 })
      .server('b', { on: 'h1' })
      .host('h2');

    expect(planMove(shortlist(question(view.build(), { serverId: 'b' })), noScores).serverId).toBe(
      'b',
    );
  });
});

describe('where it can’t go', () => {
  test.each<[string, () => ReturnType<typeof cloud>, object, string]>([
    ['a host that is down', () => hot().host('h2', { state: 'down' }), {}, 'host-down'],
    ['a disabled host', () => hot().host('h2', { status: 'disabled' }), {}, 'host-disabled'],
    ['a silent host', () => hot().host('h2', { cpuPercent: 'unknown' }), {}, 'load-unknown'],
    ['a host of suspect data', () => hot().host('h2', { quality: 'suspect' }), {}, 'data-suspect'],
    [
      'a host of data that cannot be judged',
      () => hot().host('h2', { quality: 'unknown' }),
      {},
      'data-unknown',
    ],
    [
      'a host that anybody could speak for, where nobody approves',
      () => hot().host('h2', { trusted: false }),
      { signedOnly: true },
      'data-unsigned',
    ],
    ['a full host', () => hot().host('h2', { capacity: { ramUsedMiB: 24_000 } }), {}, 'no-room'],
    ['a host that is hot itself', () => hot().host('h2'), { alarmed: ['h2'] }, 'in-alarm'],
    ['a host in maintenance', () => hot().host('h2'), { kept: [['h2', 'tonight']] }, 'maintenance'],
    ['a host of another zone', () => hot().host('h2', { zone: 'az2' }), {}, 'zone'],
    ['a host of another move', () => hot().host('h2'), { occupied: [['h2', 'x']] }, 'reserved'],
    [
      'a host with another member of its anti-affinity group',
      () => hot().host('h2').server('t', { on: 'h2' }).group('anti-affinity', 's', 't'),
      {},
      'anti-affinity',
    ],
  ])('%s', (_case, build, parts, why) => {
    const view = build().server('s', { on: 'h1' }).build();

    const plan = planMove(shortlist(question(view, parts)), noScores);

    expect(plan).toMatchObject({ stayReason: 'no-candidate', destinationHostId: null });
    expect(plan.rejected).toMatchObject([{ hostId: 'h2', why }]);
  });

  test('a host that was taken while the decisions before it were made', () => {
    const view = hot().server('s', { on: 'h1' }).host('h2').build();

    const list = withoutTaken(shortlist(question(view)), new Map([['h2', 'taken']]));

    expect(planMove(list, noScores)).toMatchObject({
      stayReason: 'no-candidate',
      rejected: [{ hostId: 'h2', why: 'host-slots', detail: 'taken' }],
    });
  });
});

describe('pairs are weighed', () => {
  const weighed = (
    view: MoveQuestion['context']['view'],
    costs: [string, string, number][] = [],
    parts: Parameters<typeof question>[1] = {},
  ) =>
    planMove(shortlist(question(view, parts)), noScores, {
      topology: topologyOf(view.links),
      costs: new Map(
        costs.map(([serverId, hostId, expectedMs]) => [
          pairKey(serverId, hostId),
          { expectedMs, downtimeMs: 100, trafficBytes: 1e9, converges: true, method: 'm' },
        ]),
      ),
    });

  test('so one move calms the host where one can, and of two that can the cheaper', () => {
    const view = hot()
      .server('small', { on: 'h1', vcpus: 1, cpuPercent: 20 })
      .server('enough', { on: 'h1', vcpus: 4, cpuPercent: 60 })
      .server('huge', { on: 'h1', vcpus: 6, cpuPercent: 100 })
      .host('h2')
      .build();

    const plan = weighed(view, [
      ['small', 'h2', 5_000],
      ['enough', 'h2', 10_000],
      ['huge', 'h2', 200_000],
    ]);

    expect(plan).toMatchObject({ serverId: 'enough', destinationHostId: 'h2', furtherMoves: [] });
    expect(plan.candidates[0]).toMatchObject({
      terms: { relief: 0 },
      cost: { expectedMs: 10_000 },
    });
    expect(plan.victims.find(({ serverId }) => serverId === 'huge')?.score).toBeGreaterThan(
      plan.victims.find(({ serverId }) => serverId === 'enough')?.score ?? 9,
    );
  });

  test('where one cannot, the moves that should follow are foreseen, each to a host of its own', () => {
    const view = hot()
      .server('a', { on: 'h1', vcpus: 1, cpuPercent: 90 })
      .server('b', { on: 'h1', vcpus: 1, cpuPercent: 80 })
      .server('c', { on: 'h1', vcpus: 1, cpuPercent: 1 })
      .host('h2', { cpuPercent: 10 })
      .host('h3', { cpuPercent: 11 })
      .build();

    const plan = weighed(view);

    expect(plan).toMatchObject({ serverId: 'a', destinationHostId: 'h2' });
    expect(plan.furtherMoves).toEqual([{ serverId: 'b', name: 'b', hostId: 'h3' }]);
  });

  test('an unknown cost is no advantage', () => {
    const view = hot()
      .server('s', { on: 'h1' })
      .host('h2', { cpuPercent: 30 })
      .host('h3', { cpuPercent: 31 })
      .build();

    const plan = weighed(view, [['s', 'h2', 50_000]]);

    expect(plan.destinationHostId).toBe('h2');
    expect(plan.candidates.find(({ hostId }) => hostId === 'h3')?.cost).toBeNull();
  });

  const chained = () =>
    hot()
      .server('s', { on: 'h1' })
      .host('near', { cpuPercent: 40 })
      .host('far', { cpuPercent: 20 })
      .host('peer')
      .server('next', { on: 'peer' })
      .chain('c', ['s'], ['next'])
      .link('h1', 'peer', 2)
      .link('near', 'peer', 1)
      .link('far', 'peer', 8);

  test('a chain’s delay before and after is in the score and in the record', () => {
    const plan = weighed(chained().build(), [], { alarmed: ['peer'] });
    const indifferent = weighed(chained().build(), [], {
      alarmed: ['peer'],
      params: { delayWeight: 0 },
    });

    expect(plan.destinationHostId).toBe('near');
    expect(indifferent.destinationHostId).toBe('far');
    expect(plan.candidates.map(({ hostId, chains }) => [hostId, chains?.[0]])).toEqual([
      ['near', { chainId: 'c', beforeMs: 2, afterMs: 1, promisedMs: null, criticality: 3 }],
      ['far', { chainId: 'c', beforeMs: 2, afterMs: 8, promisedMs: null, criticality: 3 }],
    ]);
  });

  test('a host that would break a chain’s promise is refused by name, and with no other it stays', () => {
    const promised = chained().promise('c', { delayMs: 5 }).build();
    const onlyFar = { ...promised, hosts: promised.hosts.filter(({ id }) => id !== 'near') };

    expect(weighed(promised, [], { alarmed: ['peer'] }).rejected).toContainEqual(
      expect.objectContaining({ hostId: 'far', why: 'sla-delay' }),
    );
    expect(weighed(onlyFar, [], { alarmed: ['peer'] })).toMatchObject({
      serverId: null,
      stayReason: 'would-not-help',
    });
  });

  test('a policy that weighs nothing takes the largest share that it finds a host for', () => {
    const view = hot()
      .server('large', { on: 'h1', vcpus: 6, cpuPercent: 100 })
      .server('small', { on: 'h1', cpuPercent: 10 })
      .host('h2')
      .build();

    const plan = weighed(view, [['large', 'h2', 9e9]], { policy: 'random' });

    expect(plan).toMatchObject({ serverId: 'large', furtherMoves: [] });
    expect(plan.candidates[0]).not.toHaveProperty('terms');
  });
});

describe('the two stages', () => {
  test('at most 8 servers and 64 hosts are scored, those of the least risk at the last tick', () => {
    const builder = hot();
    for (let i = 0; i < 12; i++) builder.server(`s${i}`, { on: 'h1', cpuPercent: 50 + i });
    for (let i = 0; i < 100; i++) builder.host(`d${i}`, { risk: 1 - i / 100 });
    builder.host('unknown', { risk: 'unknown' });

    const list = shortlist(question(builder.build(), { policy: 'least-risk' }));

    const hosts = new Set(list.pairs.map(({ hostId }) => hostId));
    expect(list.victims).toHaveLength(maxVictims);
    expect(list.victims[0]?.server.id).toBe('s11');
    expect(hosts.size).toBe(maxShortlistedHosts);
    expect(hosts.has('d99')).toBe(true);
    expect(hosts.has('d10')).toBe(false);
    expect(hosts.has('unknown')).toBe(false);
    expect(list.pairs).toHaveLength(maxVictims * maxShortlistedHosts);
    expect(list.victims[0]?.rejected.filter(({ why }) => why === 'not-shortlisted')).toHaveLength(
      37,
    );
  });

  test('a policy that needs no risk sees every host that could take the server', () => {
    const builder = hot().server('s', { on: 'h1' });
    for (let i = 0; i < 100; i++) builder.host(`d${i}`, { risk: i / 100, cpuPercent: 100 - i });

    const list = shortlist(question(builder.build(), { policy: 'least-cpu' }));

    expect(list.pairs).toEqual([]);
    expect(planMove(list, noScores).destinationHostId).toBe('d99');
  });

  test('the added load is the server’s share of that host’s cores', () => {
    const view = hot()
      .server('s', { on: 'h1', vcpus: 2, cpuPercent: 60 })
      .host('small', { cores: 4 })
      .host('large', { cores: 24 })
      .build();

    const { pairs } = shortlist(question(view, { policy: 'least-risk' }));

    expect(pairs).toEqual([
      { serverId: 's', hostId: 'small', addedCpuPercent: 30 },
      { serverId: 's', hostId: 'large', addedCpuPercent: 5 },
    ]);
  });
});

test('a plan never breaks a hard constraint, and equal input gives an equal plan', () => {
  const hostParts = fc.record({
    state: fc.constantFrom<Host['state'][]>('up', 'up', 'up', 'down'),
    status: fc.constantFrom<Host['status'][]>('enabled', 'enabled', 'disabled'),
    cpuPercent: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant('unknown' as const)),
    ramUsedMiB: fc.constantFrom(0, 23_000, 24_576),
    marked: fc.constantFrom('none', 'none', 'alarmed', 'occupied'),
  });
  const serverParts = fc.record({
    ramMiB: fc.constantFrom(512, 1_024, 8_192),
    cpuPercent: fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant('unknown' as const)),
    status: fc.constantFrom('ACTIVE', 'ACTIVE', 'SHUTOFF'),
  });
  fc.assert(
    fc.property(
      fc.array(hostParts, { maxLength: 6 }),
      fc.array(serverParts, { maxLength: 6 }),
      fc.constantFrom('least-cpu', 'random', 'least-risk'),
      fc.nat(),
      (hosts, servers, policy, seed) => {
        const builder = hot();
        hosts.forEach(({ ramUsedMiB, marked: _marked, ...parts }, i) => {
          builder.host(`d${i}`, { ...parts, capacity: { ramUsedMiB } });
        });
        servers.forEach((parts, i) => {
          builder.server(`s${i}`, { on: 'h1', ...parts });
        });
        const marked = (mark: string) =>
          hosts.flatMap((each, i) => (each.marked === mark ? [`d${i}`] : []));
        const occupied = marked('occupied').map((id): [string, string] => [id, 'x']);
        const asked = question(builder.build(), {
          policy,
          seed,
          alarmed: marked('alarmed'),
          occupied,
        });
        const list = shortlist(asked);
        const scores = {
          modelVersion: 'm',
          pairRisks: list.pairs.map((pair) => ({
            ...pair,
            risk: 0.1,
            predictedMaxCpuPercent: 50,
            reasons: [],
          })),
        };

        const plan = planMove(list, scores);

        expect(planMove(shortlist(asked), scores)).toEqual(plan);
        expect((plan.destinationHostId === null) === (plan.stayReason !== null)).toBe(true);
        if (plan.destinationHostId === null) return;
        const view = asked.context.view;
        const host = view.hosts.find(({ id }) => id === plan.destinationHostId);
        const server = view.servers.find(({ id }) => id === plan.serverId);
        expect(host).toMatchObject({ state: 'up', status: 'enabled' });
        expect(host?.cpuPercent).not.toBe('unknown');
        expect(server?.status).toBe('ACTIVE');
        expect(host?.id).not.toBe('h1');
        expect([...marked('alarmed'), ...marked('occupied')]).not.toContain(host?.id);
        expect(24_576 - (host?.capacity.ramUsedMiB ?? 0)).toBeGreaterThanOrEqual(
          server?.ramMiB ?? 0,
        );
      },
    ),
  );
});
