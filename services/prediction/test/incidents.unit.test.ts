import { cloud } from '@sidestep/fleet/testing';
import { sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { recordDocuments } from '../src/adapters/records/record-documents.ts';
import { gatherIncidents, reportIncident } from '../src/usecases/gather-incidents.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';

const start = Date.UTC(2026, 0, 1);

function service() {
  const clock = manualClock(start);
  const telemetry = fakeTelemetry({ hostIds: [], cpuPercent: () => null }, clock);
  const documents = recordDocuments(sqliteRecords(':memory:', clock));
  const gather = () => gatherIncidents({ clock, telemetry, documents });
  const incidents = async () => (await documents.listIncidents({ limit: 50 })).items;
  return { clock, telemetry, documents, gather, incidents };
}

const alarm = {
  id: 'abcdef01',
  resource: 'compute1',
  metric: 'host.cpuPercent',
  metrics: ['host.cpuPercent'],
  severity: 'critical',
  raisedAtMs: start - 60_000,
  clearedAtMs: null,
};

describe('incidents', () => {
  test('a raised alarm is one, once, and ends when the alarm is cleared', async () => {
    const { telemetry, gather, incidents, clock } = service();
    telemetry.alarms = [alarm];
    await gather();
    await gather();
    expect(await incidents()).toMatchObject([
      { resource: 'compute1', source: 'alarm', startedAtMs: start - 60_000, endedAtMs: null },
    ]);

    clock.advance(30_000);
    telemetry.alarms = [{ ...alarm, clearedAtMs: start + 20_000 }];
    await gather();

    expect(await incidents()).toMatchObject([{ endedAtMs: start + 20_000, recordedAtMs: start }]);
  });

  test('one whose alarm was raised anew before anybody saw it cleared ended then at the latest', async () => {
    const { telemetry, gather, incidents, clock } = service();
    telemetry.alarms = [alarm];
    await gather();
    clock.advance(30_000);

    telemetry.alarms = [{ ...alarm, raisedAtMs: start + 10_000 }];
    await gather();

    expect(await incidents()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ startedAtMs: start - 60_000, endedAtMs: start + 10_000 }),
        expect.objectContaining({ startedAtMs: start + 10_000, endedAtMs: null }),
      ]),
    );
  });

  test('one whose alarm nobody tells of any more ends, and goes on should it be told of again', async () => {
    const { telemetry, gather, incidents, clock } = service();
    telemetry.alarms = [alarm];
    await gather();
    clock.advance(30_000);

    telemetry.alarms = [];
    await gather();
    const gone = await incidents();
    telemetry.alarms = [alarm];
    await gather();

    expect(gone).toMatchObject([{ endedAtMs: start + 30_000 }]);
    expect(await incidents()).toMatchObject([{ endedAtMs: null }]);
  });

  test('the same alarm raised again is another incident', async () => {
    const { telemetry, gather, incidents } = service();
    telemetry.alarms = [{ ...alarm, clearedAtMs: start }];
    await gather();
    telemetry.alarms = [{ ...alarm, raisedAtMs: start + 5_000 }];
    await gather();

    expect(await incidents()).toHaveLength(2);
  });

  test.each(['forecast.failureRisk', 'prediction.degraded', 'telemetry.faults'])(
    'an alarm of %s is none: nothing went wrong at the host',
    async (metric) => {
      const { telemetry, gather, incidents } = service();
      telemetry.alarms = [{ ...alarm, metric, metrics: [metric] }];

      await gather();

      expect(await incidents()).toEqual([]);
    },
  );

  test.each([
    [['host.netRxBytesPerSecond', 'host.netTxBytesPerSecond'], 1],
    [['host.cpuPercent', 'forecast.failureRisk'], 0],
    [['telemetry.samplesLost', 'telemetry.datagramsDropped'], 0],
    // A rule that is gone: nobody knows what it was made of.
    [['expression.mixed'], 0],
  ])('an alarm of an expression over %j makes %d', async (metrics, count) => {
    const { telemetry, gather, incidents } = service();
    telemetry.alarms = [{ ...alarm, metric: 'expression.mixed', metrics }];

    await gather();

    expect(await incidents()).toHaveLength(count);
  });

  test('a host that Nova reports down is one until it is up again', async () => {
    const { telemetry, gather, incidents, clock } = service();
    telemetry.inventory = cloud().host('compute1', { state: 'down' }).host('compute2').build();
    await gather();
    clock.advance(30_000);
    await gather();
    expect(await incidents()).toMatchObject([
      { resource: 'compute1', source: 'compute-service', startedAtMs: start, endedAtMs: null },
    ]);

    telemetry.inventory = cloud().host('compute1').host('compute2').build();
    await gather();

    expect(await incidents()).toMatchObject([{ endedAtMs: start + 30_000 }]);
  });

  test('while Monitoring is away none begins nor ends', async () => {
    const { telemetry, gather, incidents } = service();
    telemetry.away(true);

    await expect(gather()).rejects.toThrow('away');
    expect(await incidents()).toEqual([]);
  });

  test('an operator tells of one; one that ends before it begins, or begins later, is refused', async () => {
    const { clock, documents, incidents } = service();
    const report = (startedAtMs: number, endedAtMs: number | null) =>
      reportIncident(
        { clock, documents, newId: () => 'told' },
        { resource: 'compute1', startedAtMs, endedAtMs, note: 'the disks stood still' },
      );

    await expect(report(start + 1, null)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    await expect(report(start - 1, start - 2)).rejects.toMatchObject({ code: 'UNPROCESSABLE' });
    await report(start - 9, start - 2);

    expect(await incidents()).toMatchObject([{ id: 'told', source: 'operator' }]);
  });
});
