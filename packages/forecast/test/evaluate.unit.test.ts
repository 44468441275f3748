import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { destinationMetrics, pickDestination } from '../src/evaluate/destinations.ts';
import { MalformedTable, parseTable, unpackTable } from '../src/evaluate/fleet-folder.ts';
import { parseFleetMeta } from '../src/evaluate/fleet-meta.ts';
import {
  incidentFeatureNames,
  joinMachine,
  writeIncidentFeatures,
} from '../src/evaluate/incident-features.ts';
import { incidentMetrics } from '../src/evaluate/incident-metrics.ts';
import { choosePickRule, defaultPickRule } from '../src/evaluate/pick-rule.ts';
import { evaluatedModels, evaluateFleet, type FolderReader, sampleAt } from '../src/index.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('an empty cell of a table is a missing sample', () => {
  const table = parseTable(bytes('t,a,b\n0,1.5,\n60,,2\n'));

  expect(table.columns).toEqual(['a', 'b']);
  expect([...table.times]).toEqual([0, 60]);
  expect([...table.cells]).toEqual([1.5, NaN, NaN, 2]);
});

test('a torn row of a table is told, not guessed', () => {
  expect(() => parseTable(bytes('t,a\n0,1\n60\n'))).toThrow('cells');
});

test.each([
  ['twice as many cells as the header', 't,a\n0,1,60,2\n', 'cells'],
  ['a word', 't,a\n0,full\n', 'row 1, cell 2'],
  ['a number that no float holds', 't,a\n0,1e39\n', 'row 1, cell 2'],
  ['no time', 't,a\n0,1\n,2\n', 'row 2, cell 1'],
])('a table with %s is refused', (_what, csv, detail) => {
  expect(() => parseTable(bytes(csv))).toThrow(MalformedTable);
  expect(() => parseTable(bytes(csv))).toThrow(detail);
});

test('a packed table that is torn or unpacks to far too much is refused', () => {
  const packed = gzipSync(Buffer.alloc(1_000_000, '1,'));

  expect(packed.length).toBeLessThan(2000);
  expect(() => unpackTable(packed, 100_000)).toThrow(MalformedTable);
  expect(() => unpackTable(packed.subarray(0, 100))).toThrow(MalformedTable);
});

test.each([
  [{ W: 24.5 }, 'W'],
  [{ H: 1e9 }, 'H'],
  [{ cells: 'all' }, 'cells'],
  [{ train_ticks: null }, 'train_ticks'],
])('a meta.json with %j is refused', (over, named) => {
  const good = { interval_s: 300, W: 24, H: 6, threshold: 90, train_ticks: 60, cells: [['a']] };
  const read = (meta: object) => parseFleetMeta(bytes(JSON.stringify(meta)));

  expect(read(good).kind).toBe('wide');
  expect(read({ ...good, ...over })).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining(named),
  });
});

test('hits count where there was a choice, regret counts everywhere', () => {
  const decision = (futureMax: number[]) => ({ tick: 0, source: 9, candidates: [0, 1], futureMax });
  const decisions = [
    decision([95, 50]),
    decision([40, 99]),
    decision([95, 97]),
    decision([10, 30]),
  ];

  const metrics = destinationMetrics(decisions, [1, 1, 1, 1], 90);

  expect(metrics).toEqual({
    decisions: 4,
    decidable: 2,
    hitRate: 0.5,
    regretPercent: (0 + 59 + 2 + 20) / 4,
  });
});

test('the pick is the lowest expected maximum among the hosts that are about as safe as the safest', () => {
  const risks = [0.01, 0.03, 0.5];
  const maxima = [80, 40, 10];

  expect(
    pickDestination(
      [0, 1, 2],
      (h) => risks[h] ?? 1,
      (h) => maxima[h] ?? 0,
      defaultPickRule,
    ),
  ).toBe(1);
});

test('the rule of picking is the one that did best on the past decisions, by more than chance', () => {
  const decision = { tick: 0, source: 9, candidates: [0, 1], futureMax: [95, 10] };
  // The risks name the wrong host, the expected maxima the right one.
  const replayed = { decision, risks: [0.1, 0.4], maxima: [90, 20] };

  const chosen = choosePickRule(Array(20).fill(replayed), 80);

  expect(chosen.safeMargin).toBeGreaterThanOrEqual(0.3);
  expect(choosePickRule([], 80)).toEqual(defaultPickRule);
  expect(choosePickRule([replayed], 80)).toEqual(defaultPickRule);
});

test('decisions that come again in other cells do not make a rule surer', () => {
  const decision = { tick: 0, source: 9, candidates: [0, 1], futureMax: [95, 10] };
  const wrong = { decision, risks: [0.1, 0.4], maxima: [90, 20] };
  const right = { decision, risks: [0.4, 0.1], maxima: [20, 90] };
  const once = [...Array(14).fill(wrong), ...Array(6).fill(right)];

  expect(choosePickRule([...once, ...once, ...once, ...once], 80)).not.toEqual(defaultPickRule);
  expect(choosePickRule([...once, ...once, ...once, ...once], 80, 4)).toEqual(
    choosePickRule(once, 80),
  );
});

