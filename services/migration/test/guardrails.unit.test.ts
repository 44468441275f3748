import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breakerAt } from '../src/domain/guardrails/breaker.ts';
import {
  consult,
  type GuardFacts,
  guardrailNames,
  type MoveQuestion,
  objections,
} from '../src/domain/guardrails/consult.ts';
import {
  hostsInMaintenance,
  hostsWithoutBudget,
  restingServers,
} from '../src/domain/guardrails/left-alone.ts';
import { type GuardrailLimits, limitFaults, safeLimits } from '../src/domain/guardrails/limits.ts';
import { type MaintenanceWindow, runsUntilMs } from '../src/domain/guardrails/maintenance.ts';
import type { Move } from '../src/domain/guardrails/moves.ts';
import { replay } from '../src/domain/guardrails/replay.ts';
import { survey } from '../src/domain/guardrails/survey.ts';
import { tokensAt } from '../src/domain/guardrails/token-bucket.ts';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 0, 1);

const facts = (over: Partial<GuardFacts> = {}): GuardFacts => ({
  nowMs: start,
  limits: safeLimits,
  killSwitch: { engaged: false, reason: null },
  breakerClosedAtMs: [],
  windows: [],
  moves: [],
  ...over,
});
const question = (over: Partial<MoveQuestion> = {}): MoveQuestion => ({
  serverId: 's1',
  from: 'h1',
  to: 'h2',
  purpose: 'move',
  decidedAtMs: start,
  approvedBy: null,
  operationId: null,
  ...over,
});
let made = 0;
const move = (over: Partial<Move> = {}): Move => {
  made += 1;
  const takenAtMs = over.takenAtMs ?? start - hour;
  return {
    operationId: `o${made}`,
    decisionId: `d${made}`,
    serverId: `other${made}`,
    from: `from${made}`,
    to: `to${made}`,
    purpose: 'move',
    decidedAtMs: takenAtMs,
    takenAtMs,
    endedAtMs: takenAtMs + minute,
    result: 'completed',
    approvedBy: null,
    ...over,
  };
};
const maintenance = (over: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
  id: 'w1',
  hostId: null,
  times: { kind: 'once', fromMs: start, untilMs: start + hour },
  reason: 'firmware',
  createdAtMs: start,
  createdBy: 'ann',
  ...over,
});
const against = (asked: MoveQuestion, known: GuardFacts) =>
  objections(consult(asked, known)).map(({ guardrail, result, untilMs }) => [
    guardrail,
    result,
    untilMs,
  ]);

test('every guardrail is asked about every move, and a calm cloud lets it through', () => {
  const verdicts = consult(question(), facts());

  expect(verdicts.map(({ guardrail }) => guardrail)).toEqual(guardrailNames);
  expect(verdicts.every(({ reason }) => reason.length > 0)).toBe(true);
  expect(objections(verdicts)).toEqual([]);
});

describe('a moved server rests', () => {
  const after = (...endsMs: number[]) =>
    endsMs.map((endedAtMs) => move({ serverId: 's1', takenAtMs: endedAtMs - minute, endedAtMs }));

  test.each([
    [1, 30 * minute],
    [2, hour],
    [3, 2 * hour],
    [4, 4 * hour],
    [7, 4 * hour],
  ])('after %i moves in a row for %i ms', (inARow, restMs) => {
    const moves = after(
      ...Array.from({ length: inARow }, (_, i) => start - i * 5 * hour).reverse(),
    );

    expect(against(question(), facts({ moves }))).toEqual([
      ['cooldown', 'held-back', start + restMs],
    ]);
    expect(against(question(), facts({ moves, nowMs: start + restMs, limits: patient }))).toEqual(
      [],
    );
  });

  test('and after quiet time begins anew', () => {
    const moves = after(start - 14 * hour, start);

    expect(against(question(), facts({ moves }))).toEqual([
      ['cooldown', 'held-back', start + 30 * minute],
    ]);
  });

  test('which plans know beforehand', () => {
    const known = facts({ moves: after(start) });

    expect([...restingServers(known)]).toEqual([
      ['s1', 'rests after a move until 2026-01-01T00:30:00.000Z'],
    ]);
  });

  test('but not after a move that the cloud was never asked for', () => {
    const moves = [move({ serverId: 's1', endedAtMs: start, result: 'not-begun' })];

    expect(against(question(), facts({ moves }))).toEqual([]);
  });
});

