import type { FleetView } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import { policyNamed } from '@sidestep/policies';
import { describe, expect, test } from 'vitest';
import { safeLimits } from '../src/domain/guardrails/limits.ts';
import { approveDecision, vetoDecision } from '../src/usecases/answer-decision.ts';
import { changeSettings, setKillSwitch } from '../src/usecases/change-controls.ts';
import { makeDecision } from '../src/usecases/make-decision.ts';
import { reconcile } from '../src/usecases/reconcile.ts';
import {
  decideLimits,
  hotHost,
  operateLimits,
  type World,
  wideLimits,
  world,
} from './fakes/world.ts';

const decisions = async (sut: World) =>
  (await sut.ledger.decisions({}, { limit: 100 })).items.map(({ value }) => value);
const answers = (sut: World) => ({
  ledger: sut.ledger,
  meters: sut.reconcileOptions().meters,
  now: () => sut.clock.now(),
  limits: decideLimits,
  wake: sut.reconcileOptions().wake,
});

function recommending(): World {
  const sut = world({ mode: 'recommend' });
  sut.telemetry.raise('h1');
  return sut;
}

describe('the alarms raised now are what counts', () => {
  test('any number of alarms on a host and of wake-ups make one decision', async () => {
    const sut = recommending();
    sut.telemetry.raise('h1', {
      id: 'other',
      ruleId: 'risk',
      metric: 'forecast.failureRisk',
      raisedAtMs: sut.clock.now() - 5_000,
    });

    await sut.reconcile();
    await sut.reconcile(false);
    await sut.reconcile();

    const made = await decisions(sut);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      state: 'proposed',
      hostId: 'h1',
      serverId: 's1',
      destinationHostId: 'h2',
      policy: 'least-cpu',
      trigger: {
        kind: 'alarm',
        alarmIds: ['alarm-h1', 'other'],
        ruleIds: ['host-cpu-high', 'risk'],
        raisedAtMs: sut.clock.now() - 5_000,
      },
      data: { inventoryAgeMs: 1_000, oldestSampleAgeMs: 500 },
    });
  });

  test('an alarm that may only recommend moves nothing in auto, and proposes in recommend', async () => {
    const risk = { ruleId: 'risk', metric: 'forecast.failureRisk', mode: 'recommend' } as const;
    const acting = world({ mode: 'auto' });
    const advising = world({ mode: 'recommend' });
    for (const sut of [acting, advising]) {
      sut.telemetry.raise('h1', risk);
      await sut.reconcile();
    }

    expect(await decisions(acting)).toEqual([]);
    expect(await decisions(advising)).toMatchObject([{ state: 'proposed', hostId: 'h1' }]);
  });

  test('an alarm of another metric, or on what is no host, asks for no move', async () => {
    const sut = world();
    sut.telemetry.raise('h1', { metric: 'host.memPercent' });
    sut.telemetry.raise('c1', { metric: 'host.cpuPercent' });

    await sut.reconcile();

    expect(await decisions(sut)).toEqual([]);
  });

  test('a proposal whose alarm clears expires', async () => {
    const sut = recommending();
    await sut.reconcile();

    sut.telemetry.clear('h1');
    await sut.reconcile(false);

    const [decision] = await decisions(sut);
    expect(decision?.state).toBe('expired');
    expect(decision?.history.at(-1)).toMatchObject({ reason: 'the alarm cleared' });
    expect(await sut.ledger.standing()).toEqual([]);
  });

  test('an operation that has not asked Nova yet is stopped when the alarm clears', async () => {
    const sut = world();
    sut.telemetry.raise('h1');
    await sut.reconcile();

    sut.telemetry.clear('h1');
    await sut.reconcile(false);
    await sut.run(sut.woken[0]?.id ?? 'none');

    expect(await sut.operation()).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'OPERATION_ABORTED' },
    });
    expect(sut.compute.calls).toEqual([]);
  });

  test('while Monitoring is silent nothing is decided and nothing is cancelled', async () => {
    const sut = recommending();
    await sut.reconcile();

    sut.telemetry.away = true;

    await expect(sut.reconcile()).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect((await decisions(sut))[0]?.state).toBe('proposed');
  });

  test('a proposal that Monitoring’s silence outlasts expires, and says so', async () => {
    const sut = recommending();
    await sut.reconcile();
    sut.telemetry.away = true;

    sut.clock.advance(safeLimits.planExpiryMs - 1);
    await expect(sut.reconcile(false)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    const justBefore = (await decisions(sut))[0]?.state;
    sut.clock.advance(1);
    await expect(sut.reconcile(false)).rejects.toMatchObject({ code: 'UPSTREAM_TIMEOUT' });

    const reason =
      'the plan is 600 s old, 600 s at most, and what has changed since is unknown: monitoring: no answer';
    const [decision] = await decisions(sut);
    expect([justBefore, decision?.state]).toEqual(['proposed', 'expired']);
    expect(decision?.history.at(-1)?.reason).toBe(reason);
    expect(await sut.ledger.guard.heldBack()).toMatchObject([{ guardrail: 'plan-expiry', reason }]);
    expect(await sut.ledger.standing()).toEqual([]);
  });

  test('an alarm that nobody sees any more keeps what it began and begins nothing', async () => {
    const sut = recommending();
    await sut.reconcile();
    sut.telemetry.clear('h1');
    sut.telemetry.raise('h1', { unseen: true });
    sut.telemetry.raise('h2', { unseen: true });

    await sut.reconcile(false);

    expect(await decisions(sut)).toMatchObject([{ hostId: 'h1', state: 'proposed' }]);
  });

  test('a proposal that nobody answers expires and is decided anew', async () => {
    const sut = recommending();
    await sut.reconcile();

    sut.clock.advance(safeLimits.planExpiryMs);
    await sut.reconcile(false);

    expect((await decisions(sut)).map(({ state }) => state)).toEqual(['proposed', 'expired']);
  });
});

