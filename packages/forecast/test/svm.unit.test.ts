import { expect, test } from 'vitest';
import {
  defaultTrainingSpec,
  type FleetSeries,
  loadClassModel,
  loadModel,
  sliceTicks,
  trainClasses,
} from '../src/index.ts';
import { labelOutcomes } from '../src/labels.ts';
import { writeModelFile } from '../src/model-file.ts';
import { pickQuality } from '../src/svm/measure-picks.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const now = () => 1_700_000_000_000;
const spec = { ...defaultTrainingSpec, windowTicks: 12, horizonTicks: 6 };
const history = syntheticFleet({ hosts: 4, ticks: 900, seed: 3 });
const learnt = sliceTicks(history, 0, 700);

const trained = (series: FleetSeries = learnt, more: Partial<typeof spec> = {}) => {
  const result = trainClasses(series, { ...spec, ...more }, { now });
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  return result.model;
};

test('on a fleet with a season it picks the host of the lowest maximum far more often than by lot', () => {
  const model = trained();
  const labels = labelOutcomes(history, 0, spec.horizonTicks, spec.thresholdPercent);
  let hits = 0;
  let asked = 0;
  for (let tick = 720; tick < 880; tick += 4) {
    const scores = model.classify(history, tick);
    const margins = scores.map(({ margin }) => (margin === 'unknown' ? -Infinity : margin));
    const picked = margins.indexOf(Math.max(...margins));
    const maxima = scores.map((_, host) => labels.futureMax[host * history.ticks + tick] ?? 0);
    asked++;
    if (picked === maxima.indexOf(Math.min(...maxima))) hits++;
  }

  expect(hits / asked).toBeGreaterThan(0.5);
});

test('it is measured on the newest stretch, which it was not fitted on, beside least-cpu on the same ticks', () => {
  const { picks } = trained().info;
  if (picks === undefined) throw new Error('not measured');

  expect(picks.heldOut.fromMs).toBeGreaterThan(learnt.firstTickAtMs + 580 * learnt.tickMs);
  expect(picks.ticks).toBeGreaterThan(50);
  expect(picks.decidableTicks).toBeGreaterThan(0);
  expect(picks.decidableTicks).toBeLessThanOrEqual(picks.ticks);
  expect(Number(picks.model.hitRate)).toBeGreaterThan(Number(picks.leastCpu.hitRate));
  expect(picks.model.regretPercent).toBeLessThan(picks.leastCpu.regretPercent);
});

test('a pick is right when no host had a lower maximum, and hits where there was a choice', () => {
  const ticks = [
    { tick: 0, futureMax: [95, 50, 50] },
    { tick: 1, futureMax: [40, 99, 60] },
    { tick: 2, futureMax: [95, 97, 96] },
    { tick: 3, futureMax: [10, 30, 20] },
  ];

  expect(pickQuality(ticks, [2, 1, 1, 1], 90)).toEqual({
    rightShare: 1 / 4,
    hitRate: 1 / 2,
    regretPercent: (0 + 59 + 2 + 20) / 4,
  });
  expect(pickQuality(ticks.slice(2), [0, 0], 90).hitRate).toBe('unknown');
});

test('the same history and seed give the same file, and the file gives the same scores', () => {
  const model = trained();
  const loaded = loadClassModel(model.serialize());
  if (loaded.kind === 'refused') throw new Error(loaded.detail);

  expect(trained().serialize()).toEqual(model.serialize());
  expect(loaded.model.info).toEqual(model.info);
  expect(loaded.model.classify(history, 800)).toEqual(model.classify(history, 800));
  expect(model.info).toMatchObject({ kind: 'svm', dataRange: { hosts: 4, ticks: 700 } });
});

test('a host that was not there in training is unknown, and so is one that fell silent', () => {
  const model = trained();
  const values = history.values.slice();
  const perTick = 4 * history.metrics.length;
  for (let tick = 770; tick <= 800; tick++) values[tick * perTick] = NaN;
  const series = {
    ...history,
    values,
    hosts: ['compute1', 'compute2', 'compute3', 'newcomer'],
  };

  expect(model.classify(series, 800)).toEqual([
    { host: 'compute1', margin: 'unknown', why: 'stale' },
    { host: 'compute2', margin: expect.any(Number) },
    { host: 'compute3', margin: expect.any(Number) },
    { host: 'newcomer', margin: 'unknown', why: 'unknown-host' },
  ]);
});

test('with most of its hosts gone it compares nothing', () => {
  const model = trained();
  const gone = { ...history, hosts: ['compute1', 'a', 'b', 'c'] };

  expect(model.classify(gone, 800).map(({ margin }) => margin)).toEqual(
    Array.from({ length: 4 }, () => 'unknown'),
  );
});

test('a file that is torn, changed or another model’s is refused with the reason', () => {
  const bytes = trained().serialize();
  const changed = bytes.slice();
  changed[changed.length - 3] = (changed[changed.length - 3] ?? 0) ^ 1;
  const misfit = writeModelFile({ kind: 'svm', codeVersion: 'other', head: {} }, {});

  expect(loadClassModel(bytes.slice(0, 20))).toMatchObject({ reason: 'truncated' });
  expect(loadClassModel(changed)).toMatchObject({ reason: 'checksum-mismatch' });
  expect(loadClassModel(misfit)).toMatchObject({ reason: 'other-features' });
  expect(loadClassModel(writeModelFile({}, {}))).toMatchObject({ reason: 'malformed-header' });
  expect(loadModel(bytes)).toMatchObject({ kind: 'refused' });
});

test('too little history, too many hosts and a forecast as input are told, not learnt from', () => {
  const short = trainClasses(sliceTicks(history, 0, 100), spec, { now });
  const wide = trainClasses(syntheticFleet({ hosts: 65, ticks: 40 }), spec, { now });
  const own = trainClasses(learnt, { ...spec, metrics: ['forecast.failureRisk'] }, { now });

  expect(short).toMatchObject({ kind: 'not-enough-data', reason: { need: 120 } });
  expect(wide).toMatchObject({ kind: 'refused', faults: [expect.stringContaining('65 hosts')] });
  expect(own).toMatchObject({ kind: 'refused', faults: [expect.stringContaining('forecast')] });
});

test('when its time is over it ends in good order with what it has learnt', () => {
  let calls = 0;
  const hurried = trainClasses(learnt, spec, { now: () => 1_000 * calls++ });
  if (hurried.kind !== 'trained') throw new Error(hurried.kind);

  expect(hurried.rows).toBeLessThan(100);
  expect(loadClassModel(hurried.model.serialize()).kind).toBe('loaded');
});
