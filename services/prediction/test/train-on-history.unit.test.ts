import { hostCpuPercent, incidentMetric, loadClassModel, loadModel } from '@sidestep/forecast';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { promotion } from '../src/domain/duel.ts';
import { incidentOutlook, settingsFor } from '../src/domain/outlook.ts';
import { trainingSpecOf } from '../src/domain/settings.ts';
import type { TrainingTask } from '../src/ports/trainer.ts';
import { trainOnHistory } from '../src/usecases/train-on-history.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';
import { testSettings } from './fakes/settings.ts';
import { recurringLoad } from './fakes/synthetic-load.ts';

const { tickMs } = testSettings;
const start = Date.UTC(2026, 0, 1);
const ticks = 500;
const load = recurringLoad({
  hosts: 3,
  tickMs,
  seasonTicks: 40,
  busyTicks: 8,
  beginsAt: { 1: 10, 2: 20, 3: 30 },
});

const taskOf = (more: Partial<TrainingTask> = {}): TrainingTask => ({
  fromMs: start - ticks * tickMs,
  toMs: start,
  tickMs,
  maxSamples: 1_000_000,
  spec: trainingSpecOf({ ...testSettings, modelKind: 'boosted-trees' }, { seed: 1, censored: {} }),
  champion: null,
  ...more,
});

const trained = async (task: TrainingTask, telemetry = fakeTelemetry(load, manualClock(start))) => {
  const said: string[] = [];
  const outcome = await trainOnHistory(
    { telemetry, clock: manualClock(start) },
    task,
    ({ words }) => said.push(words),
  );
  return { outcome, said };
};

const infoOf = (outcome: Awaited<ReturnType<typeof trained>>['outcome']) => {
  if (outcome.kind !== 'trained') throw new Error(JSON.stringify(outcome));
  const loaded = loadModel(outcome.bytes);
  if (loaded.kind !== 'loaded') throw new Error(loaded.detail);
  return loaded.model.info;
};

describe('what a training learns from', () => {
  test('hosts whose samples are in doubt, or come unsigned, are left out', async () => {
    const telemetry = fakeTelemetry(load, manualClock(start));
    telemetry.doubts.set('compute2', { trusted: false, faults: [] });
    telemetry.doubts.set('compute3', {
      trusted: true,
      faults: [{ metric: hostCpuPercent, fault: 'stuck' }],
    });

    const { outcome, said } = await trained(taskOf(), telemetry);

    expect(infoOf(outcome).dataRange.hosts).toBe(1);
    expect(said).toContain('leaves 2 hosts out whose samples are in doubt');
  });

  test('while it is not known who is in doubt nothing is learnt', async () => {
    const telemetry = fakeTelemetry(load, manualClock(start));
    telemetry.readDoubts = async () => {
      throw new Error('Monitoring tells nothing of quality');
    };

    await expect(trained(taskOf(), telemetry)).rejects.toThrow('quality');
  });

  test('older samples count less, by the half-life that is set', async () => {
    const settings = {
      ...testSettings,
      modelKind: 'boosted-trees' as const,
      halfLifeMs: 3_600_000,
    };

    const { outcome } = await trained(
      taskOf({ spec: trainingSpecOf(settings, { seed: 1, censored: {} }) }),
    );

    expect(infoOf(outcome).halfLifeTicks).toBe(360);
  });

  test('past incidents teach when the next one begins', async () => {
    const settings = settingsFor(testSettings, incidentOutlook(12));
    const begins = (season: number) => start - (ticks - 40 * season - 8) * tickMs;
    const incidents = {
      compute1: Array.from({ length: 12 }, (_, season) => ({
        fromMs: begins(season),
        toMs: begins(season) + 3 * tickMs,
      })),
    };

    const { outcome } = await trained(
      taskOf({ spec: trainingSpecOf(settings, { seed: 1, censored: {} }), incidents }),
    );

    const info = infoOf(outcome);
    expect(info.targetMetric).toBe(incidentMetric);
    expect(info.inputMetrics).toEqual([incidentMetric, hostCpuPercent]);
    if (info.metrics === 'not-measured') throw new Error('not measured');
    const { model } = info.metrics;
    expect(model.onsetAveragePrecision).toBeGreaterThan(3 * model.baseRate);
  });

  test('without incidents there is nothing to learn, and it says how many are missing', async () => {
    const settings = settingsFor(testSettings, incidentOutlook(12));

    const { outcome } = await trained(
      taskOf({ spec: trainingSpecOf(settings, { seed: 1, censored: {} }) }),
    );

    expect(outcome).toEqual({
      kind: 'not-enough-data',
      words: '0 of at least 10 incidents have begun within the history',
    });
  });
});

