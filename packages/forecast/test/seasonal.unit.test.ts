import { seededRandom } from '@sidestep/fleet';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  defaultTrainingSpec,
  emptySeries,
  type FleetSeries,
  incidentMetric,
  loadModel,
  sampleIndex,
  sliceTicks,
  type TrainedModel,
  trainModel,
} from '../src/index.ts';
import { readModelFile, writeModelFile } from '../src/model-file.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const now = () => 1_700_000_000_000;
const spec = { ...defaultTrainingSpec, kind: 'seasonal' } as const;
const periodTicks = 60;
const fleet = syntheticFleet({ hosts: 5, ticks: 900, periodTicks, seed: 4 });

const fitted = async (series: FleetSeries, more: Partial<typeof defaultTrainingSpec> = {}) => {
  const result = await trainModel(series, { ...spec, ...more }, { now });
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  return result.model;
};

describe('on a load with a season', () => {
  let model: TrainedModel;
  beforeAll(async () => {
    model = await fitted(fleet);
  });

  test('what followed this point of the last seasons is foreseen, better than by persistence', () => {
    const { metrics, seasonTicks, kind } = model.info;
    if (metrics === 'not-measured') throw new Error('not measured');

    expect({ kind, seasonTicks }).toEqual({ kind: 'seasonal', seasonTicks: periodTicks });
    expect(metrics.model.onsetAveragePrecision).toBeGreaterThan(
      metrics.persistence.onsetAveragePrecision + 0.2,
    );
    expect(metrics.model.brier).toBeLessThan(metrics.persistence.brier);
    expect(metrics.heldOut.fromMs).toBeGreaterThan(fleet.firstTickAtMs + 0.8 * 900 * fleet.tickMs);
  });

  test('a risk is the sum of what each past season says', () => {
    const scores = model.score(fleet, 880, { explainTop: 5 });

    for (const score of scores) {
      if (score.risk === 'unknown') throw new Error(score.why);
      const logOdds = score.reasons.reduce((sum, { contribution }) => sum + contribution, 0);
      const { intercept } = model.info.calibration;
      expect(score.reasons).toHaveLength(4);
      expect(score.risk).toBeCloseTo(1 / (1 + Math.exp(-(logOdds + intercept))), 9);
      expect(score.reasons[0]?.words).toMatch(/seasons? ago CPU rose to \d+ %/);
    }
  });

  test('samples after the tick change no risk of it', () => {
    const blind = { ...fleet, values: fleet.values.slice() };
    blind.values.fill(99, sampleIndex(fleet, 801, 0, 0));

    expect(model.score(blind, 800)).toEqual(model.score(fleet, 800));
  });

  test('the file gives the same model, and one that is changed is refused', () => {
    const bytes = model.serialize();
    const loaded = loadModel(bytes);
    const file = readModelFile(bytes);
    if (loaded.kind === 'refused' || 'kind' in file) throw new Error('refused');
    const without = (seasonal: unknown) =>
      loadModel(writeModelFile({ ...file.header, seasonal }, {}));

    expect(loaded.model.info).toEqual(model.info);
    expect(loaded.model.score(fleet, 880)).toEqual(model.score(fleet, 880));
    for (const broken of [
      undefined,
      { periodTicks: 3, usualLogOdds: 0 },
      { periodTicks: 60.5, usualLogOdds: 0 },
      { periodTicks: 60 },
    ])
      expect(without(broken)).toMatchObject({ kind: 'refused', reason: 'malformed-header' });
  });

  test('a host that is new here is answered for by its last value, and the reason says so', () => {
    const values = fleet.values.slice();
    for (let tick = 0; tick < 870; tick++) values[sampleIndex(fleet, tick, 0, 0)] = NaN;
    const series = { ...fleet, values };
    values[sampleIndex(fleet, 889, 0, 0)] = 90;

    const [newcomer] = model.score(series, 889, { explainTop: 5 });

    expect(newcomer).toMatchObject({
      risk: 0.5,
      reasons: [{ theme: 'level', words: expect.stringContaining('no earlier season') }],
    });
  });

  test('a silent host is unknown, and added load only raises a risk', () => {
    const values = fleet.values.slice();
    for (let tick = 860; tick < 900; tick++) values[sampleIndex(fleet, tick, 1, 0)] = NaN;
    const series = { ...fleet, values };
    const pairs = [0, 20, 60].map((addedCpuPercent) => ({ hostIndex: 0, addedCpuPercent }));

    const scored = model.scorePairs(series, 890, [...pairs, { hostIndex: 1, addedCpuPercent: 0 }]);
    const risks = scored.map(({ risk }) => risk);

    expect(model.score(series, 890)[1]).toMatchObject({ risk: 'unknown', why: 'stale' });
    expect(risks[3]).toBe('unknown');
    expect(risks[0]).toBe(model.score(series, 890)[0]?.risk);
    expect(Number(risks[1])).toBeGreaterThanOrEqual(Number(risks[0]));
    expect(Number(risks[2])).toBeGreaterThan(Number(risks[1]));
  });
});

test('where nothing recurs it says so, and which lags were looked at', async () => {
  const noise = syntheticFleet({ hosts: 3, ticks: 900, seed: 2 });
  const random = seededRandom(1);
  for (let at = 0; at < noise.values.length; at++) noise.values[at] = 100 * random();

  const result = await trainModel(noise, spec, { now });

  expect(result).toMatchObject({
    kind: 'not-enough-data',
    reason: { reason: 'no-season', words: expect.stringContaining('from 24 to 360 ticks') },
  });
});

test('a history of less than two and a half seasons has none', async () => {
  const result = await trainModel(
    sliceTicks(fleet, 0, 190),
    { ...spec, horizonTicks: 40 },
    { now },
  );

  expect(result.kind).toBe('not-enough-data');
});

test('incidents that begin at the same time of each season are foreseen by it', async () => {
  const series = emptySeries({
    hosts: ['a', 'b', 'c'],
    metrics: [incidentMetric],
    tickMs: 10_000,
    firstTickAtMs: 0,
    ticks: 1200,
  });
  for (let tick = 0; tick < 1200; tick++)
    for (let host = 0; host < 3; host++) {
      const phase = (tick - 20 * host) % 80;
      const lasts = host < 2 && tick >= 40 && phase >= 30 && phase < 34;
      series.values[sampleIndex(series, tick, host, 0)] = lasts ? 100 : 0;
    }

  const model = await fitted(series, { targetMetric: incidentMetric, thresholdPercent: 50 });
  const { metrics } = model.info;
  if (metrics === 'not-measured') throw new Error('not measured');
  const [before] = model.score(series, 80 * 13 + 24, { explainTop: 3 });
  const [during] = model.score(series, 80 * 13 + 31);
  const alone = model.score(series, 80 * 13 + 24, { explainTop: 0, explainHost: 0 });

  expect(metrics.model.onsetAveragePrecision).toBeGreaterThan(2 * metrics.model.baseRate);
  expect(before).toMatchObject({
    reasons: [{ words: expect.stringContaining('an incident began') }, {}, {}, {}],
  });
  expect(alone[0]).toEqual(before);
  expect(alone.slice(1)).toMatchObject([{ reasons: [] }, { reasons: [] }]);
  expect(during).toMatchObject({ risk: 'unknown', why: 'in-incident' });
});
