import { manualClock, memoryJobs } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outlookId, riskMetricOf, sideOutlooksOf } from '../src/domain/outlook.ts';
import { type FakeMonitoring, fakeMonitoring } from './fakes/fake-monitoring.ts';
import { fakeTrainer } from './fakes/fake-trainer.ts';
import {
  type RunningPrediction,
  serviceFolder,
  startPrediction,
  until,
} from './fakes/running-prediction.ts';
import { smallModel } from './fakes/small-model.ts';
import { recurringLoad } from './fakes/synthetic-load.ts';

const tickMs = 10_000;
const clock = manualClock(Date.UTC(2026, 0, 1));
const jobs = memoryJobs();
const trainer = fakeTrainer();
const folder = serviceFolder();
const load = recurringLoad({ hosts: 2, tickMs, seasonTicks: 60, busyTicks: 10, beginsAt: {} });
let monitoring: FakeMonitoring;
let service: RunningPrediction;
const start = () =>
  startPrediction(
    folder.path,
    {
      SIDESTEP_MONITORING_URL: monitoring.url,
      SIDESTEP_PREDICTION_HORIZONS_TICKS: '6,12,30',
      SIDESTEP_PREDICTION_OTHER_TARGETS: 'host.memPercent:95',
    },
    { clock, jobs, trainer },
  );

beforeAll(async () => {
  monitoring = await fakeMonitoring(load, clock);
  service = await start();
  await until(
    async () => monitoring.written.length,
    (written) => written >= 6,
  );
});
afterAll(async () => {
  await service?.close();
  await monitoring?.close();
  folder.remove();
});

