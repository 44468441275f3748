import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelKinds } from '@sidestep/forecast';
import { manualClock, memoryJobs } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeMonitoring, fakeMonitoring, hostOf } from './fakes/fake-monitoring.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';
import {
  type RunningPrediction,
  serviceFolder,
  startPrediction,
  until,
} from './fakes/running-prediction.ts';
import { recurringLoad } from './fakes/synthetic-load.ts';
import { trainerHere } from './fakes/trainer-here.ts';

const tickMs = 10_000;
const seasonTicks = 60;
const clock = manualClock(Date.UTC(2026, 0, 1));
const load = recurringLoad({
  hosts: 3,
  tickMs,
  seasonTicks,
  busyTicks: 10,
  beginsAt: { 1: 20, 2: 45 },
});
const trainer = trainerHere({ telemetry: fakeTelemetry(load, clock), clock });
const jobs = memoryJobs();
const folder = serviceFolder();
const lastMs = 600 * tickMs;
let monitoring: FakeMonitoring;
let service: RunningPrediction;

type Training = { state: string; modelVersion: string | null; detail: string; kind: string | null };
type Model = { version: string; kind: string; active: boolean };

const start = async () => {
  service = await startPrediction(
    folder.path,
    { SIDESTEP_MONITORING_URL: monitoring.url, SIDESTEP_PREDICTION_METRICS: 'host.cpuPercent' },
    { clock, jobs, trainer },
  );
  await ticked();
};

beforeAll(async () => {
  monitoring = await fakeMonitoring(load, clock, { hosts: load.hostIds.map(hostOf) });
  await start();
});
afterAll(async () => {
  await service?.close();
  await monitoring?.close();
  folder.remove();
});

const ticked = () =>
  until(
    () => service.call('GET', '/status'),
    ({ body }) => (body as { lastTick: string | null }).lastTick === iso(clock.now()),
  );
const iso = (atMs: number) => new Date(atMs).toISOString();
const post = (path: string, body?: object) =>
  service.call('POST', path, { role: 'operator', body });
const get = async (path: string) => (await service.call('GET', path)).body;

const train = async (body: object): Promise<Training> => {
  const asked = await post('/trainings', { lastMs, ...body });
  expect(asked, JSON.stringify(asked.body)).toMatchObject({ status: 202 });
  await jobs.drain();
  return (await get(`/trainings/${(asked.body as { id: string }).id}`)) as Training;
};

test('the kinds that there are, what each needs, when to choose it, and where it is trained by the settings', async () => {
  const { kinds } = (await get('/models')) as { kinds: { kind: string; trainedFor: string[] }[] };
  const trainedFor = Object.fromEntries(kinds.map((each) => [each.kind, each.trainedFor]));

  expect(kinds.map(({ kind }) => kind)).toEqual([...modelKinds]);
  expect(trainedFor).toMatchObject({
    blend: ['host.cpuPercent-12'],
    'boosted-trees': ['incident.active-30'],
    svm: ['destination-class'],
    seasonal: [],
  });
});

test.each([
  [{ kind: 'svm' }, 'destination'],
  [{ kind: 'blend', outlook: 'destination-class' }, 'svm alone'],
  [{ kind: 'persistence', outlook: 'incident.active-30' }, 'begin'],
])('a kind that cannot answer what is asked is refused at its place: %j', async (body, words) => {
  const { status, body: problem } = await post('/trainings', body);

  expect(status).toBe(422);
  expect(problem).toMatchObject({
    errors: [{ pointer: '/body/kind', detail: expect.stringContaining(words) }],
  });
});

