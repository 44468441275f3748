import { createPersistenceModel, type ModelInfo, type TrainedModel } from '@sidestep/forecast';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import type { IncidentTimes } from '../src/domain/incident-series.ts';
import { incidentOutlook, settingsFor } from '../src/domain/outlook.ts';
import { createServingModel } from '../src/usecases/serving-model.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';
import { scoring } from './fakes/scoring.ts';
import { testSettings } from './fakes/settings.ts';
import type { SyntheticLoad } from './fakes/synthetic-load.ts';

const tickMs = testSettings.tickMs;
const start = Date.UTC(2026, 0, 1);

const steady = (loads: Record<string, number>): SyntheticLoad => ({
  hostIds: Object.keys(loads),
  cpuPercent: (hostId) => loads[hostId] ?? null,
});

function service(load: SyntheticLoad) {
  const clock = manualClock(start);
  const telemetry = fakeTelemetry(load, clock);
  return { clock, telemetry, ...scoring({ clock, telemetry, settings: testSettings }) };
}

describe('the begin of an incident', () => {
  const foreseeing = (loads: Record<string, number>, times: () => IncidentTimes) => {
    const clock = manualClock(start);
    const telemetry = fakeTelemetry(steady(loads), clock);
    const own = settingsFor(testSettings, incidentOutlook(30));
    const side = { settings: own, serving: createServingModel(own, { serves: () => undefined }) };
    const parts = scoring({
      clock,
      telemetry,
      settings: { ...testSettings, sideOutlooks: [own] },
      sides: [side],
      incidents: times,
    });
    const risks = () =>
      Object.fromEntries(
        (parts.runner.sideForecast('incident.active-30')?.scores ?? []).map((score) => [
          score.host,
          score.risk === 'unknown' ? score.why : score.risk,
        ]),
      );
    return { clock, telemetry, side, ...parts, risks };
  };

  test('is foreseen from the rate of the past; none is while one lasts, nor where the load is unknown', async () => {
    const { telemetry, runner, risks, side } = foreseeing(
      { calm: 30, ill: 30, forged: 30 },
      () => ({
        ill: [{ fromMs: start - 60_000, toMs: Infinity }],
      }),
    );
    telemetry.doubts.set('forged', { trusted: false, faults: [] });

    await runner.run();

    expect(risks()).toEqual({ calm: expect.any(Number), ill: 'in-incident', forged: 'unsigned' });
    expect(risks().calm).toBeGreaterThan(0);
    expect(side.serving.current().fallback?.name).toBe('past-rate');
    expect(telemetry.written.map(({ metric, hostId }) => `${metric} ${hostId}`)).toContain(
      'forecast.incidentRisk calm',
    );
    // What is Prediction's own is not asked of Monitoring.
    expect(telemetry.queries.flatMap(({ metrics }) => metrics)).not.toContain('incident.active');
    expect(runner.sideLacking('incident.active-30')).toContain('of at least 10 incidents');
  });

  test('what an operator tells of later counts from when it began', async () => {
    const times: Record<string, { fromMs: number; toMs: number }[]> = {};
    const { clock, runner, risks } = foreseeing({ compute1: 30 }, () => ({ ...times }));
    await runner.run();
    const before = Number(risks().compute1);
    times.compute1 = [{ fromMs: start - 3_600_000, toMs: start - 3_000_000 }];
    clock.advance(tickMs);

    await runner.run();

    expect(Number(risks().compute1)).toBeGreaterThan(2 * before);
  });
});

