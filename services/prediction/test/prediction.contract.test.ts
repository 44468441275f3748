import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApiDocument } from '@sidestep/contracts';
import { contractOperations } from '@sidestep/service-kit';
import { badRequests, manualClock, memoryJobs } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeMonitoring, fakeMonitoring, hostOf } from './fakes/fake-monitoring.ts';
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
const server = {
  id: 'server-1',
  name: 'firewall',
  hostId: 'compute1',
  status: 'ACTIVE',
  taskState: null,
  flavorId: null,
  imageId: null,
  vcpus: 1,
  ramMiB: 1_024,
  diskGiB: 1,
  tags: [],
  ports: [],
};
let monitoring: FakeMonitoring;
let service: RunningPrediction;

beforeAll(async () => {
  const load = recurringLoad({
    hosts: 4,
    tickMs,
    seasonTicks: 60,
    busyTicks: 10,
    beginsAt: { 4: 55 },
  });
  monitoring = await fakeMonitoring(load, clock, {
    hosts: [
      ...load.hostIds
        .map(hostOf)
        .map((host) => (host.id === 'compute3' ? { ...host, status: 'disabled' as const } : host)),
    ],
    servers: [server],
    serverCpuPercent: { 'server-1': 60 },
  });
  service = await startPrediction(
    folder.path,
    { SIDESTEP_MONITORING_URL: monitoring.url },
    { clock, jobs, trainer },
  );
  await until(
    () => service.call('GET', '/status'),
    ({ body }) => (body as { lastTick: unknown }).lastTick !== null,
  );
});
afterAll(async () => {
  await service?.close();
  await monitoring?.close();
  folder.remove();
});

describe('risks', () => {
  test('every host has its risk and the fallback is named', async () => {
    const { status, body } = await service.call('GET', '/risks');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      tick: '2026-01-01T00:00:00.000Z',
      horizonMs: 120_000,
      thresholdPercent: 90,
      modelVersion: null,
      fallback: { name: 'persistence' },
      risks: [
        { hostId: 'compute1' },
        { hostId: 'compute2' },
        { hostId: 'compute3' },
        { hostId: 'compute4' },
      ],
    });
  });

  test('the reasons are left out where nobody wants them', async () => {
    const { status, body } = await service.call('GET', '/risks?reasons=false');

    expect(status).toBe(200);
    const rows = (body as { risks: { reasons: unknown[] }[] }).risks;
    expect(rows.flatMap(({ reasons }) => reasons)).toEqual([]);
  });

  test('pairs are answered in the order asked, unknown hosts with the reason', async () => {
    const { status, body } = await service.call('POST', '/risks', {
      body: {
        pairs: [
          { hostId: 'nowhere', addedCpuPercent: 5 },
          { hostId: 'compute2', serverId: 'server-1', addedCpuPercent: 55 },
          { hostId: 'compute2' },
        ],
      },
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      risks: [
        {
          hostId: 'nowhere',
          risk: null,
          hostRisk: null,
          unknownReason: expect.stringContaining('unknown-host'),
        },
        { hostId: 'compute2', serverId: 'server-1', unknownReason: null },
        { hostId: 'compute2', serverId: null, unknownReason: null },
      ],
    });
    const [, loaded, bare] = (body as { risks: { risk: number; hostRisk: number }[] }).risks;
    expect(loaded?.risk).toBeGreaterThan(loaded?.hostRisk ?? 1);
    expect(bare?.risk).toBe(bare?.hostRisk);
  });

  test('the risks are written back as samples that Monitoring takes', () => {
    expect(monitoring.written[0]).toEqual({
      resource: 'compute1',
      metric: 'forecast.failureRisk',
      labels: { horizon: '120s', model: 'persistence' },
      timestampMs: clock.now(),
      value: expect.any(Number),
    });
  });
});

