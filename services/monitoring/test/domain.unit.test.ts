import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { aggregateSteps, stepsCovering } from '../src/domain/aggregates.ts';
import { type AlarmPhase, advanceAlarm, calm } from '../src/domain/alarm-machine.ts';
import {
  type AlarmRule,
  alarmId,
  clearThresholdIsCalm,
  defaultRules,
  isBreach,
  isCalm,
} from '../src/domain/alarm-rule.ts';
import { freshnessOf } from '../src/domain/freshness.ts';
import { InstanceRounds } from '../src/domain/instance-rounds.ts';
import { measurementType, rawMetricOf } from '../src/domain/ni-mon-names.ts';
import { resourceDirectory } from '../src/domain/resources.ts';
import { aggregateRollups, rollUp } from '../src/domain/rollup.ts';
import { SlidingWindow } from '../src/domain/sliding-window.ts';

const ascending = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: -1000, max: 1000 })), {
    maxLength: 60,
  })
  .map((pairs) => [...new Map(pairs)].sort(([a], [b]) => a - b))
  .map((pairs) => ({
    timesMs: pairs.map(([timeMs]) => timeMs),
    values: pairs.map(([, value]) => value),
  }));
const steps = { fromMs: 20_000, toMs: 80_000, stepMs: 10_000 };

describe('aggregates', () => {
  test('steps cover a range at multiples of their length', () => {
    expect(stepsCovering(12_345, 30_001, 10_000)).toEqual({
      fromMs: 10_000,
      toMs: 40_000,
      stepMs: 10_000,
    });
  });

  test('each step’s value is that of its own samples, and null without any', () => {
    fc.assert(
      fc.property(ascending, fc.integer({ min: 1, max: 100 }), (columns, percentile) => {
        const within = (at: number) =>
          columns.values
            .filter((_, i) => Math.floor((columns.timesMs[i] ?? 0) / 10_000) === at + 2)
            .sort((a, b) => a - b);
        const nearestRank = (values: number[]) =>
          values.find(
            (value) =>
              values.filter((v) => v <= value).length >= (percentile / 100) * values.length - 1e-9,
          );

        const max = aggregateSteps(columns, steps, { kind: 'max' });
        const count = aggregateSteps(columns, steps, { kind: 'count' });
        const ranked = aggregateSteps(columns, steps, { kind: 'percentile', percentile });

        expect(max).toEqual(Array.from({ length: 6 }, (_, at) => within(at).at(-1) ?? null));
        expect(count).toEqual(Array.from({ length: 6 }, (_, at) => within(at).length || null));
        expect(ranked).toEqual(
          Array.from({ length: 6 }, (_, at) => nearestRank(within(at)) ?? null),
        );
      }),
    );
  });

  test('a rate passes over a reset', () => {
    const columns = { timesMs: [0, 1000, 2000, 3000], values: [100, 110, 5, 15] };

    expect(
      aggregateSteps(columns, { fromMs: 0, toMs: 10_000, stepMs: 10_000 }, { kind: 'rate' }),
    ).toEqual([10]);
  });

  test('larger steps made of rollups are those made of the samples', () => {
    fc.assert(
      fc.property(
        ascending,
        fc.constantFrom('mean', 'max', 'min', 'last', 'count'),
        (columns, kind) => {
          const wide = { fromMs: 20_000, toMs: 80_000, stepMs: 30_000 };
          const rolled = aggregateRollups(rollUp(columns, 20_000, 80_000, 10_000), wide, kind);
          const direct = aggregateSteps(columns, wide, { kind });

          for (const [at, value] of direct.entries()) {
            if (value === null) expect(rolled[at]).toBeNull();
            else expect(rolled[at]).toBeCloseTo(value, 9);
          }
        },
      ),
    );
  });
});

