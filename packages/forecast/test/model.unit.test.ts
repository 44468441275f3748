import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import {
  createPersistenceModel,
  defaultTrainingSpec,
  emptySeries,
  type FleetSeries,
  hostCpuPercent,
  loadModel,
  notEnoughData,
  sampleIndex,
  sliceTicks,
  type TrainedModel,
  type TrainingProgress,
  trainModel,
} from '../src/index.ts';
import { readModelFile, writeModelFile } from '../src/model-file.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const spec = { ...defaultTrainingSpec, maxTrainingMs: 15_000 };
const fleet = syntheticFleet({ ticks: 900, missing: 0.02 });
const progress: TrainingProgress[] = [];
let model: TrainedModel;

/** A training takes seconds, and far longer on a machine that has other work. */
const patientMs = 120_000;

beforeAll(async () => {
  const result = await trainModel(fleet, spec, {
    now: () => 0,
    onProgress: (step) => progress.push(step),
  });
  if (result.kind !== 'trained') throw new Error(result.kind);
  model = result.model;
}, patientMs);

const without = (series: FleetSeries, host: number, fromTick: number): FleetSeries => {
  const changed = { ...series, values: series.values.slice() };
  for (let tick = fromTick; tick < series.ticks; tick++)
    series.metrics.forEach((_, metric) => {
      changed.values[sampleIndex(series, tick, host, metric)] = NaN;
    });
  return changed;
};

test('on the newest stretch the model foresees crossings far better than persistence', () => {
  const { metrics } = model.info;
  if (metrics === 'not-measured') throw new Error('not measured');

  expect(metrics.model.onsetAveragePrecision).toBeGreaterThan(0.85);
  expect(metrics.model.onsetAveragePrecision).toBeGreaterThan(
    metrics.persistence.onsetAveragePrecision + 0.3,
  );
  expect(metrics.model.brier).toBeLessThan(metrics.persistence.brier - 0.1);
});

test('a model is calibrated on its own fleet: of its forecasts there about as many come true as it says', () => {
  const { calibration, metrics } = model.info;
  expect(calibration.kind).toBe('platt');
  expect(calibration.rows).toBeGreaterThan(300);
  if (metrics === 'not-measured') throw new Error('not measured');

  const from = Math.round((metrics.heldOut.fromMs - fleet.firstTickAtMs) / fleet.tickMs);
  let foreseen = 0;
  let crossed = 0;
  for (let tick = from; tick + spec.horizonTicks < fleet.ticks; tick += 2)
    for (const score of model.score(fleet, tick, { explainTop: 0 })) {
      if (score.risk === 'unknown') continue;
      foreseen += score.risk;
      let max = 0;
      for (let ahead = 1; ahead <= spec.horizonTicks; ahead++)
        max = Math.max(
          max,
          fleet.values[sampleIndex(fleet, tick + ahead, score.hostIndex, 0)] ?? 0,
        );
      if (max >= spec.thresholdPercent) crossed++;
    }
  expect(foreseen / crossed).toBeGreaterThan(0.8);
  expect(foreseen / crossed).toBeLessThan(1.25);
});

test('one host is explained without those above it, in the words of all', () => {
  const tick = fleet.ticks - 1;
  const all = model.score(fleet, tick, { explainTop: fleet.hosts.length });
  const risks = all.flatMap((score) => (score.risk === 'unknown' ? [] : [score]));
  const lowest = risks.sort((a, b) => a.risk - b.risk)[0];
  if (lowest === undefined) throw new Error('no host has a risk');

  const told = model.score(fleet, tick, { explainTop: 0, explainHost: lowest.hostIndex });

  const explained = told.filter((score) => score.risk !== 'unknown' && score.reasons.length > 0);
  expect(explained).toEqual([lowest]);
});

test('the season and the backend are told with the model', () => {
  expect(model.info.seasonTicks).toBe(60);
  expect(['tensorflow', 'wasm', 'cpu']).toContain(model.info.backend);
});

test('progress only grows and ends at one', () => {
  const done = progress.map((step) => step.done);

  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done.at(-1)).toBe(1);
});

test(
  'equal data and seed give an equal model',
  async () => {
    const again = await trainModel(fleet, spec, { now: () => 0 });

    expect(again.kind === 'trained' && again.model.info.checksum).toBe(model.info.checksum);
  },
  patientMs,
);

test('a model read back from its file scores exactly as before', () => {
  const loaded = loadModel(model.serialize());

  if (loaded.kind !== 'loaded') throw new Error(loaded.detail);
  expect(loaded.model.info).toEqual(model.info);
  expect(loaded.model.score(fleet, 800)).toEqual(model.score(fleet, 800));
});

test('a file with any byte changed, cut or foreign is refused with a reason', () => {
  const bytes = model.serialize();
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: bytes.length - 1 }),
      fc.integer({ min: 1, max: 255 }),
      (at, flip) => {
        const broken = bytes.slice();
        broken[at] = (broken[at] ?? 0) ^ flip;
        expect(loadModel(broken).kind).toBe('refused');
        expect(loadModel(bytes.subarray(0, at)).kind).toBe('refused');
      },
    ),
    { numRuns: 60, seed: 3 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (foreign) => {
      expect(loadModel(foreign)).toMatchObject({ kind: 'refused' });
    }),
    { seed: 5 },
  );
  expect(loadModel(new TextEncoder().encode('not a model'))).toMatchObject({
    reason: 'not-a-model',
  });
});