describe('destinations', () => {
  test('the host least likely to fail is named, and what was left out with the reason', async () => {
    const { status, body } = await service.call('POST', '/destinations', {
      body: { serverId: 'server-1', policy: 'least-risk' },
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      serverId: 'server-1',
      policy: 'least-risk',
      destination: 'compute2',
      stayReason: null,
      ranking: [{ hostId: 'compute2' }],
      fallback: { name: 'persistence' },
    });
    expect((body as { rejected: { hostId: string; why: string }[] }).rejected).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ hostId: 'compute3', why: 'host-disabled' }),
      ]),
    );
  });

  test('without candidates that fit it says why the server stays', async () => {
    const { body } = await service.call('POST', '/destinations', {
      body: { serverId: 'server-1', candidates: ['compute3', 'elsewhere'] },
    });

    expect(body).toMatchObject({
      destination: null,
      stayReason: 'no-candidate',
      rejected: [{ why: 'host-disabled' }, { why: 'host-unknown' }],
    });
  });

  test('a server that nobody knows is no such thing, a policy that is none cannot be carried out', async () => {
    expect(
      await service.call('POST', '/destinations', { body: { serverId: 'nobody' } }),
    ).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    expect(
      await service.call('POST', '/destinations', {
        body: { serverId: 'server-1', policy: 'best' },
      }),
    ).toMatchObject({
      status: 422,
      body: { code: 'UNPROCESSABLE', errors: [{ pointer: '/body/policy' }] },
    });
  });
});

describe('migration costs', () => {
  test('what a move would take is told with the method and what it rests on', async () => {
    const batch = await service.call('POST', '/migration-costs/batch', {
      body: {
        moves: ['compute2', 'compute3', 'nowhere'].map((to) => ({
          serverId: 'server-1',
          from: 'compute1',
          to,
        })),
      },
    });
    expect(batch).toMatchObject({
      status: 200,
      body: { costs: [{ to: 'compute2' }, { to: 'compute3' }] },
    });
    const { status, body } = await service.call('POST', '/migration-costs', {
      body: { serverId: 'server-1', from: 'compute1', to: 'compute2' },
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({
      method: 'pre-copy-formula',
      expectedMs: expect.any(Number),
      downtimeMs: expect.any(Number),
      trafficBytes: expect.any(Number),
      converges: true,
      assumptions: { fromCpuPercent: expect.any(Number), notes: expect.any(Array) },
    });
    expect(monitoring.lastQuery()?.resources).toEqual(['compute1', 'compute2', 'server-1']);
  });
});

describe('trainings and models', () => {
  test('a training is accepted with its place, done, and its model serves with a name in every answer', async () => {
    trainer.endsWith(await smallModel());

    const accepted = await service.call('POST', '/trainings', {
      role: 'operator',
      body: { lastMs: 600_000, seed: 7 },
    });
    expect(accepted).toMatchObject({ status: 202, body: { state: 'queued', progress: 0 } });
    expect((await service.call('POST', '/trainings', { role: 'operator', body: {} })).status).toBe(
      409,
    );
    await jobs.drain();

    const training = await service.call('GET', accepted.location ?? '');
    expect(training.body).toMatchObject({ state: 'completed', progress: 1 });
    const { modelVersion } = training.body as { modelVersion: string };
    expect((await service.call('GET', '/trainings?limit=1')).body).toMatchObject({
      trainings: [{ modelVersion }],
    });
    expect((await service.call('GET', '/models')).body).toMatchObject({
      models: [{ version: modelVersion, active: true }],
    });
    expect((await service.call('GET', `/models/${modelVersion}`)).body).toMatchObject({
      seed: 7,
      horizonTicks: 12,
    });
    expect((await service.call('GET', '/risks')).body).toMatchObject({
      modelVersion,
      fallback: null,
    });
    expect((await service.call('GET', '/status')).body).toMatchObject({
      state: 'serving',
      model: { version: modelVersion },
    });
    expect((await service.call('GET', '/metrics')).body).toContain(
      `sidestep_prediction_model_info{version="${modelVersion}",kind=`,
    );
  });

  test('a model is let serve again; one whose file is spoilt is refused', async () => {
    const { body } = await service.call('GET', '/models');
    const version = (body as { models: { version: string }[] }).models[0]?.version ?? '';
    const activation = `/models/${version}/activation`;

    expect((await service.call('POST', activation, { role: 'operator' })).status).toBe(200);
    writeFileSync(join(folder.path, 'models', `${version}.model`), 'spoilt');

    expect(await service.call('POST', activation, { role: 'operator' })).toMatchObject({
      status: 409,
      type: expect.stringContaining('application/problem+json'),
      body: { code: 'MODEL_REFUSED' },
    });
    expect((await service.call('GET', '/risks')).body).toMatchObject({ modelVersion: version });
  });

  test('there is no way back before a second model served', async () => {
    expect(await service.call('POST', '/models/rollback', { role: 'operator' })).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT' },
    });
  });

  test('a model bears its origin, its calibration and the version of the code that made it', async () => {
    const { body } = await service.call('GET', '/models');

    expect((body as { models: unknown[] }).models[0]).toMatchObject({
      outlook: 'host.cpuPercent-12',
      codeVersion: expect.stringContaining('forecast-'),
      startedFrom: null,
      beganAnew: 'there is no model to go on from',
      halfLifeMs: null,
      calibration: { slope: expect.any(Number) },
      checksum: expect.stringMatching(/^[0-9a-f]{64}$/),
      comparison: null,
    });
  });

  test.each([
    ['GET', '/trainings/none'],
    ['GET', '/models/none'],
    ['POST', '/models/none/activation'],
  ])('%s %s is no such thing', async (method, path) => {
    expect(await service.call(method, path, { role: 'operator' })).toMatchObject({
      status: 404,
      body: { code: 'NOT_FOUND' },
    });
  });
});

