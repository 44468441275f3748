import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock, memoryJobs } from '@sidestep/service-kit/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { recordDocuments } from '../src/adapters/records/record-documents.ts';
import type { OwnMove } from '../src/domain/own-moves.ts';
import { ForecastAsInput, type PredictionSettings } from '../src/domain/settings.ts';
import { trainingJob } from '../src/jobs/training-job.ts';
import type { TrainerOutcome } from '../src/ports/trainer.ts';
import { activateModel } from '../src/usecases/activate-model.ts';
import { pruneRecords } from '../src/usecases/prune-records.ts';
import { requestTraining, trainingQueue } from '../src/usecases/request-training.ts';
import { restoreModel } from '../src/usecases/restore-model.ts';
import { rollBackModel } from '../src/usecases/roll-back-model.ts';
import { endInterrupted, tendTrainings } from '../src/usecases/tend-trainings.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';
import { fakeTrainer } from './fakes/fake-trainer.ts';
import { memoryModelFiles } from './fakes/memory-model-files.ts';
import { scoring } from './fakes/scoring.ts';
import { testSettings } from './fakes/settings.ts';
import { smallModel } from './fakes/small-model.ts';
import { recurringLoad } from './fakes/synthetic-load.ts';

type Trained = Extract<TrainerOutcome, { kind: 'trained' }>;
const start = Date.UTC(2026, 0, 1);
let first: Trained;
let second: Trained;
let ofOtherThreshold: Trained;
beforeAll(async () => {
  first = await smallModel({ seed: 1 });
  second = await smallModel({ seed: 2 });
  ofOtherThreshold = await smallModel({ thresholdPercent: 80 });
});

function service(more: Partial<PredictionSettings> = {}) {
  const settings = { ...testSettings, ...more };
  const clock = manualClock(start);
  const load = recurringLoad({
    hosts: 2,
    tickMs: settings.tickMs,
    seasonTicks: 40,
    busyTicks: 8,
    beginsAt: { 1: 10 },
  });
  const telemetry = fakeTelemetry(load, clock);
  const documents = recordDocuments(sqliteRecords(':memory:', clock));
  const jobs = memoryJobs();
  const files = memoryModelFiles();
  const trainer = fakeTrainer();
  const moves: OwnMove[] = [];
  let migrationAway = false;
  const ownMoves = {
    movesSince: async () => {
      if (migrationAway) throw new Error('Migration is away');
      return moves;
    },
    finishedSince: async () => [],
  };
  const closing = new AbortController();
  let ids = 0;
  const classifier: { version: string | null } = { version: null };

  /** The process: what is in memory only is new each time it starts. */
  const boot = async () => {
    const { serving, runner } = scoring({ clock, settings, telemetry });
    const models = { documents, files, settings, serving, runner };
    const requests = {
      clock,
      settings,
      documents,
      jobs,
      newId: () => `training-${++ids}`,
      log: silentLog,
    };
    await endInterrupted(requests);
    await restoreModel({ ...models, log: silentLog });
    const work = trainingJob(
      { ...models, clock, trainer, ownMoves, log: silentLog },
      closing.signal,
    );
    jobs.work(trainingQueue, work.process, { concurrency: 1 });
    const request = () => requestTraining(requests, { seed: 1, trigger: 'manual' });
    return {
      serving,
      runner,
      models,
      request,
      work,
      train: async () => {
        const { id } = await request();
        await jobs.drain();
        return documents.getTraining(id);
      },
      tend: async () => {
        await tendTrainings({
          ...requests,
          runner,
          serving,
          classifier: { version: () => classifier.version },
        });
        await jobs.drain();
      },
    };
  };
  return {
    clock,
    documents,
    jobs,
    files,
    trainer,
    moves,
    closing,
    classifier,
    boot,
    migrationAway: (now: boolean) => {
      migrationAway = now;
    },
  };
}

const versionOf = async (trained: Trained) => {
  const { loadModel } = await import('@sidestep/forecast');
  const loaded = loadModel(trained.bytes);
  return loaded.kind === 'loaded' ? loaded.model.info.version : '';
};