describe('alarm rules', () => {
  const rule: AlarmRule = {
    id: 'r',
    name: 'r',
    metric: 'host.cpuPercent',
    comparison: '>=',
    threshold: 90,
    forMs: 3000,
    clearThreshold: 80,
    clearForMs: 2000,
    windowMs: 0,
    severity: 'critical',
    enabled: true,
  };
  const play = (values: (number | 'unknown')[], by = rule) => {
    let phase: AlarmPhase = calm;
    return values.map((value, second) => {
      const step = advanceAlarm(phase, by, second * 1000, value);
      phase = step.phase;
      return step.transition === 'none' ? phase.state : step.transition;
    });
  };

  test.each<[string, (number | 'unknown')[], string[]]>([
    [
      'a breach that lasts raises',
      [95, 95, 95, 95, 95],
      ['began', 'pending', 'pending', 'raised', 'raised'],
    ],
    [
      'a breach that ends before its time does not',
      [95, 95, 50, 95],
      ['began', 'pending', 'ended-unraised', 'began'],
    ],
    [
      'the threshold itself is a breach of >=',
      [90, 90, 90, 90],
      ['began', 'pending', 'pending', 'raised'],
    ],
    [
      'between the thresholds a pending breach ends',
      [95, 85, 95],
      ['began', 'ended-unraised', 'began'],
    ],
    [
      'between the thresholds a raised alarm stays, and calm begins anew',
      [95, 95, 95, 95, 70, 85, 70, 70, 70],
      ['began', 'pending', 'pending', 'raised', 'raised', 'raised', 'raised', 'raised', 'cleared'],
    ],
    [
      'what is not known cannot be said to last',
      [95, 95, 'unknown', 95],
      ['began', 'pending', 'ended-unraised', 'began'],
    ],
    [
      'silence is no calm',
      [95, 95, 95, 95, 70, 'unknown', 70, 70, 70],
      ['began', 'pending', 'pending', 'raised', 'raised', 'raised', 'raised', 'raised', 'cleared'],
    ],
  ])('%s', (_, values, expected) => {
    expect(play(values)).toEqual(expected);
  });

  test('without a duration one value raises and one clears', () => {
    const at = { ...rule, forMs: 0, clearForMs: 0 };

    expect(play([95, 70], at)).toEqual(['raised', 'cleared']);
  });

  test('no value is both breach and calm, whatever the rule', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('>=', '>', '<=', '<'),
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: -5, max: 5 }),
        fc.integer({ min: -6, max: 6 }),
        (comparison, threshold, clearThreshold, value) => {
          const any: AlarmRule = { ...rule, comparison, threshold, clearThreshold };
          fc.pre(clearThresholdIsCalm(any));

          expect(isBreach(any, value) && isCalm(any, value)).toBe(false);
        },
      ),
    );
  });

  test('one condition has one identity', () => {
    const series = { resource: 'h', metric: 'm.x', labels: { a: '1', b: '2' } };

    expect(alarmId('r', series)).toBe(alarmId('r', { ...series, labels: { b: '2', a: '1' } }));
    expect(alarmId('r', series)).not.toBe(alarmId('q', series));
    expect(alarmId('r', series)).not.toBe(alarmId('r', { ...series, resource: 'i' }));
  });

  test('a host’s mean CPU at or above 90 % ships as a rule', () => {
    expect(defaultRules[0]).toMatchObject({
      metric: 'host.cpuPercent',
      comparison: '>=',
      threshold: 90,
      enabled: true,
    });
    expect(defaultRules.every(clearThresholdIsCalm)).toBe(true);
  });
});

describe('averaging', () => {
  test('a mean is of the window’s samples only', () => {
    const window = new SlidingWindow(3000);
    const means = [10, 20, 30, 40, 50].map((value, second) =>
      window.add(second * 1000, value, 1000),
    );

    expect(means.slice(2)).toEqual([20, 30, 40]);
  });

  test('a window of which most is missing is unknown', () => {
    const window = new SlidingWindow(10_000);

    expect(window.add(0, 99, 1000)).toBe('unknown');
    for (let second = 1; second < 4; second += 1) window.add(second * 1000, 99, 1000);
    expect(window.add(4000, 99, 1000)).toBe(99);
    expect(window.add(60_000, 99, 1000)).toBe('unknown');
  });
});

test.each([
  [3000, 1000, 'fresh'],
  [3001, 1000, 'stale'],
  [30_000, 10_000, 'fresh'],
  [30_001, 'unknown', 'stale'],
] as const)('a sample of %i ms ago at an interval of %s is %s', (ageMs, intervalMs, expected) => {
  expect(freshnessOf(0, intervalMs, ageMs)).toBe(expected);
});

