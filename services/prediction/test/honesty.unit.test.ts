import { createPersistenceModel, type TrainedModel } from '@sidestep/forecast';
import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { recordDocuments } from '../src/adapters/records/record-documents.ts';
import { driftOf, driftReference, outcomeReference } from '../src/domain/drift.ts';
import { outlookId } from '../src/domain/outlook.ts';
import type { OwnMove } from '../src/domain/own-moves.ts';
import { nearestCases } from '../src/domain/past-cases.ts';
import { packRows } from '../src/domain/score-chunk.ts';
import { levelOf, scoresOf } from '../src/domain/scores.ts';
import { createHonestyKeeper, type HonestyKeeper, reviewAll } from '../src/usecases/keep-honest.ts';
import { restoreScores, saveScores } from '../src/usecases/keep-scores.ts';
import { restoreModel } from '../src/usecases/restore-model.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';
import { memoryModelFiles } from './fakes/memory-model-files.ts';
import { scoring } from './fakes/scoring.ts';
import { testSettings } from './fakes/settings.ts';

const { tickMs, horizonTicks } = testSettings;
const start = Date.UTC(2026, 0, 1);

/** compute1 is over the threshold in every other stretch of 20 ticks, compute2 never. */
const cpuPercent = (hostId: string, atMs: number): number =>
  hostId === 'compute1' && Math.floor((atMs - start) / tickMs / 20) % 2 === 1 ? 95 : 30;

function service() {
  const clock = manualClock(start);
  const telemetry = fakeTelemetry({ hostIds: ['compute1', 'compute2'], cpuPercent }, clock);
  const moves: OwnMove[] = [];
  let migrationAway = false;
  const documents = recordDocuments(sqliteRecords(':memory:', clock));
  const kept: { keeper?: HonestyKeeper } = {};
  const parts = scoring({
    clock,
    telemetry,
    settings: testSettings,
    onScored: async (_, forecast) => kept.keeper?.scored(forecast),
  });
  const { runner, serving } = parts;
  const models = { documents, files: memoryModelFiles(), settings: testSettings, serving, runner };
  const keeper = createHonestyKeeper({
    clock,
    log: silentLog,
    ownMoves: {
      movesSince: async () => {
        if (migrationAway) throw new Error('Migration is away');
        return moves;
      },
      finishedSince: async () => [],
    },
    part: {
      id: outlookId(testSettings),
      settings: testSettings,
      serving,
      models,
      forecast: runner.forecast,
    },
  });
  kept.keeper = keeper;
  return {
    ...parts,
    telemetry,
    keeper,
    documents,
    moves,
    models,
    clock,
    migrationAway: (now: boolean) => {
      migrationAway = now;
    },
    run: async (ticks: number) => {
      for (let tick = 0; tick < ticks; tick++) {
        clock.advance(tickMs);
        await runner.run();
      }
    },
  };
}

/** Foresees by a rule of the host and the moment. */
function modelThat(version: string, risk: (hostId: string, atMs: number) => number): TrainedModel {
  const model = createPersistenceModel(testSettings, tickMs);
  return {
    ...model,
    info: { ...model.info, version },
    score: (series, tick) =>
      series.hosts.map((host, hostIndex) => ({
        host,
        hostIndex,
        risk: risk(host, series.firstTickAtMs + tick * tickMs),
        expectedMaxPercent: 50,
        reasons: [],
      })),
    answers: 'risk' as const,
    serialize: () => new Uint8Array(),
  };
}

const truth = (hostId: string, atMs: number): number =>
  Array.from({ length: horizonTicks }, (_, i) => cpuPercent(hostId, atMs + (i + 1) * tickMs)).some(
    (value) => value >= 90,
  )
    ? 1
    : 0;

