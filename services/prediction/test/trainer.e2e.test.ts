import { defaultTrainingSpec, loadClassModel, loadModel } from '@sidestep/forecast';
import { manualClock, testToken } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { forkedTrainer } from '../src/adapters/process/forked-trainer.ts';
import type { TrainingTask } from '../src/ports/trainer.ts';
import { fakeMonitoring } from './fakes/fake-monitoring.ts';
import { until } from './fakes/running-prediction.ts';
import { recurringLoad } from './fakes/synthetic-load.ts';

const tickMs = 10_000;
const nowMs = Date.UTC(2026, 0, 1);
const nowhere = { baseUrl: 'http://127.0.0.1:9', token: 'none' };

const task = (seed: number, more: Partial<TrainingTask> = {}): TrainingTask => ({
  fromMs: nowMs - 360 * tickMs,
  toMs: nowMs,
  tickMs,
  maxSamples: 1_000_000,
  champion: null,
  ...more,
  spec: { ...defaultTrainingSpec, seed, maxTrainingMs: 5_000, metrics: ['host.cpuPercent'] },
});

const bounds = { maxOldSpaceMiB: 256, maxRssMiB: 512, killAfterMs: 30_000 };

describe('a training process that does not behave', () => {
  const program = new URL('./fixtures/stubborn-worker.ts', import.meta.url);
  const run = async (seed: number, killAfterMs = 30_000, signal = new AbortController().signal) => {
    const told: string[] = [];
    const trainer = forkedTrainer({ ...bounds, monitoring: nowhere, killAfterMs, program });
    const outcome = await trainer.train(task(seed), {
      onProgress: ({ words }) => told.push(words),
      signal,
    });
    return { outcome, pid: Number(told[0]) };
  };
  const isGone = (pid: number) => {
    try {
      process.kill(pid, 0);
      return false;
    } catch {
      return true;
    }
  };

  test('is killed when its time is over', async () => {
    const { outcome, pid } = await run(1, 3_000);

    expect(outcome).toMatchObject({ kind: 'failed', words: expect.stringContaining('3000 ms') });
    expect(isGone(pid)).toBe(true);
  });

  test('is killed when it takes too much memory', async () => {
    const { outcome, pid } = await run(2);

    expect(outcome).toMatchObject({
      kind: 'failed',
      words: expect.stringMatching(/MiB of memory, 512 at most/),
    });
    expect(isGone(pid)).toBe(true);
  });

  test('that ends by itself is told of, with its last words', async () => {
    const { outcome } = await run(3);

    expect(outcome).toMatchObject({
      kind: 'failed',
      words: expect.stringMatching(/code 3.*out of luck/),
    });
  });

  test('is killed when the service stops', async () => {
    const stop = new AbortController();
    const running = run(1, 30_000, stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();

    expect((await running).outcome).toEqual({ kind: 'cancelled' });
  });
});

describe('the training process', () => {
  const twoBusy = recurringLoad({
    hosts: 3,
    tickMs,
    seasonTicks: 40,
    busyTicks: 8,
    beginsAt: { 1: 5, 2: 25 },
  });
  const train = async (load: ReturnType<typeof recurringLoad>, given: TrainingTask) => {
    const monitoring = await fakeMonitoring(load, manualClock(nowMs));
    const trainer = forkedTrainer({
      ...bounds,
      monitoring: { baseUrl: monitoring.url, token: testToken('operator') },
    });
    const told: number[] = [];
    try {
      const outcome = await trainer.train(given, {
        onProgress: ({ done }) => told.push(done),
        signal: new AbortController().signal,
      });
      return { outcome, told };
    } finally {
      await monitoring.close();
    }
  };

  test('lets the newcomer meet the active model on a stretch that neither has seen', async () => {
    const load = recurringLoad({
      hosts: 3,
      tickMs,
      seasonTicks: 40,
      busyTicks: 8,
      beginsAt: { 1: 5 },
    });
    const first = await train(
      load,
      task(1, { fromMs: nowMs - 700 * tickMs, toMs: nowMs - 240 * tickMs }),
    );
    if (first.outcome.kind !== 'trained') throw new Error(first.outcome.kind);

    const loaded = loadModel(first.outcome.bytes);
    const firstVersion = loaded.kind === 'loaded' ? loaded.model.info.version : '';
    const { outcome, told } = await train(
      load,
      task(2, {
        fromMs: nowMs - 700 * tickMs,
        champion: {
          version: firstVersion,
          bytes: first.outcome.bytes,
          seenUntilMs: nowMs - 241 * tickMs,
        },
      }),
    );

    expect(outcome).toMatchObject({
      kind: 'trained',
      rows: 3 * (700 - 120),
      duel: { against: firstVersion, difference: { rows: 3 * (120 - 12) } },
      reference: [{ feature: 'host.cpuPercent' }, { feature: 'outcome' }],
    });
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  test.each(['persistence', 'seasonal', 'neural'] as const)(
    'makes a model of the kind %s',
    async (kind) => {
      const { spec, ...given } = task(1);

      const { outcome, told } = await train(twoBusy, { ...given, spec: { ...spec, kind } });

      if (outcome.kind !== 'trained') throw new Error(JSON.stringify(outcome));
      const loaded = loadModel(outcome.bytes);
      expect(loaded).toMatchObject({ kind: 'loaded', model: { info: { kind } } });
      expect(told.at(-1)).toBeGreaterThan(0);
    },
    60_000,
  );

  test('makes a classifier of destinations, which meets the one that serves', async () => {
    const makes = { makes: 'destination-class', fromMs: nowMs - 700 * tickMs } as const;
    const first = await train(twoBusy, task(1, { ...makes, toMs: nowMs - 240 * tickMs }));
    if (first.outcome.kind !== 'trained') throw new Error(JSON.stringify(first.outcome));
    const champion = loadClassModel(first.outcome.bytes);
    if (champion.kind === 'refused') throw new Error(champion.detail);
    const { version, picks } = champion.model.info;

    const { outcome, told } = await train(
      twoBusy,
      task(2, {
        ...makes,
        champion: {
          version,
          bytes: first.outcome.bytes,
          seenUntilMs: nowMs - 241 * tickMs,
        },
      }),
    );

    expect(picks?.ticks).toBeGreaterThan(0);
    expect(outcome).toMatchObject({
      kind: 'trained',
      duel: { against: version, of: 'regret', difference: { rows: 120 - 12 } },
    });
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
  });

  test('says what the data lack', async () => {
    const idle = recurringLoad({ hosts: 2, tickMs, seasonTicks: 40, busyTicks: 8, beginsAt: {} });

    const { outcome } = await train(idle, task(1));

    expect(outcome).toMatchObject({
      kind: 'not-enough-data',
      words: expect.stringContaining('crossed'),
    });
  });

  test('that reaches no Monitoring fails with the reason', async () => {
    const trainer = forkedTrainer({ ...bounds, monitoring: nowhere });

    const outcome = await trainer.train(task(1), {
      onProgress: () => undefined,
      signal: new AbortController().signal,
    });

    expect(outcome).toMatchObject({ kind: 'failed', words: expect.stringContaining('monitoring') });
  });

  test('finds out what computes trainings here', async () => {
    const trainer = forkedTrainer({ ...bounds, monitoring: nowhere });

    const found = await until(
      () => trainer.probe(new AbortController().signal),
      () => true,
    );

    expect(found).toMatchObject({
      kind: 'found',
      backend: expect.stringMatching(/^(tensorflow|wasm|cpu)$/),
    });
  });
});