describe('rounds of instances', () => {
  const feed = (readings: [string, number][]) => {
    const rounds = new InstanceRounds();
    return readings.flatMap(([instance, timeMs]) => {
      const round = rounds.add(instance, timeMs, 1, 1000);
      return round === undefined ? [] : [[...round.values.keys()].sort().join('')];
    });
  };

  test('a round is given as soon as all known instances have come, met in its middle or not', () => {
    expect(
      feed([
        ['c', 0],
        ['a', 990],
        ['b', 995],
        ['c', 1000],
        ['a', 1990],
        ['b', 1995],
        ['c', 2000],
      ]),
    ).toEqual(['abc', 'abc']);
    expect(
      feed([
        ['a', 0],
        ['b', 1],
        ['a', 1000],
        ['b', 1001],
        ['a', 2000],
        ['b', 2001],
      ]),
    ).toEqual(['ab', 'ab']);
  });

  test('a round with a known instance missing is not given, until the instance is forgotten', () => {
    const both = (second: number): [string, number][] => [
      ['a', second * 1000],
      ['b', second * 1000 + 1],
    ];
    const alone = (second: number): [string, number][] => [['a', second * 1000]];

    const given = feed([
      ...both(0),
      ...both(1),
      ...both(2),
      ...alone(3),
      ...alone(4),
      ...alone(5),
      ...alone(6),
      ...alone(7),
    ]);

    expect(given).toEqual(['ab', 'ab', 'a', 'a']);
  });

  test('a new instance joins', () => {
    const three = (second: number): [string, number][] => [
      ['a', second * 1000],
      ['b', second * 1000 + 1],
      ['c', second * 1000 + 2],
    ];

    expect(feed([['a', 0], ['b', 1], ['a', 1000], ['b', 1001], ...three(2), ...three(3)])).toEqual([
      'ab',
      'ab',
      'abc',
    ]);
  });
});

describe('names', () => {
  const none = { host: 'h', pluginInstance: '', typeInstance: '' };
  test.each([
    [
      { ...none, plugin: 'memory', type: 'memory', typeInstance: 'free' },
      'value',
      'gauge',
      'memory_free___value___gauge',
    ],
    [
      { ...none, plugin: 'interface', pluginInstance: 'eno1', type: 'if_octets' },
      'rx',
      'derive',
      'eno1___if_octets___rx___derive',
    ],
    [
      { ...none, plugin: 'disk', pluginInstance: 'vda', type: 'disk_ops' },
      'read',
      'derive',
      'vda___disk_ops___read___derive',
    ],
    [
      { ...none, plugin: 'virt', type: 'if_packets', typeInstance: 'tap9f51-61' },
      'tx',
      'derive',
      'tap9f51-61___if_packets___tx___derive',
    ],
    [
      { ...none, plugin: 'vmem', type: 'vmpage_number', typeInstance: 'dirty' },
      'value',
      'gauge',
      'vmem______vmpage_number___dirty___value___gauge',
    ],
  ] as const)('%o is known to NI-Mon by its name', (identity, source, kind, name) => {
    expect(measurementType(identity, source, kind)).toBe(name);
    expect(rawMetricOf(name)).toBe(`collectd.${name}`);
  });

  test('every raw metric is a metric name', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 300 }), (type) => {
        expect(rawMetricOf(type)).toMatch(/^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)+$/);
        expect(rawMetricOf(type).length).toBeLessThanOrEqual(128);
      }),
    );
  });
});

describe('whom an agent reports for', () => {
  const uuid = '5f0c2b1e-9a61-4d0c-8f6c-0123456789ab';
  const directory = resourceDirectory({
    hosts: new Set(['compute1']),
    servers: new Map([
      [uuid, { name: 'fw', vcpus: 2 }],
      ['s2', { name: 'twin', vcpus: 1 }],
      ['s3', { name: 'twin', vcpus: 1 }],
    ]),
  });
  test.each([
    ['compute1', { kind: 'host', id: 'compute1', vcpus: 'unknown' }],
    ['compute1.example.org', { kind: 'host', id: 'compute1', vcpus: 'unknown' }],
    [uuid, { kind: 'server', id: uuid, vcpus: 2 }],
    ['fw', { kind: 'server', id: uuid, vcpus: 2 }],
    ['twin', { kind: 'host', id: 'twin', vcpus: 'unknown' }],
    [
      'ffffffff-9a61-4d0c-8f6c-0123456789ab',
      { kind: 'server', id: 'ffffffff-9a61-4d0c-8f6c-0123456789ab', vcpus: 'unknown' },
    ],
    ['stranger', { kind: 'host', id: 'stranger', vcpus: 'unknown' }],
  ] as const)('%s', (agent, expected) => {
    expect(directory(agent)).toEqual(expected);
  });
});
