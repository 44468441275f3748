import { beforeAll, expect, test } from 'vitest';
import { createExtractor } from '../src/features/extractor.ts';
import { defaultTrainingSpec, sliceTicks, type TrainedModel, trainModel } from '../src/index.ts';
import { labelOutcomes } from '../src/labels.ts';
import { collectRows } from '../src/training-rows.ts';
import { syntheticFleet } from './fixtures/synthetic-fleet.ts';

const spec = { ...defaultTrainingSpec, kind: 'logistic', maxTrainingMs: 60_000 } as const;
const fleet = syntheticFleet({ hosts: 6, ticks: 1500 });
let champion: TrainedModel;

const trained = async (
  ticks: number,
  from?: TrainedModel,
  more: Partial<typeof defaultTrainingSpec> = {},
) => {
  const result = await trainModel(
    sliceTicks(fleet, 0, ticks),
    { ...spec, ...more },
    { now: () => 0 },
    from,
  );
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  return { model: result.model };
};

/** A training takes seconds, and far longer on a machine that has other work. */
const patientMs = 120_000;

beforeAll(async () => {
  champion = (await trained(1000)).model;
}, patientMs);

test(
  'a refit goes on from the model that serves, and is measured on what that one has not seen',
  async () => {
    const { model } = await trained(1500, champion);
    const { metrics, startedFrom } = model.info;

    expect(startedFrom).toBe(champion.info.version);
    if (metrics === 'not-measured') throw new Error('not measured');
    expect(metrics.heldOut.fromMs).toBeGreaterThan(champion.info.dataRange.toMs);
    expect(metrics.model.onsetAveragePrecision).toBeGreaterThan(0.85);
  },
  patientMs,
);

test(
  'where too little is new to the model that serves, a refit begins anew and says why',
  async () => {
    const { model } = await trained(1020, champion);

    expect(model.info.startedFrom).toBeUndefined();
    expect(model.info.beganAnew).toContain('too little is new');
  },
  patientMs,
);

test(
  'a model of other features is not gone on from',
  async () => {
    const { model } = await trained(1500, champion, { windowTicks: 30 });

    expect(model.info.startedFrom).toBeUndefined();
    expect(model.info.beganAnew).toContain('reads other features');
  },
  patientMs,
);

test('a row counts half as much for each half-life that it is older than the newest', () => {
  const extractor = createExtractor({
    targetMetric: spec.targetMetric,
    otherMetrics: [],
    windowTicks: 24,
    horizonTicks: 12,
    thresholdPercent: 90,
    periods: [],
    neighbours: [],
  });
  const rows = collectRows(extractor, extractor.prepare(fleet), labelOutcomes(fleet, 0, 12, 90), {
    firstTick: 23,
    maxRows: 1e6,
    seed: 1,
    halfLifeTicks: 100,
  });
  const newest = rows.ticks[rows.count - 1] ?? 0;

  rows.ticks.forEach((tick, row) => {
    expect(rows.weights[row]).toBeCloseTo(2 ** (-(newest - tick) / 100), 5);
  });
});

test(
  'with forgetting a model follows how the fleet behaves now, without it how it always did',
  async () => {
    // Of late the same picture means something else: every crossing of the last third is gone.
    const changed = { ...fleet, values: fleet.values.slice() };
    const perTick = fleet.hosts.length * fleet.metrics.length;
    for (let tick = 1000; tick < 1500; tick++)
      for (let host = 0; host < fleet.hosts.length; host++) {
        const at = tick * perTick + host * fleet.metrics.length;
        changed.values[at] = Math.min(changed.values[at] ?? 0, 80);
      }
    const meanRisk = async (halfLifeTicks?: number) => {
      const result = await trainModel(
        changed,
        {
          ...spec,
          kind: 'boosted-trees',
          ...(halfLifeTicks === undefined ? {} : { halfLifeTicks }),
        },
        { now: () => 0 },
      );
      if (result.kind !== 'trained') throw new Error(result.kind);
      expect(result.model.info.halfLifeTicks).toBe(halfLifeTicks);
      const ticks = [1300, 1350, 1400, 1450, 1490];
      const risks = ticks.flatMap((tick) => result.model.score(changed, tick, { explainTop: 0 }));
      return risks.reduce((sum, { risk }) => sum + Number(risk), 0) / risks.length;
    };

    expect(await meanRisk(60)).toBeLessThan(await meanRisk());
  },
  patientMs,
);