describe('a stay', () => {
  test('is recorded with its reason, and the same answer again is the same decision', async () => {
    const sut = world({ policy: 'no-migration' });
    sut.telemetry.raise('h1');

    await sut.reconcile();
    sut.clock.advance(10_000);
    await sut.reconcile(false);

    const made = await decisions(sut);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({
      state: 'stay',
      stayReason: 'policy-never-moves',
      serverId: null,
      updatedAtMs: sut.clock.now(),
    });
    expect(sut.woken).toEqual([]);
  });

  test('is looked at again: once a host has room, the move is decided', async () => {
    const crowded: FleetView = cloud()
      .host('h1', { cpuPercent: 95 })
      .server('s1', { on: 'h1' })
      .host('h2', { status: 'disabled' })
      .build();
    const sut = world({ view: crowded, mode: 'recommend' });
    sut.telemetry.raise('h1');
    await sut.reconcile();

    sut.telemetry.view = hotHost();
    await sut.reconcile(false);

    expect((await decisions(sut)).map(({ state, stayReason }) => [state, stayReason])).toEqual([
      ['proposed', null],
      ['stay', 'no-candidate'],
    ]);
  });

  test('an inventory that is too old decides nothing', async () => {
    const sut = recommending();
    sut.telemetry.inventoryAgeMs = decideLimits.maxInventoryAgeMs + 1;

    await sut.reconcile();

    expect(await decisions(sut)).toMatchObject([{ state: 'stay', stayReason: 'inventory-stale' }]);
  });
});