describe('a training', () => {
  test('makes a recorded model of which the first serves at once', async () => {
    const { trainer, boot, documents } = service();
    const { serving, train } = await boot();
    trainer.endsWith(first);

    const training = await train();

    const version = await versionOf(first);
    expect(training).toMatchObject({
      state: 'completed',
      progress: 1,
      modelVersion: version,
      backend: first.backend,
      problem: null,
    });
    expect(serving.current()).toMatchObject({ version, fallback: null });
    expect(await documents.getActive()).toEqual({ version, earlier: [] });
    expect(await documents.getModel(version)).toMatchObject({ version, rows: first.rows });
  });

  test('runs one at a time', async () => {
    const { boot } = service();
    const { request } = await boot();
    await request();

    await expect(request()).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  test('is given our own moves of both hosts as time that teaches nothing', async () => {
    const { trainer, boot, moves } = service();
    moves.push(
      {
        sourceHostId: 'compute1',
        destinationHostId: 'compute2',
        startedAtMs: start - 60_000,
        endedAtMs: start - 20_000,
      },
      {
        sourceHostId: 'compute2',
        destinationHostId: 'compute3',
        startedAtMs: start - 5_000,
        endedAtMs: null,
      },
    );
    const { train } = await boot();

    await train();

    expect(trainer.tasks[0]?.spec.censored).toEqual({
      compute1: [{ fromMs: start - 60_000, toMs: start - 20_000 }],
      compute2: [
        { fromMs: start - 60_000, toMs: start - 20_000 },
        { fromMs: start - 5_000, toMs: start },
      ],
      compute3: [{ fromMs: start - 5_000, toMs: start }],
    });
  });

  test('that cannot learn of our own moves fails, rather than learn from our own cure', async () => {
    const { trainer, boot, migrationAway } = service();
    trainer.endsWith(first);
    migrationAway(true);
    const { serving, train } = await boot();

    expect(await train()).toMatchObject({ state: 'failed', problem: { code: 'TRAINING_FAILED' } });
    expect(trainer.tasks).toEqual([]);
    expect(serving.current().version).toBeNull();
  });

  test.each([
    ['too little data', { kind: 'not-enough-data', words: '3 of 180 ticks' }, 'NOT_ENOUGH_DATA'],
    ['a worker that died', { kind: 'failed', words: 'it took 9 GiB' }, 'TRAINING_FAILED'],
    ['a refused specification', { kind: 'refused', faults: ['seed'] }, 'TRAINING_FAILED'],
    [
      'bytes that are no model',
      {
        kind: 'trained',
        bytes: Uint8Array.of(1, 2),
        rows: 1,
        backend: 'wasm',
        duel: null,
        reference: [],
      },
      'MODEL_REFUSED',
    ],
  ] as const)(
    'fails with %s, the reason on it, and what served goes on',
    async (_case, outcome, code) => {
      const { trainer, boot } = service();
      trainer.endsWith(first);
      const { serving, train } = await boot();
      await train();
      trainer.endsWith(outcome);

      const training = await train();

      expect(training).toMatchObject({ state: 'failed', modelVersion: null, problem: { code } });
      expect(serving.current().version).toBe(await versionOf(first));
    },
  );

  test('that ran when the service died is failed with the reason at the next start', async () => {
    const { boot, documents } = service();
    const { request } = await boot();
    const { id } = await request();
    await documents.changeTraining(id, (training) => ({ ...training, state: 'running' }));

    await boot();

    expect(await documents.getTraining(id)).toMatchObject({
      state: 'failed',
      problem: {
        code: 'TRAINING_FAILED',
        detail: expect.stringContaining('died while it trained'),
      },
    });
  });

  test('that is stopped with the service ends failed before the records are closed', async () => {
    const { boot, closing, trainer, documents, jobs } = service();
    const { request, work } = await boot();
    trainer.waits();
    const { id } = await request();
    const drained = jobs.drain();
    await vi.waitUntil(() => trainer.tasks.length === 1);

    closing.abort();
    await work.settled();

    expect(await documents.getTraining(id)).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('stopped'),
    });
    await drained;
  });

  test('of which the job is lost is done all the same', async () => {
    const { boot, jobs, documents, trainer } = service();
    trainer.endsWith(first);
    const { request, tend } = await boot();
    jobs.away(true);
    const { id } = await request();
    jobs.away(false);

    await tend();

    expect(await documents.getTraining(id)).toMatchObject({ state: 'completed' });
  });

  test('never has a forecast among its inputs', async () => {
    const { trainer, boot } = service();
    const { train } = await boot();
    await train();

    expect(trainer.tasks[0]?.spec.metrics.some((metric) => metric.startsWith('forecast.'))).toBe(
      false,
    );
    await expect(
      service({ inputMetrics: ['host.cpuPercent', 'forecast.failureRisk'] }).boot(),
    ).rejects.toThrow(ForecastAsInput);
  });
});