describe('the tick', () => {
  test('every host is scored once a tick, and its risk is written back with horizon and model', async () => {
    const { clock, telemetry, runner } = service(steady({ compute1: 30, compute2: 95 }));

    expect(await runner.run()).toBe(true);
    expect(await runner.run()).toBe(false);
    clock.advance(tickMs - 1);
    expect(await runner.run()).toBe(false);
    clock.advance(1);
    expect(await runner.run()).toBe(true);

    expect(telemetry.written).toHaveLength(4);
    expect(telemetry.written.slice(2)).toMatchObject([
      { hostId: 'compute1', atMs: start + tickMs, horizonMs: 120_000, model: 'persistence' },
      { hostId: 'compute2', atMs: start + tickMs, horizonMs: 120_000, model: 'persistence' },
    ]);
    expect(telemetry.written[0]?.risk).toBeLessThan(0.01);
    expect(telemetry.written[1]?.risk).toBeGreaterThan(0.7);
  });

  test('after the first only the new ticks are asked for, and the one before for its late samples', async () => {
    const { clock, telemetry, runner } = service(steady({ compute1: 30 }));
    await runner.run();

    clock.advance(3 * tickMs);
    await runner.run();

    expect(telemetry.queries.at(-1)).toMatchObject({
      fromMs: start - 2 * tickMs,
      toMs: start + 3 * tickMs,
    });
  });

  test('a sample that comes a tick late is used', async () => {
    let measured: number | null = null;
    const { clock, runner, risks } = service({
      hostIds: ['compute1'],
      cpuPercent: (_, at) => (at < start - tickMs ? 30 : measured),
    });
    await runner.run();
    measured = 95;
    clock.advance(tickMs);
    await runner.run();

    expect(runner.forecast()?.series.values.slice(-3)).toEqual(Float32Array.of(30, 95, 95));
    expect(risks.hostRisks().risks[0]?.risk).toBeGreaterThan(0.5);
  });

  test.each([
    ['that fell silent is stale', (age: number) => (age > 4 ? 30 : null), 'stale'],
    [
      'whose window is mostly missing has gaps',
      (age: number) => (age % 3 === 0 ? 30 : null),
      'gaps',
    ],
    ['that never sent anything has no samples', () => null, 'no-samples'],
  ])('a host %s, and its risk is unknown', async (_case, valueAtAge, why) => {
    const { runner, risks, telemetry } = service({
      hostIds: ['silent', 'good'],
      cpuPercent: (hostId, at) => (hostId === 'good' ? 30 : valueAtAge((start - at) / tickMs - 1)),
    });

    await runner.run();

    const [silent, good] = risks
      .hostRisks()
      .risks.toSorted((a, b) => (a.hostId < b.hostId ? 1 : -1));
    expect(silent).toMatchObject({ hostId: 'silent', risk: 'unknown', unknown: { why } });
    expect(good?.risk).toBeTypeOf('number');
    expect(telemetry.written.map(({ hostId }) => hostId)).toEqual(['good']);
  });

  test('a host whose CPU Monitoring doubts has no risk; a doubt about another metric leaves it', async () => {
    const { clock, runner, risks, telemetry } = service(
      steady({ skewed: 30, stuck: 95, forged: 30, gappy: 30, otherwise: 30 }),
    );
    const cpu = 'host.cpuPercent';
    const doubt = (metric: string, fault: string, trusted = true) => ({
      trusted,
      faults: [{ metric, fault }],
    });
    telemetry.doubts.set('skewed', doubt(cpu, 'clock-skew'));
    telemetry.doubts.set('stuck', doubt(cpu, 'stuck'));
    telemetry.doubts.set('forged', { trusted: false, faults: [] });
    telemetry.doubts.set('gappy', doubt(cpu, 'gappy'));
    telemetry.doubts.set('otherwise', doubt('host.memPercent', 'wrong-unit'));

    await runner.run();

    const unknown = risks.hostRisks().risks.filter(({ risk }) => risk === 'unknown');
    expect(unknown.map(({ hostId, unknown: why }) => [hostId, why?.why])).toEqual([
      ['forged', 'unsigned'],
      ['skewed', 'suspect'],
      ['stuck', 'suspect'],
    ]);
    expect(
      risks.pairRisks([{ hostId: 'skewed', serverId: 's', addedCpuPercent: 5 }]).risks,
    ).toMatchObject([{ risk: 'unknown', unknown: { why: 'suspect' } }]);
    expect(telemetry.written.map(({ hostId }) => hostId)).toEqual(['gappy', 'otherwise']);

    // Nobody looks any more: what was doubted stays doubted.
    telemetry.readDoubts = async () => {
      throw new Error('Monitoring tells nothing of quality');
    };
    clock.advance(60_000);
    await runner.run();
    expect(risks.hostRisks().risks.find(({ hostId }) => hostId === 'forged')?.risk).toBe('unknown');
  });

  test('while Monitoring is away risks go unknown, and come back with it, the gap filled', async () => {
    const { clock, telemetry, observer, runner, risks } = service(steady({ compute1: 30 }));
    await runner.run();
    telemetry.away(true);

    for (let tick = 0; tick < 6; tick++) {
      clock.advance(tickMs);
      await expect(runner.run()).rejects.toThrow('away');
      const known = risks.hostRisks().risks[0]?.risk !== 'unknown';
      expect(known, `${tick + 1} ticks away`).toBe(tick < 3);
    }
    expect(risks.hostRisks().risks[0]?.unknown?.why).toBe('stale-tick');
    expect(
      risks.pairRisks([{ hostId: 'compute1', serverId: null, addedCpuPercent: 5 }]).risks,
    ).toMatchObject([{ risk: 'unknown', hostRisk: 'unknown', unknown: { why: 'stale-tick' } }]);
    telemetry.away(false);
    await runner.run();

    expect(risks.hostRisks().risks[0]?.risk).toBeTypeOf('number');
    expect(observer.seen.failures).toBe(6);
    const { series } = runner.forecast() ?? {};
    expect(series?.values.slice(-8).every((value) => value === 30)).toBe(true);
  });

  test('risks that cannot be written back are counted, and answered all the same', async () => {
    const { telemetry, observer, runner, risks } = service(steady({ compute1: 30, compute2: 40 }));
    telemetry.refusesWrites(true);

    await runner.run();

    expect(observer.seen).toMatchObject({ written: 0, dropped: 2, failures: 0 });
    expect(risks.hostRisks().risks.every(({ risk }) => risk !== 'unknown')).toBe(true);
  });

  test('a new host is scored from its first ticks on', async () => {
    const load: SyntheticLoad = {
      hostIds: ['compute1', 'compute2'],
      cpuPercent: (hostId, at) => (hostId === 'compute2' ? (at >= start ? 50 : null) : 30),
    };
    const { clock, runner, risks } = service(load);
    await runner.run();
    for (let tick = 0; tick < 3; tick++) {
      clock.advance(tickMs);
      await runner.run();
    }

    expect(risks.hostRisks().risks).toMatchObject([
      { hostId: 'compute1', unknown: null },
      { hostId: 'compute2', unknown: null },
    ]);
  });
});