const patient: GuardrailLimits = { ...safeLimits, planExpiryMs: 100 * hour };

describe('back to where it was', () => {
  const moves = [move({ serverId: 's1', from: 'h2', to: 'h1', takenAtMs: start - 71 * hour })];

  test('within 72 hours only with approval', () => {
    expect(against(question(), facts({ moves }))).toEqual([
      ['cycle', 'needs-approval', start + hour + minute],
    ]);
    expect(against(question({ approvedBy: 'ann' }), facts({ moves }))).toEqual([]);
  });

  test('afterwards, or elsewhere, freely', () => {
    const later = { nowMs: start + 2 * hour, limits: patient };

    expect(against(question(), facts({ moves, ...later }))).toEqual([]);
    expect(against(question({ to: 'h3' }), facts({ moves }))).toEqual([]);
  });
});

describe('budgets', () => {
  const busy = (count: number, over: Partial<Move>) =>
    Array.from({ length: count }, () => move({ takenAtMs: start, endedAtMs: start, ...over }));

  test('of a host let its burst through, then one as each token comes back', () => {
    const moves = busy(3, { to: 'h2' });

    expect(against(question(), facts({ moves }))).toEqual([
      ['host-in-budget', 'held-back', start + 15 * minute],
    ]);
    expect(against(question({ to: 'h3' }), facts({ moves }))).toEqual([]);
    expect([...hostsWithoutBudget(facts({ moves }))]).toEqual([
      ['h2', 'its budget of moves onto it is spent'],
    ]);
  });

  test('of moves off a host, and in the cluster, are apart', () => {
    expect(against(question(), facts({ moves: busy(3, { from: 'h1' }) }))).toMatchObject([
      ['host-out-budget', 'held-back', start + 15 * minute],
    ]);
    expect(against(question(), facts({ moves: busy(10, {}) }))).toMatchObject([
      ['cluster-budget', 'held-back', start + 2 * minute],
    ]);
  });

  test('give the place back of a move that was not begun', () => {
    expect(
      against(question(), facts({ moves: busy(3, { to: 'h2', result: 'not-begun' }) })),
    ).toEqual([]);
  });

  test('are not asked twice for one move: the place that it took is its own', () => {
    const own = move({
      operationId: 'mine',
      serverId: 's1',
      from: 'h1',
      to: 'h2',
      takenAtMs: start,
    });
    const moves = [...busy(2, { to: 'h2' }), { ...own, endedAtMs: null, result: 'live' as const }];

    expect(against(question({ operationId: 'mine' }), facts({ moves }))).toEqual([]);
    expect(against(question({ serverId: 's2' }), facts({ moves }))).toMatchObject([
      ['host-in-budget', 'held-back', start + 15 * minute],
    ]);
  });

  test('never hold more tokens than the burst, nor lend any', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10 * hour }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 10 }),
        (offsets, perHour, burst) => {
          const taken: number[] = [];
          for (const atMs of offsets.toSorted((a, b) => a - b)) {
            const tokens = tokensAt(taken, { perHour, burst }, atMs);
            expect(tokens).toBeLessThanOrEqual(burst);
            expect(tokens).toBeGreaterThan(-1e-6);
            if (tokens >= 1) taken.push(atMs);
          }
        },
      ),
    );
  });
});

test('no more moves at once than the limit', () => {
  const live = { takenAtMs: start - 20 * minute, endedAtMs: null, result: 'live' } as const;
  const moves = Array.from({ length: 4 }, () => move(live));

  expect(against(question(), facts({ moves }))).toEqual([['concurrent-moves', 'held-back', null]]);
  expect(against(question(), facts({ moves: moves.slice(1) }))).toEqual([]);
});