describe('least-risk', () => {
  test('asks Prediction once for the pairs and takes the host of least risk', async () => {
    const sut = world({ policy: 'least-risk', mode: 'recommend' });
    sut.telemetry.raise('h1');

    await sut.reconcile();

    expect(sut.forecasts.asked).toHaveLength(1);
    expect(sut.forecasts.asked[0]).toEqual([
      { serverId: 's1', hostId: 'h2', addedCpuPercent: 7.5 },
      { serverId: 's1', hostId: 'h3', addedCpuPercent: 7.5 },
    ]);
    expect(await decisions(sut)).toMatchObject([
      { destinationHostId: 'h3', modelVersion: 'm1', fallback: null },
    ]);
  });

  test('asks for the horizon that begins when the move would have ended', async () => {
    const sut = world({ policy: 'least-risk', mode: 'recommend' });
    const cost = { downtimeMs: 80, trafficBytes: 1e9, converges: true, method: 'regression' };
    sut.forecasts.costs.set('s1', { ...cost, expectedMs: 45_000 });
    sut.telemetry.raise('h1');

    await sut.reconcile();

    expect(sut.forecasts.asked[0]?.map(({ startsInMs }) => startsInMs)).toEqual([45_000, 45_000]);
    expect((await decisions(sut))[0]?.candidates[0]?.cost).toMatchObject({ expectedMs: 45_000 });
  });

  test('without Prediction no host is known to be safe: it stays and says why', async () => {
    const sut = world({ policy: 'least-risk', mode: 'recommend' });
    sut.telemetry.raise('h1');
    sut.forecasts.away = true;

    await sut.reconcile();

    expect(await decisions(sut)).toMatchObject([
      {
        state: 'stay',
        stayReason: 'no-destination',
        modelVersion: null,
        fallback: 'no prediction: prediction: no answer',
      },
    ]);
  });

  test('a fallback that scores in the model’s place is named', async () => {
    const sut = world({ policy: 'least-risk', mode: 'recommend' });
    sut.telemetry.raise('h1');
    sut.forecasts.fallback = 'persistence: 40 of 300 ticks';

    await sut.reconcile();

    expect(await decisions(sut)).toMatchObject([
      { state: 'proposed', modelVersion: null, fallback: 'persistence: 40 of 300 ticks' },
    ]);
  });
});

describe('Placement is asked for the place of each plan', () => {
  const advising = () => recommending();

  test('a place that it refuses is left for the next best, and the refusal is recorded', async () => {
    const sut = advising();
    sut.places.answers.set('h2', { kind: 'refused', why: 'cpu-model', detail: 'lacks AVX2' });

    await sut.reconcile();

    expect(await decisions(sut)).toMatchObject([
      {
        state: 'proposed',
        destinationHostId: 'h3',
        rejected: [{ hostId: 'h2', why: 'cpu-model' }],
      },
    ]);
    expect(sut.places.asked.map(({ to }) => to)).toEqual([['h2'], ['h3']]);
  });

  test('with no place left it stays and says so, and holds no host', async () => {
    const sut = advising();
    for (const hostId of ['h2', 'h3'])
      sut.places.answers.set(hostId, { kind: 'refused', why: 'no-allocation', detail: 'full' });

    await sut.reconcile();

    const [decision] = await decisions(sut);
    expect(decision).toMatchObject({ state: 'stay', serverId: null, destinationHostId: null });
    expect(decision?.rejected.map(({ hostId, why }) => [hostId, why])).toEqual([
      ['h2', 'no-allocation'],
      ['h3', 'no-allocation'],
    ]);
  });

  test('while it is silent nothing is decided to move, and it is asked once', async () => {
    const sut = world();
    sut.telemetry.raise('h1');
    sut.places.away = true;

    await sut.reconcile();

    expect(sut.woken).toEqual([]);
    expect(sut.places.asked).toHaveLength(1);
    expect(await decisions(sut)).toMatchObject([
      { state: 'stay', stayReason: 'placement-unknown' },
    ]);
  });

  test('a host that one decision could not have goes to the next', async () => {
    const builder = cloud().host('cool', { cpuPercent: 10 });
    for (const hot of ['hot1', 'hot2'])
      builder.host(hot, { cpuPercent: 95 }).server(`on-${hot}`, { on: hot });
    const sut = world({ view: builder.build(), mode: 'recommend' });
    const { readPlaces } = sut.places;
    sut.places.readPlaces = async (question, to) =>
      question.serverId === 'on-hot1'
        ? new Map(to.map((id) => [id, { kind: 'refused', why: 'traits', detail: 'no' }]))
        : readPlaces(question, to);
    sut.telemetry.raise('hot1', { raisedAtMs: sut.clock.now() - 5_000 });
    sut.telemetry.raise('hot2');

    await sut.reconcile();
    await sut.reconcile();

    const made = await decisions(sut);
    expect(made.find(({ hostId }) => hostId === 'hot2')?.destinationHostId).toBe('cool');
  });
});