describe('forecasts against what happened', () => {
  test('each is judged once its horizon is over, and one that is always right scores nothing', async () => {
    const { serving, run, keeper } = service();
    serving.serve(modelThat('oracle', truth));

    await run(horizonTicks + 1);
    expect(keeper.rows()).toEqual([]);
    await run(59);

    const scores = scoresOf(keeper.rows(), testSettings);
    expect(scores.model).toMatchObject({ brier: 0, onsetAveragePrecision: 1 });
    expect(scores.model.rows).toBe(2 * (60 + horizonTicks - horizonTicks - 2));
    expect(scores.fallbackBrier).toBeGreaterThan(0.05);
    expect(keeper.book.pendingTicks).toBe(horizonTicks + 2);
  });

  test('what lies within a horizon of an own move is left out, at source and destination', async () => {
    const { serving, run, keeper, moves } = service();
    serving.serve(modelThat('oracle', truth));
    const at = start + 20 * tickMs;
    moves.push({
      sourceHostId: 'compute1',
      destinationHostId: 'compute9',
      startedAtMs: at,
      endedAtMs: at,
    });

    await run(60);

    const reach = horizonTicks * tickMs;
    const ofSource = keeper.rows().filter(({ hostId }) => hostId === 'compute1');
    expect(ofSource.filter(({ atMs }) => Math.abs(atMs - tickMs - at) <= reach)).toEqual([]);
    expect(keeper.book.censoredRows).toBe(2 * horizonTicks + 1);
    expect(keeper.rows().filter(({ hostId }) => hostId === 'compute2')).toHaveLength(
      ofSource.length + keeper.book.censoredRows,
    );
  });

  test('while our own moves are not known nothing is judged; what waited too long is given up', async () => {
    const { run, keeper, migrationAway } = service();
    migrationAway(true);

    await run(80);

    expect(keeper.rows()).toEqual([]);
    expect(keeper.book.pendingTicks).toBeLessThanOrEqual(4 * horizonTicks + 1);
    expect(keeper.book.unjudgedRows).toBeGreaterThan(0);
    migrationAway(false);
    await run(4);
    expect(keeper.rows().length).toBeGreaterThan(0);
  });

  test('goes on counting after a restart: rows, counts, reliability, to the last digit', async () => {
    const before = service();
    before.serving.serve(modelThat('oracle', truth));
    before.moves.push({
      sourceHostId: 'compute1',
      destinationHostId: 'compute9',
      startedAtMs: start + 20 * tickMs,
      endedAtMs: start + 20 * tickMs,
    });
    const watched = [{ id: outlookId(testSettings), keeper: before.keeper }];
    await before.run(40);
    await saveScores(before.documents, watched);
    await before.run(40);
    await saveScores(before.documents, watched);
    await saveScores(before.documents, watched);

    const after = service();
    await restoreScores(before.documents, [{ id: outlookId(testSettings), keeper: after.keeper }]);

    const rows = before.keeper.rows();
    expect(rows.length).toBeGreaterThan(60);
    expect(after.keeper.book.rows('oracle')).toEqual(rows);
    expect(after.keeper.book.censoredRows).toBe(before.keeper.book.censoredRows);
    expect(scoresOf(after.keeper.book.rows(), testSettings)).toEqual(scoresOf(rows, testSettings));
    expect(after.keeper.book.unsaved()).toEqual([]);
  });

  test('what the book forgets goes from the records, and a spoilt chunk is passed over', async () => {
    const { documents, keeper } = service();
    const about = { outlook: 'other', censoredRows: 0, unjudgedRows: 0 };
    for (const at of [1, 2, 3])
      await documents.saveScoreChunk(packRows(about, [row({ atMs: start + at * tickMs })]));
    const kept = async () => {
      const ends: number[] = [];
      for await (const { toMs } of documents.listScoreChunks('other'))
        ends.push((toMs - start) / tickMs);
      return ends;
    };

    await documents.removeScoreChunks('other', start + 3 * tickMs);
    expect(await kept()).toEqual([3]);

    const spoilt = { ...packRows(about, [row({})]), fromMs: 0, packed: 'AAAA' };
    await documents.saveScoreChunk(spoilt);
    await restoreScores(documents, [{ id: 'other', keeper }]);
    expect(keeper.book.rows()).toHaveLength(1);
  });

  test('a risk of one half that comes true half of the time is reliable at its level', () => {
    const rows = Array.from({ length: 100 }, (_, i) => row({ risk: 0.55, outcome: i % 2 ? 1 : 0 }));

    const level = scoresOf(rows, testSettings).reliability[levelOf(0.55)];

    expect(level).toMatchObject({ fromRisk: 0.5, toRisk: 0.6, rows: 100, observedRate: 0.5 });
    expect(scoresOf([], testSettings)).toMatchObject({ worseThanFallback: null, fromMs: null });
  });
});