describe('side outlooks', () => {
  test('that take more than their share of a tick are scored in turn, after the chief one', async () => {
    const clock = manualClock(start);
    const telemetry = fakeTelemetry(steady({ compute1: 30 }), clock);
    const settings = { ...testSettings, tickMs: 10 };
    const sideOf = (horizonTicks: number) => {
      const own = settingsFor(settings, { ...settings, horizonTicks });
      const serving = createServingModel(own, { serves: () => undefined });
      const busy = modelOf({ tickMs: 10 }, (series) => {
        const until = performance.now() + 5;
        while (performance.now() < until);
        return createPersistenceModel(own, 10).score(series, series.ticks - 1);
      });
      serving.serve(busy);
      return { settings: own, serving };
    };
    const sides = [sideOf(6), sideOf(30)];
    const { runner } = scoring({ clock, telemetry, settings, sides });

    await runner.run();
    const horizons = () => telemetry.written.map(({ horizonMs }) => horizonMs);
    expect(horizons()).toEqual([120, 60]);
    clock.advance(10);
    await runner.run();

    expect(horizons()).toEqual([120, 60, 120, 300]);
  });
});

describe('the history that a tick rests on', () => {
  test('is asked for in smaller parts where Monitoring finds the question too large', async () => {
    const { telemetry, runner, risks } = service(steady({ compute1: 30 }));
    telemetry.answersAtMost(100);

    await runner.run();

    expect(telemetry.queries.length).toBeGreaterThan(7);
    expect(runner.forecast()?.series.values.every((value) => value === 30)).toBe(true);
    expect(risks.hostRisks().risks[0]?.risk).toBeTypeOf('number');
  });

  test('is read anew, as long as a new model needs it, once the model is changed', async () => {
    const { clock, telemetry, runner, serving } = service(steady({ compute1: 30 }));
    await runner.run();
    const longSighted = modelOf({ historyTicks: 1_500 });

    serving.serve(longSighted);
    clock.advance(tickMs);
    await runner.run();

    expect(telemetry.queries.at(-1)?.fromMs).toBe(start - 1_499 * tickMs);
    expect(runner.forecast()?.series.ticks).toBe(1_500);
  });
});