describe('the breaker', () => {
  const ended = (endedAtMs: number, result: Move['result'], takenAtMs = endedAtMs - minute) =>
    move({ takenAtMs, endedAtMs, result });
  const stateAt = (moves: Move[], nowMs: number, closed: number[] = []) =>
    breakerAt(moves, closed, safeLimits.breaker, nowMs).state;
  const two = [ended(start, 'failed'), ended(start + minute, 'failed')];
  const opened = start + minute;

  test('opens at the second failure of ten moves, and only for failures', () => {
    const calm = Array.from({ length: 8 }, (_, i) => ended(start + (i + 1) * minute, 'completed'));

    expect(stateAt(two, opened)).toBe('open');
    expect(
      stateAt([ended(start, 'failed'), ...calm, ended(start + hour, 'failed')], start + hour),
    ).toBe('open');
    expect(
      stateAt(
        [
          ended(start, 'failed'),
          ...calm,
          ended(start + 0.5 * hour, 'completed'),
          ended(start + hour, 'failed'),
        ],
        start + hour,
      ),
    ).toBe('closed');
    expect(stateAt([ended(start, 'aborted'), ended(start, 'not-begun')], start)).toBe('closed');
  });

  test('after the cool time lets one move be tried; what becomes of it decides', () => {
    const cool = opened + 30 * minute;
    const trial = move({ operationId: 't', takenAtMs: cool, endedAtMs: null, result: 'live' });
    const known = facts({ moves: [...two, trial], nowMs: cool, limits: patient });

    expect(stateAt(two, cool)).toBe('half-open');
    expect(against(question(), known)).toEqual([['breaker', 'held-back', null]]);
    expect(against(question({ operationId: 't' }), known)).toEqual([]);
    expect(stateAt([...two, ended(cool + minute, 'completed', cool)], cool + minute)).toBe(
      'closed',
    );
    expect(stateAt([...two, ended(cool + minute, 'failed', cool)], cool + minute)).toBe('open');
  });

  test('is not closed by what was under way when it opened', () => {
    const late = ended(start + 40 * minute, 'completed', start);

    expect(stateAt([...two, late], start + 41 * minute)).toBe('half-open');
  });

  test('is closed by an operator: the failures are forgotten', () => {
    expect(stateAt(two, opened + minute, [opened + 1])).toBe('closed');
    expect(stateAt([...two, ended(opened + hour, 'failed')], opened + hour, [opened + 1])).toBe(
      'closed',
    );
  });
});

describe('a maintenance window', () => {
  const on = (hostId: string | null) => facts({ windows: [maintenance({ hostId })] });

  test.each([
    ['of every host', null],
    ['of the source', 'h1'],
    ['of the destination', 'h2'],
  ])('%s holds the move back to its end', (_case, hostId) => {
    expect(against(question(), on(hostId))).toEqual([
      ['maintenance-window', 'held-back', start + hour],
    ]);
  });

  test('of a host keeps plans away from it', () => {
    expect([...hostsInMaintenance(on('h2'), ['h1', 'h2']).keys()]).toEqual(['h2']);
    expect([...hostsInMaintenance(on(null), ['h1', 'h2']).keys()]).toEqual(['h1', 'h2']);
  });

  test('of another host holds nothing back; nor does one of the host that is being emptied', () => {
    expect(against(question(), on('h3'))).toEqual([]);
    expect(against(question({ purpose: 'drain' }), on('h1'))).toEqual([]);
    expect(against(question({ purpose: 'drain' }), on('h2'))).toHaveLength(1);
  });

  test('that comes each week runs over midnight, on its days only', () => {
    // The first of January 2026 is a Thursday.
    const times = {
      kind: 'weekly',
      days: ['wed'],
      fromMinute: 23 * 60,
      durationMinutes: 120,
    } as const;
    const window = maintenance({ times });

    expect(runsUntilMs(window, start - 61 * minute)).toBeNull();
    expect(runsUntilMs(window, start - hour)).toBe(start + hour);
    expect(runsUntilMs(window, start + 59 * minute)).toBe(start + hour);
    expect(runsUntilMs(window, start + hour)).toBeNull();
    expect(runsUntilMs(window, start + 23.5 * hour)).toBeNull();
    expect(runsUntilMs(window, start + (7 * 24 - 1) * hour)).toBe(start + (7 * 24 + 1) * hour);
  });
});