describe('a kind that is asked for', () => {
  let seasonal: Training;

  test('is trained, kept with its checksum, and serves', async () => {
    seasonal = await train({ kind: 'seasonal' });

    expect(seasonal).toMatchObject({ state: 'completed', kind: 'seasonal' });
    expect(await get(`/models/${seasonal.modelVersion}`)).toMatchObject({
      kind: 'seasonal',
      active: true,
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      picks: null,
      metrics: { rows: expect.any(Number) },
    });
    expect(await get('/risks')).toMatchObject({
      modelVersion: seasonal.modelVersion,
      fallback: null,
      risks: load.hostIds.map((hostId) => ({ hostId, risk: expect.any(Number) })),
    });
  });

  test('tells why its risk is what it is: each past season’s share', async () => {
    const { reasons } = (await get('/explanations?hostId=compute1')) as {
      reasons: { feature: string; contribution: number; detail: string }[];
    };

    expect(reasons).toHaveLength(4);
    for (const { feature, detail } of reasons) {
      expect(feature).toMatch(/^season60\.nextMax-[1-4]$/);
      expect(detail).toMatch(/seasons? ago CPU rose to/);
    }
  });

  test('is no exception: one that is not better beyond chance does not serve, but can be pinned and rolled back', async () => {
    clock.set(clock.now() + 300 * tickMs);
    await ticked();
    const { state, modelVersion, detail } = await train({ kind: 'persistence' });
    const compared = (await get(`/models/${modelVersion}`)) as Model;
    const pinned = await post(`/models/${modelVersion}/activation`);
    const risks = await get('/risks');
    const back = await post('/models/rollback');

    expect(state).toBe('completed');
    expect(detail).toMatch(/^kept, does not serve: not better beyond chance: Brier score \+/);
    expect(compared).toMatchObject({
      kind: 'persistence',
      active: false,
      comparison: { against: seasonal.modelVersion, better: false, regretDifference: null },
    });
    expect(pinned).toMatchObject({ status: 200, body: { version: modelVersion, active: true } });
    expect(risks).toMatchObject({ modelVersion, fallback: null });
    expect(back).toMatchObject({ status: 200, body: { version: seasonal.modelVersion } });
  });

  test('that finds nothing to learn fails with what is missing, and what serves goes on', async () => {
    const { state, detail } = await train({ kind: 'seasonal', lastMs: 100 * tickMs });

    expect({ state, detail }).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('of at least'),
    });
    expect(await get('/risks')).toMatchObject({ modelVersion: seasonal.modelVersion });
  });
});

describe('the classifier of destinations', () => {
  const outlook = 'destination-class';
  let first: Training;

  test('is measured beside least-cpu on the same ticks', async () => {
    first = await train({ outlook });

    expect(first.detail).toBe('serves: no other model serves; it tells 3 hosts apart');
    expect(await get(`/models/${first.modelVersion}`)).toMatchObject({
      kind: 'svm',
      heldOutFrom: expect.any(String),
      picks: {
        ticks: expect.any(Number),
        decidableTicks: expect.any(Number),
        model: { rightShare: expect.any(Number), regretPercent: expect.any(Number) },
        leastCpu: { rightShare: expect.any(Number), regretPercent: expect.any(Number) },
      },
    });
  });

  test('a later one of the same hosts meets the one that serves by the regret of its picks', async () => {
    clock.set(clock.now() + 300 * tickMs);
    await ticked();
    const { state, modelVersion } = await train({ outlook, kind: 'svm', seed: 2 });

    expect(state).toBe('completed');
    expect(await get(`/models/${modelVersion}`)).toMatchObject({
      comparison: {
        against: first.modelVersion,
        brierDifference: null,
        regretDifference: { rows: expect.any(Number) },
      },
    });
  });

  test('goes back in one call to the one that served before', async () => {
    const { models } = (await get('/models')) as { models: Model[] };
    const other = models.find(
      ({ kind, version }) => kind === 'svm' && version !== first.modelVersion,
    );
    await post(`/models/${first.modelVersion}/activation`);
    await post(`/models/${other?.version}/activation`);

    const back = await post(`/models/rollback?outlook=${outlook}`);

    expect(back).toMatchObject({ status: 200, body: { version: first.modelVersion, kind: 'svm' } });
    expect(await get('/classes')).toMatchObject({ modelVersion: first.modelVersion });
    expect((await post(`/models/rollback?outlook=${outlook}`)).status).toBe(409);
    expect(await get('/classes')).toMatchObject({ modelVersion: first.modelVersion });
  });

  test('after a restart with a spoilt file the one that served before serves', async () => {
    const { models } = (await get('/models')) as { models: Model[] };
    const other = models.find(
      ({ kind, version }) => kind === 'svm' && version !== first.modelVersion,
    );
    await post(`/models/${other?.version}/activation`);
    await service.close();
    writeFileSync(join(folder.path, 'models', `${other?.version}.model`), 'something else');

    await start();

    expect(await get('/classes')).toMatchObject({
      modelVersion: first.modelVersion,
      unavailable: null,
    });
  });
});