describe('what is foreseen', () => {
  test('each resource at each horizon, the chief one first, each named with what answers for it', async () => {
    const { body } = await service.call('GET', '/outlooks');

    const { outlooks } = body as { outlooks: { id: string; horizonMs: number }[] };
    expect(outlooks.map(({ id }) => id)).toEqual([
      'host.cpuPercent-12',
      'host.cpuPercent-6',
      'host.cpuPercent-30',
      'host.memPercent-6',
      'host.memPercent-12',
      'host.memPercent-30',
      'incident.active-30',
    ]);
    expect(outlooks[6]).toMatchObject({
      riskMetric: 'forecast.incidentRisk',
      fallback: {
        name: 'past-rate',
        reason: expect.stringContaining('no model has been trained yet'),
      },
    });
    expect(outlooks[0]).toMatchObject({ chief: true, horizonMs: 120_000, modelVersion: null });
    expect(outlooks[3]).toMatchObject({
      chief: false,
      riskMetric: 'forecast.memFailureRisk',
      thresholdPercent: 95,
      fallback: { name: 'persistence' },
    });
  });

  test('the risk of a load that comes later is that of the horizon that reaches beyond it', async () => {
    const pair = { hostId: 'compute1', addedCpuPercent: 5 };

    const { body } = await service.call('POST', '/risks', {
      body: {
        pairs: [
          { ...pair, startsInMs: 150_000 },
          pair,
          { ...pair, hostId: 'compute2', startsInMs: 30_000 },
          { ...pair, startsInMs: 3_600_000 },
        ],
      },
    });

    const { risks } = body as { risks: { hostId: string; outlook?: string; risk: number }[] };
    expect(risks.map(({ hostId, outlook }) => [hostId, outlook])).toEqual([
      ['compute1', 'host.cpuPercent-30'],
      ['compute1', undefined],
      ['compute2', 'host.cpuPercent-30'],
      ['compute1', undefined],
    ]);
    for (const { risk } of risks) expect(risk).toBeGreaterThanOrEqual(0);
  });

  test('the risks of every horizon are written back at each tick, labelled with it', () => {
    const horizons = monitoring.written
      .filter(({ resource }) => resource === 'compute1')
      .map(({ metric, labels }) => `${metric} ${labels?.horizon}`);

    // Memory is not measured here: no risk is made up of nothing.
    expect(horizons.slice(0, 3)).toEqual([
      'forecast.failureRisk 120s',
      'forecast.failureRisk 60s',
      'forecast.failureRisk 300s',
    ]);
  });

  test('risks are answered for the outlook asked, and are unknown where the resource is not measured', async () => {
    const cpu = await service.call('GET', '/risks?outlook=host.cpuPercent-30');
    const memory = await service.call('GET', '/risks?outlook=host.memPercent-12');

    expect(cpu.body).toMatchObject({
      outlook: 'host.cpuPercent-30',
      horizonMs: 300_000,
      risks: [
        { hostId: 'compute1', risk: expect.any(Number) },
        { hostId: 'compute2', risk: expect.any(Number) },
      ],
    });
    expect(memory.body).toMatchObject({
      targetMetric: 'host.memPercent',
      thresholdPercent: 95,
      risks: [
        { hostId: 'compute1', risk: null, unknownReason: expect.stringContaining('no-samples') },
        { hostId: 'compute2', risk: null },
      ],
    });
  });

  test('the probability that an incident begins is answered for each host, with what it rests on', async () => {
    const incidents = await service.call('GET', '/risks?outlook=incident.active-30');

    expect(incidents.body).toMatchObject({
      targetMetric: 'incident.active',
      horizonMs: 300_000,
      modelVersion: null,
      fallback: { name: 'past-rate' },
      risks: [
        { hostId: 'compute1', risk: expect.any(Number) },
        { hostId: 'compute2', risk: expect.any(Number) },
      ],
    });
  });

  test('an outlook that there is not is refused with those that there are', async () => {
    expect(await service.call('GET', '/risks?outlook=host.cpuPercent-7')).toMatchObject({
      status: 422,
      body: {
        code: 'UNPROCESSABLE',
        detail: expect.stringContaining('host.memPercent-30'),
        errors: [{ pointer: '/query/outlook' }],
      },
    });
  });

  test('each outlook is scored against what happened', async () => {
    for (let tick = 0; tick < 10; tick++) {
      const written = monitoring.written.length;
      clock.advance(tickMs);
      await until(
        async () => monitoring.written.length,
        (now) => now >= written + 6,
      );
    }

    const { body } = await until(
      () => service.call('GET', '/scores?outlook=host.cpuPercent-6'),
      (answer) => (answer.body as { rows: number }).rows > 0,
    );

    expect(body).toMatchObject({
      outlook: 'host.cpuPercent-6',
      modelVersion: null,
      brier: expect.any(Number),
      worseThanFallback: null,
      degraded: null,
    });
    const { brier, fallbackBrier } = body as { brier: number; fallbackBrier: number };
    expect(brier).toBeCloseTo(fallbackBrier, 10);
    expect((await service.call('GET', '/scores')).body).toMatchObject({ rows: 0, brier: null });
  });

  test('a risk is explained by its features, by past cases and by how right its level has been', async () => {
    const { body } = await service.call(
      'GET',
      '/explanations?hostId=compute1&outlook=host.cpuPercent-6',
    );

    expect(body).toMatchObject({
      hostId: 'compute1',
      risk: expect.any(Number),
      reasons: [{ feature: 'cpu[-0]', contribution: expect.any(Number) }],
      cases: expect.arrayContaining([
        expect.objectContaining({ crossed: false, distance: expect.any(Number) }),
      ]),
      reliability: { fromRisk: 0, toRisk: 0.1, observedRate: 0 },
    });
    const unknown = await service.call(
      'GET',
      '/explanations?hostId=compute1&outlook=host.memPercent-6',
    );
    expect(unknown.body).toMatchObject({ risk: null, cases: [], reliability: null });
    expect((await service.call('GET', '/explanations?hostId=nobody')).status).toBe(404);
  });

  test('an incident that an operator tells of is kept and found by its resource', async () => {
    const body = { resource: 'compute2', startedAt: '2025-12-31T23:00:00.000Z', note: 'a fan' };
    const told = await service.call('POST', '/incidents', { role: 'operator', body });

    expect(told).toMatchObject({ status: 201, body: { source: 'operator', endedAt: null } });
    expect((await service.call('GET', '/incidents?resource=compute2')).body).toMatchObject({
      incidents: [{ resource: 'compute2', note: 'a fan' }],
    });
    expect((await service.call('GET', '/incidents?source=alarm')).body).toMatchObject({
      incidents: [],
    });
  });

  test('a model trained for one horizon serves for that one only, also after a restart', async () => {
    trainer.endsWith(await smallModel({ horizonTicks: 6 }));
    const accepted = await service.call('POST', '/trainings', {
      role: 'operator',
      body: { outlook: 'host.cpuPercent-6' },
    });
    await jobs.drain();

    const training = await service.call('GET', accepted.location ?? '');
    expect(training.body).toMatchObject({ state: 'completed', outlook: 'host.cpuPercent-6' });
    expect(trainer.tasks.at(-1)?.spec).toMatchObject({ horizonTicks: 6, kind: 'logistic' });
    const { modelVersion } = training.body as { modelVersion: string };
    const serving = async () => {
      const { body } = await service.call('GET', '/outlooks');
      const { outlooks } = body as { outlooks: { id: string; modelVersion: string | null }[] };
      return outlooks.flatMap(({ id, modelVersion: version }) => (version ? [[id, version]] : []));
    };
    expect(await serving()).toEqual([['host.cpuPercent-6', modelVersion]]);
    expect((await service.call('GET', '/models')).body).toMatchObject({
      models: [{ version: modelVersion, active: true, outlook: 'host.cpuPercent-6' }],
    });
    expect(
      (await service.call('POST', `/models/${modelVersion}/activation`, { role: 'operator' }))
        .status,
    ).toBe(200);
    expect((await service.call('GET', '/status')).body).toMatchObject({ model: null });

    await service.close();
    service = await start();

    expect(await serving()).toEqual([['host.cpuPercent-6', modelVersion]]);
  });
});

describe('outlooks by configuration', () => {
  const chief = { targetMetric: 'host.cpuPercent', horizonTicks: 12, thresholdPercent: 90 };

  test('the chief one is never among the others, whatever is listed', () => {
    expect(sideOutlooksOf(chief, [12, 6, 6], []).map(outlookId)).toEqual(['host.cpuPercent-6']);
    expect(sideOutlooksOf(chief, [], [])).toEqual([]);
  });

  test('each resource has a forecast metric of its own', () => {
    expect(riskMetricOf('host.cpuPercent')).toBe('forecast.failureRisk');
    expect(riskMetricOf('host.memPercent')).toBe('forecast.memFailureRisk');
  });
});