describe('data that nobody vouches for', () => {
  const doubted = (parts: Partial<FleetView['hosts'][number]>, mode: 'auto' | 'recommend') => {
    const view = hotHost();
    const hosts = view.hosts.map((host) => (host.id === 'h1' ? { ...host, ...parts } : host));
    const sut = world({ view: { ...view, hosts }, mode });
    sut.telemetry.raise('h1');
    return sut;
  };

  test.each<[string, Partial<FleetView['hosts'][number]>, string]>([
    ['a forged 99 %', { cpuPercent: 99, trusted: false }, 'source-unsigned'],
    ['a suspect host', { quality: 'suspect' }, 'source-suspect'],
    ['a host of unknown quality', { quality: 'unknown' }, 'source-unknown'],
  ])(
    '%s moves nothing in auto and says why, and may be approved by hand',
    async (_case, parts, stayReason) => {
      const auto = doubted(parts, 'auto');
      const advising = doubted(parts, 'recommend');

      await auto.reconcile();
      await advising.reconcile();

      expect(auto.woken).toEqual([]);
      expect(await decisions(auto)).toMatchObject([{ state: 'stay', stayReason }]);
      expect(await decisions(advising)).toMatchObject([{ state: 'proposed' }]);
    },
  );
});

describe('it does not flap', () => {
  test('a host rests after an operation from it, a moved server longer', async () => {
    const sut = world();
    sut.telemetry.raise('h1');
    await sut.reconcile();
    await sut.run(sut.woken[0]?.id ?? 'none');

    await sut.reconcile();
    expect(sut.woken).toHaveLength(1);

    sut.clock.advance(operateLimits.hostRestMs);
    await sut.reconcile();
    const [latest] = await decisions(sut);
    expect(latest).toMatchObject({
      state: 'stay',
      stayReason: 'no-victim',
      victims: [{ serverId: 's1', why: expect.stringContaining('rests after a move until') }],
    });

    sut.clock.advance(safeLimits.cooldown.firstMs);
    await sut.reconcile();
    expect(sut.woken).toHaveLength(2);
  });

  test('no more moves at once than the limit; the others wait and say so', async () => {
    const builder = cloud();
    for (let i = 0; i < 6; i++) {
      builder.host(`hot${i}`, { cpuPercent: 95 }).server(`s${i}`, { on: `hot${i}` });
      builder.host(`cool${i}`, { cpuPercent: 10 + i });
    }
    const sut = world({ view: builder.build() });
    for (let i = 0; i < 6; i++) {
      sut.telemetry.raise(`hot${i}`, { raisedAtMs: sut.clock.now() - i });
    }

    await sut.reconcile();

    expect(sut.woken.map(({ from }) => from)).toEqual(['hot5', 'hot4', 'hot3', 'hot2']);
    expect(new Set(sut.woken.map(({ to }) => to)).size).toBe(4);
    const waiting = (await decisions(sut)).filter(({ state }) => state === 'stay');
    expect(waiting.map(({ stayReason }) => stayReason)).toEqual(['held-back', 'held-back']);
  });

  test('a storm: no host takes part in two moves, whoever looks at the same time', async () => {
    const builder = cloud();
    for (let i = 0; i < 30; i++) {
      builder.host(`hot${i}`, { cpuPercent: 95 });
      builder.server(`a${i}`, { on: `hot${i}` }).server(`b${i}`, { on: `hot${i}` });
    }
    for (let i = 0; i < 20; i++) builder.host(`cool${i}`, { cpuPercent: 10 });
    const sut = world({ view: builder.build(), guardrails: wideLimits });
    for (let i = 0; i < 30; i++) sut.telemetry.raise(`hot${i}`);

    await Promise.all([sut.reconcile(), sut.reconcile(), sut.reconcile()]);

    const hosts = sut.woken.flatMap(({ from, to }) => [from, to]);
    const stays = (await decisions(sut)).filter(({ state }) => state === 'stay');
    expect(new Set(hosts).size).toBe(hosts.length);
    expect(sut.woken).toHaveLength(20);
    expect(stays).toHaveLength(10);
  });
});