describe('requests that are not valid', () => {
  const document = openApiDocument('prediction');
  const bad = badRequests(document);

  test.each(bad.map((request) => [`${request.operationId}: ${request.why}`, request] as const))(
    '%s is refused',
    async (_, { method, path, body }) => {
      const {
        status,
        type,
        body: problem,
      } = await service.call(method, path, { role: 'admin', body });

      expect(type).toMatch(/^application\/problem\+json/);
      expect({ status, problem }).toMatchObject({
        status: 400,
        problem: { code: 'INVALID_REQUEST' },
      });
    },
  );

  test('constraints of every operation were tried', () => {
    const tried = new Set(bad.map(({ operationId }) => operationId));

    const untried = contractOperations(document).filter(
      ({ operationId }) => !tried.has(operationId),
    );

    expect(untried.map(({ operationId }) => operationId)).toEqual([]);
  });

  test('all faults of a request are listed with their places', async () => {
    const body = { lastMs: 'long', seed: 1.5, more: true };

    const answer = await service.call('POST', '/trainings', { role: 'operator', body });

    const { errors } = answer.body as { errors: { pointer: string }[] };
    expect(errors.map(({ pointer }) => pointer).toSorted()).toEqual([
      '/body/lastMs',
      '/body/more',
      '/body/seed',
    ]);
  });
});

test('readiness names what is missing, and capabilities what can be done', async () => {
  expect(await service.call('GET', '/ready')).toMatchObject({ status: 200, body: { ready: true } });
  jobs.away(true);
  expect(await service.call('GET', '/ready')).toMatchObject({
    status: 503,
    body: {
      ready: false,
      parts: [
        { name: 'records', ok: true },
        { name: 'redis', ok: false },
        { name: 'monitoring', ok: true },
      ],
    },
  });
  jobs.away(false);

  expect((await service.call('GET', '/capabilities')).body).toMatchObject({
    capabilities: [
      { name: 'training', available: true, detail: 'tfjs on wasm' },
      { name: 'model', available: true },
    ],
  });
});

test('while Monitoring is away the answers say so, nothing falls over, and it comes back', async () => {
  await monitoring.away(true);
  clock.advance(5 * tickMs);
  const gone = await service.call('GET', '/risks');
  expect(gone.status).toBe(200);
  expect(
    (gone.body as { risks: { risk: unknown; unknownReason: string }[] }).risks.every(
      ({ risk, unknownReason }) => risk === null && unknownReason.startsWith('stale-tick'),
    ),
  ).toBe(true);
  expect(
    await service.call('POST', '/destinations', { body: { serverId: 'server-1' } }),
  ).toMatchObject({ status: 502, body: { code: 'UPSTREAM_FAILED' } });

  await monitoring.away(false);

  const back = await until(
    () => service.call('GET', '/risks'),
    ({ body }) => (body as { risks: { risk: unknown }[] }).risks.every(({ risk }) => risk !== null),
  );
  expect(back.status).toBe(200);
});