test('a classifier learns the hosts of the history, without those in doubt', async () => {
  const telemetry = fakeTelemetry(load, manualClock(start));
  telemetry.doubts.set('compute2', { trusted: false, faults: [] });

  const { outcome } = await trained(taskOf({ makes: 'destination-class' }), telemetry);
  if (outcome.kind !== 'trained') throw new Error(JSON.stringify(outcome));
  const loaded = loadClassModel(outcome.bytes);

  expect(loaded).toMatchObject({ kind: 'loaded', model: { hosts: ['compute1', 'compute3'] } });
  expect(outcome.rows).toBeGreaterThan(120);
});

describe('a classifier meets the one that serves', () => {
  const championOf = async (more: Partial<TrainingTask> = {}, hosts?: string) => {
    const telemetry = fakeTelemetry(load, manualClock(start));
    if (hosts !== undefined) telemetry.doubts.set(hosts, { trusted: false, faults: [] });
    const task = taskOf({ makes: 'destination-class', ...more });
    const { outcome } = await trained(task, telemetry);
    if (outcome.kind !== 'trained') throw new Error(JSON.stringify(outcome));
    const loaded = loadClassModel(outcome.bytes);
    if (loaded.kind !== 'loaded') throw new Error(loaded.detail);
    const { version, dataRange } = loaded.model.info;
    return { version, bytes: outcome.bytes, seenUntilMs: dataRange.toMs };
  };
  const challenge = async (champion: TrainingTask['champion']) => {
    const { outcome } = await trained(taskOf({ makes: 'destination-class', champion }));
    if (outcome.kind !== 'trained') throw new Error(JSON.stringify(outcome));
    const loaded = loadClassModel(outcome.bytes);
    if (loaded.kind !== 'loaded') throw new Error(loaded.detail);
    return { duel: outcome.duel, learntTicks: loaded.model.info.dataRange.ticks };
  };

  test('by the regret of both on a stretch that neither has seen', async () => {
    const champion = await championOf({ toMs: start - 240 * tickMs });

    const { duel, learntTicks } = await challenge(champion);

    expect(learntTicks).toBe(ticks - 120);
    expect(duel).toMatchObject({
      against: champion.version,
      of: 'regret',
      difference: { rows: 120 - testSettings.horizonTicks },
    });
  });

  test('where too little is new nothing is compared, and it does not serve', async () => {
    const { duel } = await challenge(await championOf());

    expect(duel).toMatchObject({ difference: null, detail: expect.stringContaining('too little') });
    expect(promotion(duel ?? 'none').activate).toBe(false);
  });

  test('where that one is of other hosts the newcomer serves: the other cannot name some of them', async () => {
    const { duel } = await challenge(await championOf({}, 'compute2'));

    expect(duel).toMatchObject({ otherHosts: true, detail: expect.stringContaining('2, now 3') });
    expect(promotion(duel ?? 'none').activate).toBe(true);
  });
});

test('a history too short for a classifier says what it lacks', async () => {
  const { outcome } = await trained(
    taskOf({ makes: 'destination-class', fromMs: start - 60 * tickMs }),
  );

  expect(outcome).toMatchObject({
    kind: 'not-enough-data',
    words: expect.stringContaining('ticks with a known outcome'),
  });
});