describe('people', () => {
  test('in recommend nothing begins until somebody approves', async () => {
    const sut = recommending();
    await sut.reconcile();
    const [proposed] = await decisions(sut);
    expect(sut.woken).toEqual([]);

    const operation = await approveDecision(answers(sut), proposed?.id ?? '', 'ann');
    await sut.run(operation.id);

    expect(await sut.operation()).toMatchObject({ state: 'COMPLETED' });
    const [decision] = await decisions(sut);
    expect(decision?.history.map(({ state, by }) => [state, by])).toEqual([
      ['proposed', null],
      ['approved', 'ann'],
      ['executed', null],
    ]);
  });

  test('a veto leaves the host alone for a while', async () => {
    const sut = recommending();
    await sut.reconcile();
    const [proposed] = await decisions(sut);

    await vetoDecision(answers(sut), proposed?.id ?? '', { by: 'ann', reason: 'not tonight' });
    await sut.reconcile();
    expect((await decisions(sut)).map(({ state }) => state)).toEqual(['vetoed']);

    sut.clock.advance(decideLimits.vetoRestMs);
    await sut.reconcile();
    expect((await decisions(sut)).map(({ state }) => state)).toEqual(['proposed', 'vetoed']);
  });

  test.each<[string, (sut: World) => Promise<void> | void, string]>([
    ['has expired', (sut) => sut.clock.advance(safeLimits.planExpiryMs), 'CONFLICT'],
    [
      'is held back by the kill switch',
      async (sut) => {
        const given = { engaged: true, reason: 'drill', by: 'ann' };
        await setKillSwitch(answers(sut), given);
      },
      'KILL_SWITCH',
    ],
    [
      'was vetoed',
      async (sut) => {
        const [proposed] = await decisions(sut);
        await vetoDecision(answers(sut), proposed?.id ?? '', { by: 'bob', reason: 'no' });
      },
      'CONFLICT',
    ],
  ])('a proposal that %s can’t be approved', async (_case, change, code) => {
    const sut = recommending();
    await sut.reconcile();
    const [proposed] = await decisions(sut);
    await change(sut);

    const approval = approveDecision(answers(sut), proposed?.id ?? '', 'ann');

    await expect(approval).rejects.toMatchObject({ code });
    expect(sut.woken).toEqual([]);
  });

  test('with the kill switch engaged, auto only proposes; released, it decides anew and acts', async () => {
    const sut = world();
    sut.telemetry.raise('h1');
    const control = { ledger: sut.ledger, now: () => sut.clock.now() };
    await setKillSwitch(control, { engaged: true, reason: 'drill', by: 'ann' });

    await sut.reconcile();
    expect(sut.woken).toEqual([]);

    await setKillSwitch(control, { engaged: false, reason: 'over', by: 'ann' });
    await sut.reconcile();
    expect(sut.woken).toHaveLength(1);
    expect((await decisions(sut)).map(({ state }) => state)).toEqual(['approved', 'expired']);
  });

  test('from recommend to auto, a waiting proposal is decided anew', async () => {
    const sut = recommending();
    await sut.reconcile();

    const given = { mode: 'auto', policy: 'random', by: 'ann' } as const;
    await changeSettings(answers(sut), given, policyNamed);
    await sut.reconcile(false);

    expect((await decisions(sut)).map(({ state, policy }) => [state, policy])).toEqual([
      ['approved', 'random'],
      ['expired', 'least-cpu'],
    ]);
  });

  test('a decision that somebody asks for is only proposed, and outlives calm', async () => {
    const sut = world({ mode: 'auto' });
    const policy = policyNamed('least-cpu');
    if (policy === undefined) throw new Error('no policy');
    const request = { hostId: 'h1', serverId: null, policy, seed: 7, by: 'ann' };

    const decision = await makeDecision(sut.reconcileOptions(), request);
    await sut.reconcile(false);

    expect(decision).toMatchObject({
      state: 'proposed',
      seed: 7,
      trigger: { kind: 'manual', requestedBy: 'ann' },
    });
    expect((await decisions(sut)).map(({ state }) => state)).toEqual(['proposed']);
    await expect(makeDecision(sut.reconcileOptions(), request)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    await expect(
      makeDecision(sut.reconcileOptions(), { ...request, hostId: 'h9' }),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('a wake-up reads the fleet at once, then the loads of the hot hosts, then asks what the moves take, then for the risks after them', async () => {
  const sut = world({ policy: 'least-risk' });
  sut.telemetry.raise('h1');
  let depth = 0;
  const slow = <Args extends unknown[], T>(ask: (...args: Args) => Promise<T>) => {
    return async (...args: Args): Promise<T> => {
      const at = depth;
      await new Promise((resolve) => setImmediate(resolve));
      depth = Math.max(depth, at + 1);
      return ask(...args);
    };
  };
  const options = sut.reconcileOptions();
  const { telemetry, forecasts } = options;

  await reconcile(
    {
      ...options,
      telemetry: {
        ...telemetry,
        raisedAlarms: slow(telemetry.raisedAlarms),
        inventory: slow(telemetry.inventory),
        newest: slow(telemetry.newest),
      },
      forecasts: {
        ...forecasts,
        moveCosts: slow(forecasts.moveCosts),
        hostRisks: slow(forecasts.hostRisks),
        pairRisks: slow(forecasts.pairRisks),
      },
    },
    true,
  );

  expect(sut.woken).toHaveLength(1);
  expect(depth).toBe(4);
});

describe('a policy that asks the classifier', () => {
  const classes = [
    { hostId: 'h2', margin: -0.7, why: '' },
    { hostId: 'h3', margin: 0.2, why: '' },
  ];

  test('moves to the host that it names, by the version that named it', async () => {
    const sut = world({ policy: 'svm-class', mode: 'recommend' });
    sut.forecasts.classes = classes;
    sut.telemetry.raise('h1');

    await sut.reconcile();

    expect((await decisions(sut))[0]).toMatchObject({
      destinationHostId: 'h3',
      policy: 'svm-class',
      modelVersion: 'svm-1',
      fallback: null,
    });
  });

  test('does not move to a host that it knows nothing of, and says so', async () => {
    const sut = world({ policy: 'svm-class', mode: 'recommend' });
    sut.forecasts.classes = [
      { hostId: 'h2', margin: -0.7, why: '' },
      { hostId: 'h3', margin: 'unknown', why: 'unknown-host: it is new' },
    ];
    sut.telemetry.raise('h1');

    await sut.reconcile();

    const [made] = await decisions(sut);
    expect(made?.destinationHostId).toBe('h2');
    expect(made?.rejected).toContainEqual({
      hostId: 'h3',
      why: 'class-unknown',
      detail: 'unknown-host: it is new',
    });
  });

  test.each([
    ['there is no classifier', false, 'no classifier'],
    ['Prediction is away', true, 'no prediction'],
  ])('stays where %s, and the decision says why', async (_what, away, words) => {
    const sut = world({ policy: 'svm-class', mode: 'recommend' });
    sut.forecasts.away = away;
    sut.telemetry.raise('h1');

    await sut.reconcile();

    expect((await decisions(sut))[0]).toMatchObject({
      state: 'stay',
      destinationHostId: null,
      modelVersion: null,
      fallback: expect.stringContaining(words),
    });
  });

  test('is the only reason to ask it', async () => {
    const sut = world({ policy: 'least-cpu', mode: 'recommend' });
    sut.forecasts.hostClasses = () => Promise.reject(new Error('nobody was to ask'));
    sut.telemetry.raise('h1');

    await sut.reconcile();

    expect((await decisions(sut))[0]).toMatchObject({ state: 'proposed', destinationHostId: 'h2' });
  });
});