test('an alarm foresees a segment that begins within the horizon, once per lock-out', () => {
  const machine = {
    machine: 'm',
    rows: [0, 1, 2, 50, 51],
    risks: [0.9, 0.8, 0.1, 0.7, 0.2],
    outcomes: [1, 1, 0, 0, 0],
    starts: [10, 90],
    rowsPerDay: 50,
    testRows: 100,
  };

  const metrics = incidentMetrics([machine], 20);

  expect(metrics).toMatchObject({
    episodes: 2,
    segments: 2,
    segmentsForeseen: 0.5,
    episodePrecision: 0.5,
    averagePrecision: 1,
  });
});

const folder = (): { read: FolderReader; hosts: readonly string[] } => {
  const series = syntheticFleet({ ticks: 900, seed: 5, missing: 0.01 });
  const file = (metric: number) =>
    gzipSync(
      [
        ['t', ...series.hosts].join(','),
        ...Array.from({ length: series.ticks }, (_, tick) =>
          [
            tick * 10,
            ...series.hosts.map((_host, h) => {
              const value = sampleAt(series, tick, h, metric);
              return Number.isNaN(value) ? '' : value.toFixed(2);
            }),
          ].join(','),
        ),
        '',
      ].join('\n'),
    );
  const meta = {
    name: 'fixture',
    interval_s: 10,
    threshold: 90,
    W: 24,
    H: 12,
    train_ticks: 600,
    cells: [series.hosts],
  };
  const files: Record<string, Uint8Array> = {
    'meta.json': bytes(JSON.stringify(meta)),
    'cpu.csv.gz': file(0),
    'mem.csv.gz': file(1),
  };
  return { read: async (name) => files[name] ?? 'missing', hosts: series.hosts };
};

/** A training takes seconds, and far longer on a machine that has other work. */
const patientMs = 120_000;

/** A clock that each look moves on by a second. */
const tickingClock = () => {
  let seconds = 0;
  return () => 1000 * seconds++;
};

const options = { seed: 1, now: () => 0, maxMs: 1e9, threads: 0 };

test(
  'the default model beats persistence on an unseen folder and writes every test tick',
  async () => {
    const { read, hosts } = folder();

    const blend = await evaluateFleet(read, { ...options, model: 'boosted-trees' });
    const naive = await evaluateFleet(read, { ...options, model: 'persistence' });

    if (blend.kind !== 'evaluated' || naive.kind !== 'evaluated') throw new Error('refused');
    expect(blend.report.overload?.onsetAveragePrecision).toBeGreaterThan(
      (naive.report.overload?.onsetAveragePrecision ?? 1) + 0.25,
    );
    expect(blend.report.destinations?.hitRate).toBeGreaterThan(
      naive.report.destinations?.hitRate ?? 1,
    );
    const lines = (blend.report.files['predictions.csv'] ?? '').trim().split('\n');
    expect(lines[0]).toBe(['t', ...hosts].join(','));
    expect(lines).toHaveLength(1 + 300);
    expect(blend.report.files['destinations.csv']?.split('\n')[0]).toBe('t,source,dest');
  },
  patientMs,
);

test.each(['seasonal', 'svm', 'logistic'] as const)(
  '%s runs on the same folder',
  async (model) => {
    const result = await evaluateFleet(folder().read, { ...options, model });

    expect(evaluatedModels).toContain(model);
    expect(result.kind === 'evaluated' && result.report.overload?.rows).toBeGreaterThan(0);
  },
  patientMs,
);

test('seasonal is calibrated, and beats persistence where load follows the clock', async () => {
  const [seasonal, naive] = await Promise.all(
    (['seasonal', 'persistence'] as const).map((model) =>
      evaluateFleet(folder().read, { ...options, model }),
    ),
  );
  if (seasonal?.kind !== 'evaluated' || naive?.kind !== 'evaluated') throw new Error('refused');
  const [own, yardstick] = [seasonal.report, naive.report];

  expect(own.overload?.brier).toBeLessThan(yardstick.overload?.brier ?? 0);
  expect(own.destinations?.hitRate).toBeGreaterThan(yardstick.destinations?.hitRate ?? 1);
});

/** Two machines whose incidents begin at the same time of each day of a hundred rows. */
const machines = (): FolderReader => {
  const rows = 900;
  const lasts = (row: number) => row % 100 >= 40 && row % 100 < 44;
  const table = (columns: string, cells: (row: number) => string) =>
    bytes([columns, ...Array.from({ length: rows }, (_, row) => cells(row)), ''].join('\n'));
  const value = (row: number, scale: number) => (scale * Math.sin(row / 7)).toFixed(3);
  const files: Record<string, Uint8Array> = {
    'meta.json': bytes(
      JSON.stringify({
        interval_s: 864,
        H: 8,
        train_fraction: 0.6,
        machines: ['a', 'b'].map((id) => ({ id, labelled_rows: rows })),
      }),
    ),
  };
  for (const id of ['a', 'b']) {
    files[`${id}.normal.csv`] = table(
      'row,x,y',
      (row) => `${row},${value(row, 1)},${value(row, 2)}`,
    );
    files[`${id}.labelled.csv`] = table(
      'row,x,y,label',
      (row) =>
        `${row},${value(row, lasts(row + 4) ? 4 : 1)},${value(row, 2)},${lasts(row) ? 1 : 0}`,
    );
  }
  return async (name) => files[name] ?? 'missing';
};