test('a file whose numbers could not score a host is refused, though its checksum is right', () => {
  const file = readModelFile(model.serialize());
  if ('kind' in file) throw new Error(file.detail);
  const { header, arrays } = file;
  const { arrays: _layout, ...rest } = header;
  const withArray = (name: string, value: number) => {
    const other = Float32Array.from(arrays[name] ?? []).fill(value);
    return loadModel(writeModelFile(rest, { ...arrays, [name]: other }));
  };

  expect(loadModel(writeModelFile(rest, arrays)).kind).toBe('loaded');
  for (const name of Object.keys(arrays).filter((each) => /values|weights|scale|base/.test(each))) {
    expect(withArray(name, Number.NaN), name).toMatchObject({ reason: 'malformed-header' });
  }
  expect(
    loadModel(writeModelFile({ ...rest, info: { ...model.info, thresholdPercent: null } }, arrays)),
  ).toMatchObject({ reason: 'malformed-header' });
});

test('a risk is a probability and its strongest reasons come first', () => {
  const scores = model.score(fleet, 800);

  for (const score of scores) {
    if (score.risk === 'unknown') throw new Error(score.why);
    expect(score.risk).toBeGreaterThanOrEqual(0);
    expect(score.risk).toBeLessThanOrEqual(1);
    const sizes = score.reasons.map(({ contribution }) => Math.abs(contribution));
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
  }
});

test('samples after the tick do not change a score', () => {
  expect(model.score(sliceTicks(fleet, 0, 801), 800)).toEqual(model.score(fleet, 800));
});

test('a host that fell silent has an unknown risk, not a small one', () => {
  const silent = without(fleet, 2, 790);
  const never = without(fleet, 3, 0);

  expect(model.score(silent, 800)[2]).toMatchObject({ risk: 'unknown', why: 'stale' });
  expect(model.score(silent, 792)[2]?.risk).not.toBe('unknown');
  expect(model.score(never, 800)[3]).toMatchObject({ risk: 'unknown', why: 'no-samples' });
  expect(model.scorePairs(silent, 800, [{ hostIndex: 2, addedCpuPercent: 5 }])).toMatchObject([
    { risk: 'unknown', why: 'stale' },
  ]);
  expect(model.scorePairs(fleet, 800, [{ hostIndex: 99, addedCpuPercent: 5 }])).toMatchObject([
    { risk: 'unknown', why: 'unknown-host' },
  ]);
});

test('the more load a VNF adds, the higher the risk of its host', () => {
  const added = [0, 5, 10, 20, 40, 60, 80];

  for (const hostIndex of [0, 1, 2, 3, 4, 5]) {
    const scores = model.scorePairs(
      fleet,
      800,
      added.map((addedCpuPercent) => ({ hostIndex, addedCpuPercent })),
    );
    const risks = scores.map(({ risk }) => (risk === 'unknown' ? NaN : risk));
    expect(risks).toEqual([...risks].sort((a, b) => a - b));
    expect(risks[0]).toBe(model.score(fleet, 800)[hostIndex]?.risk);
    expect(risks.at(-1)).toBeGreaterThan(0.9);
  }
});

test('too little history is told with what is missing', async () => {
  expect(notEnoughData(sliceTicks(fleet, 0, 100), spec)).toMatchObject({
    reason: 'too-few-ticks',
    have: 100,
    need: 180,
  });
  const idle = emptySeries({ ...fleet, ticks: 400 });
  idle.values.fill(20);
  expect(await trainModel(idle, spec, { now: () => 0 })).toMatchObject({
    kind: 'not-enough-data',
    reason: { reason: 'too-few-crossings' },
  });
});

test('a forecast is never an input of a model', async () => {
  const result = await trainModel(
    fleet,
    { ...spec, metrics: [hostCpuPercent, 'forecast.failureRisk'] },
    { now: () => 0 },
  );

  expect(result.kind).toBe('refused');
});

test('a cancelled training gives no model', async () => {
  const abort = new AbortController();
  const result = await trainModel(fleet, spec, {
    now: () => 0,
    signal: abort.signal,
    onProgress: ({ phase }) => {
      if (phase === 'fitting') abort.abort();
    },
  });

  expect(result).toEqual({ kind: 'cancelled' });
});

test('a training that runs out of time still ends with a model', async () => {
  let clockMs = 0;
  const result = await trainModel(
    fleet,
    { ...spec, maxTrainingMs: 1000 },
    {
      now: () => {
        clockMs += 300;
        return clockMs;
      },
    },
  );

  expect(result.kind).toBe('trained');
});

test('the fallback says what it is and scores from the last value', () => {
  const fallback = createPersistenceModel(spec, fleet.tickMs);

  expect(fallback.info).toMatchObject({ kind: 'persistence', version: 'persistence' });
  const [score] = fallback.score(fleet, 800);
  expect(score?.risk).not.toBe('unknown');
});