test('a plan that is too old, or the kill switch, holds everything back', () => {
  const killSwitch = { engaged: true, reason: 'drill' };

  expect(against(question({ decidedAtMs: start - 10 * minute }), facts())).toEqual([
    ['plan-expiry', 'held-back', null],
  ]);
  for (const purpose of ['move', 'drain', 'evacuate'] as const) {
    expect(against(question({ purpose }), facts({ killSwitch }))).toEqual([
      ['kill-switch', 'held-back', null],
    ]);
  }
});

test('limits that contradict each other are refused, each in its place', () => {
  const limits: GuardrailLimits = {
    ...safeLimits,
    cooldown: { firstMs: 10, maxMs: 5, quietMs: 4 },
    breaker: { failures: 3, ofLast: 2, coolMs: 0 },
  };

  expect(limitFaults(safeLimits)).toEqual([]);
  expect(limitFaults(limits).map(({ pointer }) => pointer)).toEqual([
    '/cooldown/maxMs',
    '/cooldown/quietMs',
    '/breaker/failures',
  ]);
});

test('how full each guardrail is can be seen', () => {
  const moves = [
    move({ serverId: 's1', from: 'h1', to: 'h2', takenAtMs: start - minute, endedAtMs: start }),
    move({ takenAtMs: start, endedAtMs: null, result: 'live' }),
    move({ takenAtMs: start - 2 * hour, result: 'failed' }),
  ];

  const fills = survey(facts({ moves, windows: [maintenance()] }));

  expect(fills['concurrent-moves']).toMatchObject([{ used: 1, limit: 4 }]);
  expect(fills['cluster-budget']).toMatchObject([{ used: 2, limit: 10, untilMs: null }]);
  expect(fills['host-in-budget'].map(({ of }) => of)).toContain('h2');
  expect(fills.breaker).toMatchObject([{ used: 1, limit: 2 }]);
  expect(fills.cooldown).toMatchObject([{ of: 's1', untilMs: start + 30 * minute }]);
  expect(fills.cycle.some(({ of }) => of === 's1')).toBe(true);
  expect(fills['maintenance-window']).toMatchObject([{ of: 'every host', untilMs: start + hour }]);
});

