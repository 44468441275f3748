import { cloud } from '@sidestep/fleet/testing';
import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { recordDocuments } from '../src/adapters/records/record-documents.ts';
import { correctedMs, fitCosts, type MoveExperience } from '../src/domain/cost-regression.ts';
import { preCopyConditions, preCopyCost } from '../src/domain/pre-copy-cost.ts';
import type { FinishedMove } from '../src/ports/own-moves-source.ts';
import { estimateCost, learnFromOperations } from '../src/usecases/migration-costs.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';

const start = Date.UTC(2026, 0, 1);
const assumptions = { linkMiBPerSecond: 100, dirtyMiBPerVcpuSecond: 20 };

describe('the formula of pre-copy', () => {
  const base = { memoryMiB: 1_000, workingSetMiB: 500, bandwidthMiBPerSecond: 100 };

  test('a guest that writes nothing is copied once, without a stop', () => {
    expect(preCopyCost({ ...base, dirtyMiBPerSecond: 0 })).toEqual({
      totalMs: 10_000,
      downtimeMs: 0,
      trafficMiB: 1_000,
      converges: true,
    });
  });

  test('what is written meanwhile is sent again, round by round, until it fits into the stop', () => {
    // 1,000 + 200 + 40 MiB, and 8 MiB while the guest stands.
    const cost = preCopyCost({ ...base, dirtyMiBPerSecond: 20 });

    expect(cost).toMatchObject({ trafficMiB: 1_248, converges: true });
    expect(cost.totalMs).toBeCloseTo(12_480);
    expect(cost.downtimeMs).toBeCloseTo(80);
  });

  test('a guest that writes faster than the link sends never converges, and stops for its working set', () => {
    expect(preCopyCost({ ...base, dirtyMiBPerSecond: 200 })).toMatchObject({
      converges: false,
      downtimeMs: 5_000,
    });
  });

  test.each([
    ['more memory', { memoryMiB: 2_000 }],
    ['a higher dirty rate', { dirtyMiBPerSecond: 40 }],
    ['a slower link', { bandwidthMiBPerSecond: 50 }],
  ])('%s takes longer', (_case, more) => {
    const lighter = { ...base, dirtyMiBPerSecond: 20 };

    expect(preCopyCost({ ...lighter, ...more }).totalMs).toBeGreaterThan(
      preCopyCost(lighter).totalMs,
    );
  });

  test('a busy network and a hot host leave less, what is not measured is assumed and said', () => {
    const unknown = {
      serverCpuPercent: 'unknown',
      serverMemPercent: 'unknown',
      fromCpuPercent: 'unknown',
      toCpuPercent: 'unknown',
      fromTxBytesPerSecond: 'unknown',
      toRxBytesPerSecond: 'unknown',
    } as const;
    const server = { ramMiB: 1_024, vcpus: 2 };

    const assumed = preCopyConditions(server, unknown, assumptions);
    const busy = preCopyConditions(
      server,
      { ...unknown, toCpuPercent: 95, fromTxBytesPerSecond: 40 * 1024 ** 2, serverMemPercent: 50 },
      assumptions,
    );

    expect(assumed).toMatchObject({ memoryMiB: 1_024, bandwidthMiBPerSecond: 100 });
    expect(assumed.notes).toHaveLength(6);
    expect(busy).toMatchObject({ memoryMiB: 512, bandwidthMiBPerSecond: 30 });
    expect(busy.notes).toHaveLength(3);
  });
});

describe('what our own operations say about it', () => {
  const experience = (i: number, factor: (toCpu: number) => number): MoveExperience => {
    const toCpuPercent = (i * 37) % 90;
    return {
      operationId: `operation-${i}`,
      endedAtMs: start + i,
      actualMs: 10_000 * factor(toCpuPercent),
      formulaMs: 10_000,
      memoryMiB: 1_024,
      fromCpuPercent: 90,
      toCpuPercent,
    };
  };
  const many = (count: number, factor: (toCpu: number) => number) =>
    Array.from({ length: count }, (_, i) => experience(i, factor));

  test('too few of them leave the formula alone', () => {
    expect(fitCosts(many(19, () => 3))).toBe('too-few');
  });

  test('the time is corrected by how it went, and by the load of the hosts', () => {
    const regression = fitCosts(many(300, (toCpu) => 2 * Math.exp(toCpu / 100)));
    if (regression === 'too-few') throw new Error('too few');
    const at = (toCpuPercent: number) =>
      correctedMs(regression, 10_000, { memoryMiB: 1_024, fromCpuPercent: 90, toCpuPercent });

    expect(at(10).expectedMs / (20_000 * Math.exp(0.1))).toBeCloseTo(1, 1);
    expect(at(80).expectedMs / (20_000 * Math.exp(0.8))).toBeCloseTo(1, 1);
    expect(at(80).lowMs).toBeLessThan(at(80).expectedMs);
    expect(at(80).highMs).toBeGreaterThan(at(80).expectedMs);
  });
});