describe('which model serves', () => {
  test('a newcomer that is not better beyond chance on the newest stretch is kept and does not serve', async () => {
    const { trainer, boot, documents } = service();
    const { serving, train } = await boot();
    trainer.endsWith(first);
    await train();
    trainer.endsWith({ ...second, duel: await against(first, -0.001, 0.002) });

    const training = await train();

    expect(training).toMatchObject({ state: 'completed', modelVersion: await versionOf(second) });
    expect(training?.detail).toMatch(/does not serve/);
    expect(serving.current().version).toBe(await versionOf(first));
    expect(await documents.getModel(await versionOf(second))).toBeDefined();
  });

  test('a better newcomer serves, and the way back is one call', async () => {
    const { trainer, boot } = service();
    const { serving, train, models } = await boot();
    trainer.endsWith(first);
    await train();
    trainer.endsWith({ ...second, duel: await against(first, -0.02, -0.01) });
    await train();
    expect(serving.current().version).toBe(await versionOf(second));

    await rollBackModel(models);

    expect(serving.current().version).toBe(await versionOf(first));
    await expect(rollBackModel(models)).rejects.toMatchObject({ code: 'CONFLICT' });
    await activateModel(models, await versionOf(second));
    expect(serving.current().version).toBe(await versionOf(second));
  });

  test('a newcomer that was not compared with what serves does not serve', async () => {
    const { trainer, boot } = service();
    const { serving, train } = await boot();
    trainer.endsWith(first);
    await train();
    trainer.endsWith(second);

    expect((await train())?.detail).toMatch(/does not serve: it was not compared/);
    expect(serving.current().version).toBe(await versionOf(first));
  });

  test('old models, trainings and incidents go, but never what serves, lasts or is the way back', async () => {
    const { trainer, boot, documents, files } = service();
    const { train } = await boot();
    trainer.endsWith(first);
    await train();
    trainer.endsWith({ ...second, duel: await against(first, 0.01, 0.02) });
    await train();
    const needed = new Set([await versionOf(first)]);

    for (const [id, source] of [
      ['over', 'alarm'],
      ['told without an end', 'operator'],
      ['lasting', 'alarm'],
      ['newest', 'alarm'],
    ] as const)
      await documents.saveIncident({
        id,
        resource: 'compute1',
        source,
        startedAtMs: start,
        endedAtMs: id === 'lasting' || source === 'operator' ? null : start,
        note: 'a fan',
        recordedAtMs: start,
      });

    const gone = await pruneRecords(
      { documents, files },
      { models: 0, trainings: 1, incidents: 1 },
      needed,
    );

    expect(gone).toEqual({ models: 1, trainings: 1, incidents: 2 });
    expect((await documents.listIncidents({ limit: 9 })).items.map(({ id }) => id)).toEqual([
      'newest',
      'lasting',
    ]);
    expect([...files.files.keys()]).toEqual([await versionOf(first)]);
    expect(await documents.getModel(await versionOf(second))).toBeUndefined();
    expect((await documents.listTrainings({ limit: 9 })).items).toHaveLength(1);
  });

  test('a spoilt file is refused, and what serves goes on', async () => {
    const { trainer, boot, files } = service();
    const { serving, train, models } = await boot();
    trainer.endsWith(first);
    await train();
    trainer.endsWith({ ...second, duel: await against(first, 0.01, 0.02) });
    await train();
    const bytes = files.files.get(await versionOf(second));
    bytes?.set([bytes[90] === 0 ? 1 : 0], 90);

    await expect(activateModel(models, await versionOf(second))).rejects.toMatchObject({
      code: 'MODEL_REFUSED',
    });
    await expect(activateModel(models, 'nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(serving.current().version).toBe(await versionOf(first));
  });

  test('a sound file that is another model than the recorded one is refused', async () => {
    const { trainer, boot, files } = service();
    const { train, models } = await boot();
    trainer.endsWith(first);
    await train();
    files.files.set(await versionOf(first), second.bytes);

    await expect(activateModel(models, await versionOf(first))).rejects.toMatchObject({
      code: 'MODEL_REFUSED',
    });
  });

  test('a model made for another threshold is refused', async () => {
    const { trainer, boot } = service();
    const { serving, train } = await boot();
    trainer.endsWith(ofOtherThreshold);

    expect(await train()).toMatchObject({ state: 'failed', problem: { code: 'MODEL_REFUSED' } });
    expect(serving.current().version).toBeNull();
  });

  test('the active model serves again after a restart', async () => {
    const { trainer, boot } = service();
    trainer.endsWith(first);
    await (await boot()).train();

    const { serving } = await boot();

    expect(serving.current().version).toBe(await versionOf(first));
  });

  test('after a restart with a spoilt file the model before serves, without any the fallback with the reason', async () => {
    const { trainer, boot, files, documents } = service();
    const { train } = await boot();
    trainer.endsWith(first);
    await train();
    trainer.endsWith({ ...second, duel: await against(first, -0.02, -0.01) });
    await train();

    files.files.set(await versionOf(second), Uint8Array.of(0));
    expect((await boot()).serving.current().version).toBe(await versionOf(first));
    expect((await documents.getActive())?.version).toBe(await versionOf(first));
    files.files.clear();
    const { serving } = await boot();

    expect(serving.current()).toMatchObject({
      version: null,
      fallback: { name: 'persistence', reason: expect.stringContaining('its file is gone') },
    });
  });
});

describe('training by itself', () => {
  test('the first model is trained once the data suffice, and is refitted when it is due', async () => {
    const { trainer, boot, clock, documents } = service();
    trainer.endsWith(first);
    const { runner, serving, tend } = await boot();
    await tend();
    expect(trainer.tasks).toHaveLength(0);

    await runner.run();
    await tend();
    expect(serving.current().version).toBe(await versionOf(first));
    await tend();
    expect(trainer.tasks).toHaveLength(1);
    clock.advance(testSettings.refitEveryMs);
    await tend();

    expect(trainer.tasks).toHaveLength(2);
    expect(trainer.tasks[1]?.champion?.version).toBe(await versionOf(first));
    expect((await documents.listTrainings({ limit: 9 })).items[0]?.trigger).toBe('automatic');
  });

  test('a classifier that serves is refitted when it is due; where there is none, none is made', async () => {
    const { trainer, boot, documents, classifier } = service();
    trainer.endsWith(first);
    const { runner, tend } = await boot();
    await runner.run();
    await tend();
    const outlooks = async () =>
      (await documents.listTrainings({ limit: 9 })).items.map(({ outlook }) => outlook);

    await tend();
    expect(await outlooks()).toEqual([undefined]);
    classifier.version = 'svm-00000000';
    await tend();

    expect(await outlooks()).toEqual(['destination-class', undefined]);
  });

  test('after a failure it waits, longer each time', async () => {
    const { trainer, boot, clock } = service();
    const { runner, tend } = await boot();
    await runner.run();

    const triedAt: number[] = [];
    for (let minute = 0; minute < 20; minute++) {
      const before = trainer.tasks.length;
      await tend();
      if (trainer.tasks.length > before) triedAt.push(minute);
      clock.advance(60_000);
    }

    expect(triedAt).toEqual([0, 1, 3, 7, 15]);
  });

  test('it can be told not to', async () => {
    const { trainer, boot } = service({ trainsItself: false });
    const { runner, tend } = await boot();
    await runner.run();

    await tend();

    expect(trainer.tasks).toEqual([]);
  });
});

async function against(champion: Trained, low: number, high: number) {
  return {
    against: await versionOf(champion),
    difference: { mean: (low + high) / 2, low, high, blocks: 20, rows: 500 },
    detail: 'as told',
  };
}