test('a model that breaks while it scores is replaced by the fallback, and the reason is told', async () => {
  const { clock, runner, risks, serving } = service(steady({ compute1: 30 }));
  serving.serve(
    modelOf({ version: 'broken' }, () => {
      throw new Error('division by zero');
    }),
  );
  await runner.run();
  clock.advance(tickMs);
  await runner.run();

  expect(risks.hostRisks()).toMatchObject({
    modelVersion: null,
    fallback: { name: 'persistence', reason: 'broken failed while it scored' },
    risks: [{ hostId: 'compute1', unknown: null }],
  });
});

/** The fallback dressed up as a trained model. */
function modelOf(info: Partial<ModelInfo>, score?: TrainedModel['score']): TrainedModel {
  const model = createPersistenceModel(testSettings, tickMs);
  return {
    ...model,
    info: { ...model.info, ...info },
    score: score ?? model.score,
    answers: 'risk' as const,
    serialize: () => new Uint8Array(),
  };
}

describe('the fallback', () => {
  test('it is named with what the data lacks', async () => {
    const { runner, risks } = service(steady({ compute1: 30 }));

    await runner.run();

    expect(risks.hostRisks()).toMatchObject({
      modelVersion: null,
      fallback: { name: 'persistence' },
    });
    expect(risks.hostRisks().fallback?.reason).toMatch(/no model has been trained yet: .*crossed/);
  });

  test('its risk rises with the load that would be added', async () => {
    const { runner, risks } = service(steady({ compute1: 60 }));
    await runner.run();

    const scored = risks.pairRisks(
      [0, 10, 20, 30].map((addedCpuPercent) => ({
        hostId: 'compute1',
        serverId: 's',
        addedCpuPercent,
      })),
    );

    const values = scored.risks.map(({ risk }) => Number(risk));
    expect(values).toEqual(values.toSorted((a, b) => a - b));
    expect(values[3]).toBeCloseTo(0.5, 5);
    expect(scored.risks.map(({ predictedMaxCpuPercent }) => predictedMaxCpuPercent)).toEqual([
      60, 70, 80, 90,
    ]);
    expect(scored.risks[3]?.reasons[0]?.feature).toBe('added-load');
  });

  test('a pair with a host that nobody knows is unknown, and the others are answered in order', async () => {
    const { runner, risks } = service(steady({ compute1: 60 }));
    await runner.run();

    const { risks: pairs } = risks.pairRisks([
      { hostId: 'nowhere', serverId: 's', addedCpuPercent: 1 },
      { hostId: 'compute1', serverId: 's', addedCpuPercent: 1 },
    ]);

    expect(pairs[0]).toMatchObject({
      hostId: 'nowhere',
      risk: 'unknown',
      unknown: { why: 'unknown-host' },
    });
    expect(pairs[1]).toMatchObject({ hostId: 'compute1', unknown: null });
  });
});
