import { manualClock } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeMonitoring, fakeMonitoring } from './fakes/fake-monitoring.ts';
import { type RedisServer, startRedis } from './fakes/redis-server.ts';
import {
  type RunningPrediction,
  serviceFolder,
  startPrediction,
  until,
} from './fakes/running-prediction.ts';
import { recurringLoad } from './fakes/synthetic-load.ts';

const tickMs = 10_000;
const seasonTicks = 60;
/** compute1 is busy from tick 20 of each season of ten minutes, compute2 from tick 45, the others never. */
const load = recurringLoad({
  hosts: 5,
  tickMs,
  seasonTicks,
  busyTicks: 10,
  beginsAt: { 1: 20, 2: 45 },
});
const seasonStart = Math.ceil(Date.UTC(2026, 0, 1) / (seasonTicks * tickMs)) * seasonTicks * tickMs;
const clock = manualClock(seasonStart);
const folder = serviceFolder();

type Risks = {
  tick: string;
  modelVersion: string | null;
  risks: { hostId: string; risk: number }[];
};
type Training = { id: string; state: string; detail: string; modelVersion: string | null };

const redis: RedisServer | undefined = await startRedis();

describe.skipIf(redis === undefined)(
  'foresight (skipped where no redis-server is installed)',
  () => {
    let monitoring: FakeMonitoring;
    let service: RunningPrediction;
    const start = () =>
      startPrediction(
        folder.path,
        {
          SIDESTEP_MONITORING_URL: monitoring.url,
          SIDESTEP_REDIS_URL: redis?.url ?? '',
          SIDESTEP_PREDICTION_METRICS: 'host.cpuPercent',
          SIDESTEP_PREDICTION_TRAIN_MAX_MS: '30000',
        },
        { clock },
      );
    beforeAll(async () => {
      monitoring = await fakeMonitoring(load, clock);
      service = await start();
    });
    afterAll(async () => {
      await service?.close();
      await monitoring?.close();
      await redis?.close();
      folder.remove();
    });

    const train = async (body: object) =>
      (await service.call('POST', '/trainings', { role: 'operator', body })).body as Training;
    const training = async (id: string) =>
      (await service.call('GET', `/trainings/${id}`)).body as Training;

    /** The risks when so many ticks of the season are over. */
    const risksAt = async (season: number, tick: number) => {
      clock.set(seasonStart + (season * seasonTicks + tick) * tickMs);
      const expected = new Date(clock.now()).toISOString();
      const { body } = await until(
        () => service.call('GET', '/risks'),
        (answer) => (answer.body as Risks).tick === expected,
      );
      const { risks, modelVersion } = body as Risks;
      return {
        modelVersion,
        risk: (hostId: string) => risks.find((row) => row.hostId === hostId)?.risk ?? NaN,
      };
    };

    test('a model trained on a recurring load, in the worker process, serves', async () => {
      const { id } = await train({ lastMs: 18 * seasonTicks * tickMs, seed: 3 });

      const ended = await until(
        () => training(id),
        ({ state }) => state === 'completed' || state === 'failed',
        120_000,
      );

      expect(ended).toMatchObject({ state: 'completed', modelVersion: expect.any(String) });
      const { body } = await service.call('GET', `/models/${ended.modelVersion}`);
      const { metrics } = body as {
        metrics: { onsetAveragePrecision: number; persistenceOnsetAveragePrecision: number };
      };
      expect(metrics.onsetAveragePrecision).toBeGreaterThan(
        metrics.persistenceOnsetAveragePrecision + 0.2,
      );
    });

    test('the risk of a host rises before its busy time comes back, and the others’ does not', async () => {
      const early = await risksAt(1, 4);
      const shortly = await risksAt(1, 16);

      expect(early.modelVersion).not.toBeNull();
      expect(early.risk('compute1')).toBeLessThan(0.3);
      expect(shortly.risk('compute1')).toBeGreaterThan(0.7);
      for (const other of ['compute2', 'compute3', 'compute4', 'compute5'])
        expect(shortly.risk(other), other).toBeLessThan(0.3);
    });

    test('then it is the next host’s turn', async () => {
      const shortly = await risksAt(1, 41);

      expect(shortly.risk('compute2')).toBeGreaterThan(0.7);
      for (const other of ['compute1', 'compute3', 'compute4', 'compute5'])
        expect(shortly.risk(other), other).toBeLessThan(0.3);
      expect(monitoring.written.map(({ labels }) => labels)).toContainEqual({
        horizon: '120s',
        model: shortly.modelVersion,
      });
    });

    test('a seasonal model and the classifier are trained by the same queue and process, and answer', async () => {
      const lastMs = 18 * seasonTicks * tickMs;
      const over = ({ state }: Training) => state === 'completed' || state === 'failed';
      const ended = async (body: object) => {
        const { id } = await train({ lastMs, ...body });
        return until(() => training(id), over, 120_000);
      };
      const incidents = await ended({ kind: 'seasonal', outlook: 'incident.active-30' });
      const classes = await ended({ outlook: 'destination-class' });
      const seasonal = await ended({ kind: 'seasonal' });

      expect(incidents).toMatchObject({
        state: 'failed',
        detail: expect.stringContaining('incidents'),
      });
      expect(classes).toMatchObject({
        state: 'completed',
        modelVersion: expect.stringMatching(/^svm-/),
      });
      expect((await service.call('GET', '/classes')).body).toMatchObject({
        modelVersion: classes.modelVersion,
        unavailable: null,
      });
      expect(seasonal).toMatchObject({
        state: 'completed',
        modelVersion: expect.stringMatching(/^seasonal-/),
      });
      const activated = await service.call('POST', `/models/${seasonal.modelVersion}/activation`, {
        role: 'operator',
      });
      expect(activated.status).toBe(200);
      const shortly = await risksAt(2, 16);
      expect(shortly.modelVersion).toBe(seasonal.modelVersion);
      expect(shortly.risk('compute1')).toBeGreaterThan(0.7);
      expect(shortly.risk('compute2')).toBeLessThan(0.3);
      expect((await service.call('POST', '/models/rollback', { role: 'operator' })).status).toBe(
        200,
      );
    });

    test('after a restart the same model serves', async () => {
      const before = await risksAt(2, 50);
      await service.close();
      service = await start();

      const after = await risksAt(3, 16);

      expect(after.modelVersion).toBe(before.modelVersion);
      expect(after.risk('compute1')).toBeGreaterThan(0.7);
    });

    test('a training that runs when the service stops is failed with the reason', async () => {
      const { id } = await train({ lastMs: 18 * seasonTicks * tickMs });
      await until(
        () => training(id),
        ({ state }) => state === 'running',
      );

      await service.close();
      service = await start();

      expect(await training(id)).toMatchObject({
        state: 'failed',
        detail: expect.stringContaining('stopped'),
      });
    });
  },
);