test(
  'each kind foresees incidents by its own learners, and svm says why it cannot',
  async () => {
    const told = new Map<string, string | undefined>();
    for (const model of evaluatedModels) {
      const result = await evaluateFleet(machines(), { ...options, model });
      if (result.kind === 'refused') {
        expect([model, result.reason]).toEqual(['svm', expect.stringContaining('time axis')]);
        continue;
      }
      expect(result.report.incidents?.averagePrecision, model).toBeGreaterThan(0);
      told.set(model, result.report.files['incidents.csv']);
    }

    expect([...told.keys()]).toEqual(evaluatedModels.filter((model) => model !== 'svm'));
    expect(new Set(told.values()).size).toBe(told.size);
  },
  patientMs,
);

/** Days of hosts that come and go: `compute1` is not there on the first, and each day is one of its own. */
const days = (): FolderReader => {
  const names = ['d1', 'd2', 'd3', 'd4'];
  const ticks = 180;
  const files: Record<string, Uint8Array> = {
    'meta.json': bytes(
      JSON.stringify({
        interval_s: 300,
        ticks,
        threshold: 80,
        W: 12,
        H: 6,
        train_days: names.slice(0, 3),
        test_days: names.slice(3),
      }),
    ),
  };
  names.forEach((name, day) => {
    const series = syntheticFleet({ hosts: 8, ticks, seed: 9 });
    const hosts = series.hosts.flatMap((_, host) => (day === 0 && host === 0 ? [] : [host]));
    files[`${name}.csv`] = bytes(
      [
        ['t', ...hosts.map((host) => series.hosts[host])].join(','),
        ...Array.from({ length: ticks }, (_, tick) =>
          [
            (day * ticks + tick) * 300,
            ...hosts.map((host) => sampleAt(series, tick, host, 0).toFixed(2)),
          ].join(','),
        ),
        '',
      ].join('\n'),
    );
  });
  return async (name) => files[name] ?? 'missing';
};

test.each(['persistence', 'seasonal', 'svm'] as const)(
  '%s runs on days of hosts that come and go',
  async (model) => {
    const result = await evaluateFleet(days(), { ...options, model });
    if (result.kind !== 'evaluated') throw new Error(result.reason);
    const { destinations, files, overload } = result.report;

    expect(destinations?.decidable).toBeGreaterThan(5);
    expect(destinations?.hitRate).toBeGreaterThan(model === 'persistence' ? 0.2 : 0.7);
    expect(overload?.rows).toBeGreaterThan(300);
    expect((files['predictions-d4.csv'] ?? '').trim().split('\n')).toHaveLength(1 + 180 - 6 - 12);
  },
);

test('with hardly any time the test part is still foreseen, by one fit', async () => {
  const result = await evaluateFleet(folder().read, {
    ...options,
    now: tickingClock(),
    maxMs: 1,
    model: 'logistic',
  });

  if (result.kind !== 'evaluated') throw new Error('refused');
  expect(result.report.notes[0]).toContain('1 fit of the test stream');
  const lines = (result.report.files['predictions.csv'] ?? '').trim().split('\n');
  expect(lines).toHaveLength(1 + 300);
  expect(lines.slice(1).every((line) => Number(line.split(',')[1]) >= 0)).toBe(true);
});

test('a folder without a readable meta.json is refused with the reason', async () => {
  const refused = (read: FolderReader) => evaluateFleet(read, { ...options, model: 'blend' });

  expect(await refused(async () => 'missing')).toMatchObject({ kind: 'refused' });
  expect(await refused(async () => bytes('{'))).toEqual({
    kind: 'refused',
    reason: 'meta.json is not JSON',
  });
  expect(
    await refused(async () => bytes('{"interval_s":60,"H":6,"W":24,"threshold":90}')),
  ).toMatchObject({
    kind: 'refused',
  });
});

test('an incident that begins after a row never changes its features', () => {
  const rows = 400;
  const table = (withLabel: boolean) => ({
    columns: withLabel ? ['a', 'b', 'label'] : ['a', 'b'],
    times: new Float64Array(rows),
    cells: Float32Array.from({ length: rows * (withLabel ? 3 : 2) }, (_, i) =>
      withLabel && i % 3 === 2 ? 0 : Math.sin(i),
    ),
    rows,
  });
  const machine = joinMachine('m', table(false), table(true), 864);
  const width = incidentFeatureNames.length;
  const features = (starts: number[]) => {
    const out = new Float32Array(width);
    writeIncidentFeatures(machine, starts, 250, 10, out, 0);
    return out;
  };

  expect(features([20, 120, 251, 300])).toEqual(features([20, 120]));
  expect(features([20, 120])).not.toEqual(features([20]));
});