describe('a model that is worse than the fallback', () => {
  const wrong = (hostId: string, atMs: number) => 1 - truth(hostId, atMs);

  test('is taken out of service by itself, an alarm is raised, and it is so after a restart too', async () => {
    const { serving, run, keeper, telemetry, documents, clock, models } = service();
    serving.serve(modelThat('wrong', wrong));
    await documents.changeActive(() => ({ version: 'wrong', earlier: [] }));

    await run(250);
    await reviewAll({ clock, telemetry, log: silentLog }, [keeper]);

    expect(serving.current()).toMatchObject({
      version: null,
      fallback: { reason: expect.stringContaining('wrong was worse than the fallback') },
    });
    expect(keeper.degraded()).toMatchObject({ modelVersion: 'wrong' });
    expect(telemetry.rules).toMatchObject([{ metric: 'prediction.degraded', threshold: 1 }]);
    expect(telemetry.plain).toMatchObject([
      { resource: 'prediction', metric: 'prediction.degraded', value: 1 },
    ]);
    expect(await documents.getActive()).toMatchObject({ version: null, earlier: ['wrong'] });

    serving.fallBack('just started');
    await restoreModel({ ...models, log: silentLog });
    expect(serving.current().fallback?.reason).toContain('wrong was worse');
  });

  test('is left in service while chance may explain it, and the alarm is calm', async () => {
    const { serving, run, keeper, telemetry, clock } = service();
    serving.serve(modelThat('oracle', truth));

    await run(250);
    await reviewAll({ clock, telemetry, log: silentLog }, [keeper]);

    expect(serving.current().version).toBe('oracle');
    expect(telemetry.plain).toMatchObject([{ metric: 'prediction.degraded', value: 0 }]);
  });
});

describe('drift', () => {
  const uniform = Array.from({ length: 1_000 }, (_, i) => i / 10);

  test.each([
    ['the same values are stable', uniform, 'stable'],
    ['values that moved by seven points are shifting', uniform.map((v) => v + 7), 'shifting'],
    ['values of another range have drifted', uniform.map((v) => v + 60), 'drifted'],
    ['too few values say nothing', uniform.slice(0, 50), 'unknown'],
  ])('%s', (_case, values, verdict) => {
    const reference = driftReference('host.cpuPercent', uniform);

    expect(reference && driftOf(reference, values).verdict).toBe(verdict);
  });

  test('a threshold that is crossed far more often than in training is a drift of the outcome', () => {
    const outcomes = Array.from({ length: 1_000 }, (_, i) => (i % 2 === 0 ? 1 : 0));

    expect(driftOf(outcomeReference(0.02), outcomes).verdict).toBe('drifted');
    expect(driftOf(outcomeReference(0.5), outcomes).verdict).toBe('stable');
  });

  test('a metric that never changes has a reference too', () => {
    const constant = Array.from({ length: 500 }, () => 42);
    const reference = driftReference('host.memPercent', constant);

    expect(reference && driftOf(reference, constant).verdict).toBe('stable');
    expect(
      reference &&
        driftOf(
          reference,
          constant.map(() => 7),
        ).verdict,
    ).toBe('drifted');
  });
});

describe('past cases', () => {
  test('the nearest come first, and a host’s neighbouring ticks are one case', () => {
    const rows = [
      row({ hostId: 'a', atMs: start, level: 80 }),
      row({ hostId: 'a', atMs: start + tickMs, level: 81 }),
      row({ hostId: 'b', atMs: start, level: 60 }),
      row({ hostId: 'c', atMs: start, level: 20 }),
    ];

    const near = nearestCases(rows, [80, 80, 80, 0, 0], { most: 3, horizonMs: 12 * tickMs });

    expect(near.map((each) => each.row.hostId)).toEqual(['a', 'b', 'c']);
    expect(near[0]).toMatchObject({ distance: 0 });
    expect(nearestCases(rows, [NaN], { most: 3, horizonMs: 1 })).toEqual([]);
  });
});

function row(of: {
  hostId?: string;
  atMs?: number;
  risk?: number;
  outcome?: 0 | 1;
  level?: number;
}) {
  const { hostId = 'a', atMs = start, risk = 0.5, outcome = 0, level = 30 } = of;
  return {
    hostId,
    atMs,
    modelVersion: 'm',
    risk,
    fallbackRisk: 0.5,
    current: level,
    outcome,
    shape: [level, level, level, 0, 0],
  };
}
