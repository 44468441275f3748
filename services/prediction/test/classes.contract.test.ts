import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultTrainingSpec, emptySeries, trainClasses } from '@sidestep/forecast';
import { manualClock, memoryJobs } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainerOutcome } from '../src/ports/trainer.ts';
import { type FakeMonitoring, fakeMonitoring, hostOf } from './fakes/fake-monitoring.ts';
import { fakeTrainer } from './fakes/fake-trainer.ts';
import {
  type RunningPrediction,
  serviceFolder,
  startPrediction,
  until,
} from './fakes/running-prediction.ts';
import { recurringLoad } from './fakes/synthetic-load.ts';

const tickMs = 10_000;
const ticks = 400;
const clock = manualClock(Date.UTC(2026, 0, 1));
const load = recurringLoad({
  hosts: 3,
  tickMs,
  seasonTicks: 60,
  busyTicks: 20,
  beginsAt: { 1: 0, 2: 20, 3: 40 },
});
const trainer = fakeTrainer();
const jobs = memoryJobs();
const folder = serviceFolder();
const wanted = { role: 'operator', body: { outlook: 'destination-class' } } as const;
let monitoring: FakeMonitoring;
let service: RunningPrediction;

/** A classifier of the first two hosts only, as a trainer hands it over. */
const classifier = (horizonTicks = 12): TrainerOutcome => {
  const series = emptySeries({
    hosts: load.hostIds.slice(0, 2),
    metrics: ['host.cpuPercent'],
    tickMs,
    firstTickAtMs: clock.now() - ticks * tickMs,
    ticks,
  });
  series.values.forEach((_, at) => {
    const host = load.hostIds[at % 2] ?? '';
    const atMs = series.firstTickAtMs + Math.floor(at / 2) * tickMs;
    series.values[at] = load.cpuPercent(host, atMs) ?? NaN;
  });
  const spec = { ...defaultTrainingSpec, metrics: ['host.cpuPercent'], horizonTicks };
  const result = trainClasses(series, spec, { now: clock.now });
  if (result.kind !== 'trained') throw new Error(JSON.stringify(result));
  return {
    kind: 'trained',
    bytes: result.model.serialize(),
    rows: result.rows,
    backend: 'none',
    duel: null,
    reference: [],
  };
};

const start = async () => {
  service = await startPrediction(
    folder.path,
    { SIDESTEP_MONITORING_URL: monitoring.url },
    { clock, jobs, trainer },
  );
  await until(
    () => service.call('GET', '/status'),
    ({ body }) => (body as { lastTick: unknown }).lastTick !== null,
  );
};

const train = async (outcome: TrainerOutcome) => {
  trainer.endsWith(outcome);
  const asked = await service.call('POST', '/trainings', wanted);
  expect(asked, JSON.stringify(asked.body)).toMatchObject({ status: 202 });
  const { id } = asked.body as { id: string };
  await jobs.drain();
  const ended = await service.call('GET', `/trainings/${id}`);
  return ended.body as { state: string; modelVersion: string | null; detail: string };
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

test('before a classifier is trained every margin is unknown, and why is told', async () => {
  const { status, body } = await service.call('GET', '/classes');

  expect(status).toBe(200);
  expect(body).toMatchObject({
    horizonMs: 120_000,
    modelVersion: null,
    unavailable: 'no classifier has been trained yet',
    classes: load.hostIds.map((hostId) => ({
      hostId,
      margin: null,
      unknownReason: 'no-model: no classifier has been trained yet',
    })),
  });
});

test('one that is trained answers for its own hosts, beside the model of the risks', async () => {
  const { state, modelVersion } = await train(classifier());

  expect(state).toBe('completed');
  expect(trainer.tasks.at(-1)).toMatchObject({ makes: 'destination-class', champion: null });
  expect((await service.call('GET', '/classes')).body).toMatchObject({
    modelVersion,
    unavailable: null,
    classes: [
      { hostId: 'compute1', margin: expect.any(Number), unknownReason: null },
      { hostId: 'compute2', margin: expect.any(Number), unknownReason: null },
      {
        hostId: 'compute3',
        margin: null,
        unknownReason: 'unknown-host: it was not there when the classifier was trained',
      },
    ],
  });
  expect((await service.call('GET', `/models/${modelVersion}`)).body).toMatchObject({
    kind: 'svm',
    active: true,
    hosts: 2,
    outlook: 'destination-class',
  });
  expect((await service.call('GET', '/risks')).body).toMatchObject({
    modelVersion: null,
    fallback: { name: 'persistence' },
  });
});

test('it can be let serve again, and serves after a restart', async () => {
  const { modelVersion } = (await service.call('GET', '/classes')).body as {
    modelVersion: string;
  };
  const activated = await service.call('POST', `/models/${modelVersion}/activation`, {
    role: 'operator',
  });
  await service.close();
  await start();

  expect(activated).toMatchObject({ status: 200, body: { version: modelVersion, active: true } });
  expect((await service.call('GET', '/classes')).body).toMatchObject({ modelVersion });
});

test('one that foresees something else is refused, and what served goes on', async () => {
  const { modelVersion } = (await service.call('GET', '/classes')).body as {
    modelVersion: string;
  };
  const { detail, modelVersion: other } = await train(classifier(6));
  const activated = await service.call('POST', `/models/${other}/activation`, {
    role: 'operator',
  });

  expect(detail).toMatch(/^kept, does not serve: it was not compared/);
  expect(activated.body).toMatchObject({
    code: 'MODEL_REFUSED',
    detail: expect.stringContaining('its horizon is 6 ticks'),
  });
  expect((await service.call('GET', '/classes')).body).toMatchObject({ modelVersion });
});

test('a file that was changed on the disk is refused at the start', async () => {
  const { modelVersion } = (await service.call('GET', '/classes')).body as {
    modelVersion: string;
  };
  await service.close();
  const file = join(folder.path, 'models', `${modelVersion}.model`);
  writeFileSync(file, 'something else');
  await start();

  expect((await service.call('GET', '/classes')).body).toMatchObject({
    modelVersion: null,
    unavailable: expect.stringContaining('not the one that was stored'),
  });
});