describe('the replay of a record', () => {
  const recorded = (moves: Move[], over: object = {}) =>
    replay({ moves, limits: safeLimits, ...over }).map(({ guardrail }) => guardrail);
  const many = (count: number, over: (i: number) => Partial<Move>) =>
    Array.from({ length: count }, (_, i) =>
      move({ takenAtMs: start, endedAtMs: start, ...over(i) }),
    );

  test.each<[string, Move[], object]>([
    ['cluster-budget', many(11, (i) => ({ takenAtMs: start + i })), {}],
    ['host-in-budget', many(4, () => ({ to: 'h1' })), {}],
    ['host-out-budget', many(4, () => ({ from: 'h1' })), {}],
    ['concurrent-moves', many(5, () => ({ endedAtMs: start + hour })), {}],
    [
      'cooldown',
      many(2, (i) => ({
        serverId: 's',
        takenAtMs: start + i * 29 * minute,
        endedAtMs: start + i * 29 * minute,
      })),
      {},
    ],
    [
      'cycle',
      [
        move({ serverId: 's', from: 'h1', to: 'h2', takenAtMs: start }),
        move({ serverId: 's', from: 'h2', to: 'h1', takenAtMs: start + 10 * hour }),
      ],
      {},
    ],
    [
      'breaker',
      [
        ...many(2, () => ({ takenAtMs: start - minute, result: 'failed' })),
        move({ takenAtMs: start + minute }),
      ],
      {},
    ],
    ['plan-expiry', [move({ decidedAtMs: start - 10 * minute, takenAtMs: start })], {}],
    ['maintenance-window', [move({ takenAtMs: start })], { windows: [maintenance()] }],
    [
      'kill-switch',
      [move({ takenAtMs: start })],
      { killSwitch: [{ fromMs: start - 1, untilMs: null }] },
    ],
  ])('finds what broke %s', (guardrail, moves, over) => {
    expect(recorded(moves, over)).toEqual([guardrail]);
  });

  const hosts = ['h1', 'h2', 'h3', 'h4'];
  const event = fc.record({
    afterMs: fc.oneof(
      fc.integer({ min: 0, max: minute }),
      fc.integer({ min: 0, max: 3 * hour }),
      fc.integer({ min: 0, max: 30 * hour }),
    ),
    server: fc.integer({ min: 0, max: 5 }),
    to: fc.constantFrom(...hosts),
    waitedMs: fc.integer({ min: 0, max: 15 * minute }),
    approvedBy: fc.constantFrom(null, null, 'ann'),
    ends: fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom('completed', 'completed', 'failed', 'aborted', 'not-begun'),
      ),
      { maxLength: 3 },
    ),
    closes: fc.constantFrom(false, false, false, true),
  });

  test('does not take a move of the very moment in which the breaker opened for one after it', () => {
    const failed = (operationId: string) =>
      move({
        operationId,
        serverId: operationId,
        takenAtMs: start,
        endedAtMs: start + 10,
        result: 'failed',
      });
    const breaches = (takenAtMs: number) => {
      const third = move({ serverId: 'third', takenAtMs, decidedAtMs: takenAtMs });
      const moves = [failed('one'), failed('two'), third];
      return replay({ moves, limits: safeLimits }).filter(
        ({ guardrail }) => guardrail === 'breaker',
      );
    };

    expect(breaches(start + 10)).toEqual([]);
    expect(breaches(start + 11)).toMatchObject([{ detail: 'the breaker was open' }]);
  });

  test('of any sequence that the guardrails let through finds nothing', () => {
    let through = 0;
    fc.assert(
      fc.property(fc.array(event, { minLength: 10, maxLength: 120 }), (events) => {
        const moves: Move[] = [];
        const closures: number[] = [];
        const at = new Map<number, string>();
        let nowMs = start;
        for (const each of events) {
          nowMs += each.afterMs;
          if (each.closes) closures.push(nowMs);
          for (const [which, result] of each.ends) {
            const live = moves.filter((known) => known.result === 'live');
            const ended = live[which % Math.max(1, live.length)];
            if (ended === undefined) continue;
            Object.assign(ended, { endedAtMs: nowMs, result });
            if (result === 'completed') at.set(Number(ended.serverId), ended.to);
          }
          const serverId = String(each.server);
          const from = at.get(each.server) ?? 'h1';
          const taken = moves.some(
            (known) => known.result === 'live' && known.serverId === serverId,
          );
          if (from === each.to || taken) continue;
          const { to, approvedBy } = each;
          const decidedAtMs = nowMs - each.waitedMs;
          const asked = question({ serverId, from, to, approvedBy, decidedAtMs });
          const known = facts({
            nowMs,
            moves,
            breakerClosedAtMs: closures,
          });
          if (objections(consult(asked, known)).length > 0) continue;
          through += 1;
          const { operationId: _none, ...taking } = asked;
          moves.push(move({ ...taking, takenAtMs: nowMs, endedAtMs: null, result: 'live' }));
        }

        expect(replay({ moves, limits: safeLimits, breakerClosedAtMs: closures })).toEqual([]);
      }),
      { numRuns: 300 },
    );
    expect(through).toBeGreaterThan(1_000);
  });
});
