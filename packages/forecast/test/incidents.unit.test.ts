import { seededRandom } from '@sidestep/fleet';
import { beforeAll, expect, test } from 'vitest';
import {
  createFallbackModel,
  defaultTrainingSpec,
  emptySeries,
  type FleetSeries,
  hostCpuPercent,
  incidentMetric,
  sampleIndex,
  sliceTicks,
  type TrainedModel,
  trainModel,
} from '../src/index.ts';

const errors = 'host.logErrorsPerSecond';
const spec = {
  ...defaultTrainingSpec,
  targetMetric: incidentMetric,
  metrics: [incidentMetric, hostCpuPercent, errors],
  thresholdPercent: 50,
  windowTicks: 12,
  horizonTicks: 10,
  kind: 'boosted-trees',
} as const;

/** Hosts whose errors in the log rise some ticks before an incident; it lasts for eight ticks. */
const announced = (): { fleet: FleetSeries; begins: { host: number; tick: number }[] } => {
  const random = seededRandom(3);
  const fleet = emptySeries({
    hosts: ['h0', 'h1', 'h2', 'h3'],
    metrics: [incidentMetric, hostCpuPercent, errors],
    tickMs: 10_000,
    firstTickAtMs: 0,
    ticks: 1500,
  });
  const begins: { host: number; tick: number }[] = [];
  for (let host = 0; host < 4; host++) {
    let next = 60 + Math.floor(150 * random());
    for (let tick = 0; tick < fleet.ticks; tick++) {
      const toBegin = next - tick;
      if (toBegin === 0) begins.push({ host, tick });
      const lasts = toBegin <= 0;
      const values = [
        lasts ? 100 : 0,
        40 + 10 * random(),
        toBegin <= 8 && toBegin > 0 ? 20 + 5 * random() : 2 * random(),
      ];
      values.forEach((value, metric) => {
        fleet.values[sampleIndex(fleet, tick, host, metric)] = value;
      });
      if (toBegin === -7) next = tick + 80 + Math.floor(160 * random());
    }
  }
  return { fleet, begins };
};

const { fleet, begins } = announced();
let model: TrainedModel;

/** A training takes seconds, and far longer on a machine that has other work. */
const patientMs = 120_000;

beforeAll(async () => {
  const result = await trainModel(sliceTicks(fleet, 0, 1200), spec, { now: () => 0 });
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  model = result.model;
}, patientMs);

test('what comes before incidents is learnt, from any metric that is collected', () => {
  const ahead: number[] = [];
  const calm: number[] = [];
  for (const { host, tick } of begins) {
    if (tick < 1220) continue;
    const at = (when: number) => model.score(fleet, when)[host]?.risk;
    ahead.push(Number(at(tick - 4)));
    calm.push(Number(at(tick - 30)));
  }

  expect(ahead.length).toBeGreaterThan(3);
  expect(Math.min(...ahead)).toBeGreaterThan(0.5);
  expect(Math.max(...calm)).toBeLessThan(0.3);
  expect(calm.reduce((sum, risk) => sum + risk, 0) / calm.length).toBeLessThan(0.15);
});

test('while an incident lasts there is no begin to foresee', () => {
  const { host, tick } = begins.find((each) => each.tick > 1220) ?? { host: 0, tick: 0 };

  expect(model.score(fleet, tick + 2)[host]).toMatchObject({ risk: 'unknown', why: 'in-incident' });
  expect(
    model.scorePairs(fleet, tick + 2, [{ hostIndex: host, addedCpuPercent: 0 }])[0],
  ).toMatchObject({
    why: 'in-incident',
  });
});

test('reasons speak of incidents, not of load', () => {
  const scored = model.score(fleet, (begins.find(({ tick }) => tick > 1220)?.tick ?? 0) - 4);
  const words = scored.flatMap((score) =>
    score.risk === 'unknown' ? [] : score.reasons.map((reason) => reason.words),
  );

  expect(words.length).toBeGreaterThan(0);
  expect(words.filter((each) => each.includes('CPU is at'))).toEqual([]);
});

test('too few incidents teach nothing, and it is said how many are missing', async () => {
  const result = await trainModel(sliceTicks(fleet, 0, 260), spec, { now: () => 0 });

  expect(result).toMatchObject({
    kind: 'not-enough-data',
    reason: { reason: 'too-few-incidents', need: 10 },
  });
});

test('until a model is trained the rate of the past answers, and never says that nothing can happen', () => {
  const fallback = createFallbackModel(spec, fleet.tickMs);
  const expected = (10 * begins.length) / (4 * fleet.ticks);

  expect(fallback.info.version).toBe('past-rate');
  const [score] = fallback.score(fleet, 40);
  expect(score?.risk).toBeGreaterThan(0.8 * expected);
  expect(score?.risk).toBeLessThan(1.2 * expected);
  const never = emptySeries({ ...fleet, ticks: 100 });
  never.values.fill(0);
  const [calm] = fallback.score(never, 99);
  expect(calm?.risk).toBeGreaterThan(0);
  expect(calm?.risk).toBeLessThan(0.05);
});