describe('an estimate', () => {
  function service() {
    const clock = manualClock(start);
    const telemetry = fakeTelemetry(
      { hostIds: ['compute1', 'compute2'], cpuPercent: (id) => (id === 'compute1' ? 80 : 20) },
      clock,
    );
    telemetry.inventory = cloud()
      .host('compute1')
      .host('compute2')
      .server('s1', { on: 'compute1', ramMiB: 1_000, vcpus: 1 })
      .build();
    const finished: FinishedMove[] = [];
    const deps = {
      clock,
      log: silentLog,
      tickMs: 10_000,
      assumptions,
      telemetry,
      ownMoves: { movesSince: async () => [], finishedSince: async () => finished },
      documents: recordDocuments(sqliteRecords(':memory:', clock)),
    };
    const asked = { serverId: 's1', from: 'compute1', to: 'compute2' };
    return { deps, telemetry, finished, asked };
  }

  test('is by the formula at first, and says so with what it rests on', async () => {
    const { deps, asked, telemetry } = service();

    const cost = await estimateCost(deps, asked);

    expect(cost).toMatchObject({
      method: 'pre-copy-formula',
      lowMs: null,
      operations: 0,
      loads: { fromCpuPercent: 80, toCpuPercent: 20, serverCpuPercent: 'unknown' },
    });
    expect(cost.expectedMs).toBeGreaterThan(10_000);
    expect(telemetry.queries[0]).toMatchObject({ resources: ['compute1', 'compute2', 's1'] });
  });

  test('is by the regression once enough operations were recorded, each learnt from once', async () => {
    const { deps, asked, finished } = service();
    const formula = await estimateCost(deps, asked);
    for (let i = 0; i < 25; i++)
      finished.push({
        operationId: `operation-${i}`,
        serverId: 's1',
        sourceHostId: 'compute1',
        destinationHostId: 'compute2',
        startedAtMs: start - 300_000,
        endedAtMs: start - 300_000 + 3 * formula.expectedMs,
        memoryMiB: null,
      });

    await learnFromOperations(deps);
    await learnFromOperations(deps);
    const learnt = await estimateCost(deps, asked);

    expect(learnt).toMatchObject({ method: 'regression', operations: 25 });
    expect(learnt.expectedMs / formula.expectedMs).toBeGreaterThan(2.7);
    expect(learnt.expectedMs / formula.expectedMs).toBeLessThan(3.1);
    expect(learnt.downtimeMs).toBe(formula.downtimeMs);
  });

  test('of operations the newest thousand are remembered', async () => {
    const { deps } = service();
    for (let at = 0; at < 1_010; at++)
      await deps.documents.saveExperience({
        operationId: `old-${at}`,
        endedAtMs: start + at,
        actualMs: 1,
        formulaMs: 1,
        memoryMiB: 1,
        fromCpuPercent: 1,
        toCpuPercent: 1,
      });

    await learnFromOperations(deps);

    const kept = await deps.documents.listExperiences(2_000);
    expect(kept).toHaveLength(1_000);
    expect(kept[0]?.operationId).toBe('old-1009');
  });

  test.each([
    ['a server that nobody knows', { serverId: 'nobody' }, 'NOT_FOUND'],
    ['a host that nobody knows', { to: 'nowhere' }, 'NOT_FOUND'],
    ['the host that it comes from', { to: 'compute1' }, 'UNPROCESSABLE'],
  ])('of %s there is none', async (_case, more, code) => {
    const { deps, asked } = service();

    await expect(estimateCost(deps, { ...asked, ...more })).rejects.toMatchObject({ code });
  });

  test('fails while Monitoring is away', async () => {
    const { deps, asked, telemetry } = service();
    telemetry.away(true);

    await expect(estimateCost(deps, asked)).rejects.toThrow('away');
  });
});
