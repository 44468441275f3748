import { type monitoring, serviceClient } from '@sidestep/contracts';
import type { Listening } from '@sidestep/service-kit';
import { fakeService, testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { monitoringTelemetry } from '../src/adapters/http/monitoring-telemetry.ts';
import type { Telemetry } from '../src/ports/telemetry.ts';
import { hostOf } from './fakes/fake-monitoring.ts';

type Schemas = monitoring.components['schemas'];

const atMs = Date.UTC(2026, 0, 1);
const at = new Date(atMs).toISOString();
const alarm = (more: Partial<Schemas['Alarm']>): Schemas['Alarm'] => ({
  id: 'abcdef0123',
  ruleId: 'host-cpu-high',
  resource: 'compute1',
  metric: 'host.cpuPercent',
  severity: 'critical',
  state: 'raised',
  value: 95,
  threshold: 90,
  since: at,
  raisedAt: at,
  clearedAt: null,
  updatedAt: at,
  ...more,
});
const written: Schemas['Sample'][] = [];
const rules: Schemas['AlarmRuleSpec'][] = [];
const shown = (rule: Schemas['AlarmRuleSpec']): Schemas['AlarmRule'] => ({
  windowMs: 0,
  enabled: true,
  metric: 'expression.rule-1',
  ...rule,
  id: 'rule-1',
});
const fleetQueries: { since?: string | undefined }[] = [];
let server: Listening;
let telemetry: Telemetry;

beforeAll(async () => {
  server = await fakeService<monitoring.operations>('monitoring', {
    listQuality: ({ query }) => {
      const row = (resource: string, verdict: 'suspect' | 'good', trusted: boolean) => ({
        resource,
        kind: 'host' as const,
        verdict,
        trusted,
        reasons:
          verdict === 'good' ? [] : [{ metric: 'host.cpuPercent', fault: 'clock-skew' as const }],
      });
      if (query.trusted === false)
        return {
          status: 200,
          body: { resources: [row('forged', 'good', false)], nextCursor: null },
        };
      const first = query.cursor === undefined;
      return {
        status: 200,
        body: {
          resources: [row(first ? 'compute1' : 'compute2', 'suspect', true)],
          nextCursor: first ? 'next' : null,
        },
      };
    },
    listAlarms: ({ query }) => ({
      status: 200,
      body:
        query.state === 'raised'
          ? {
              alarms: [
                query.cursor === undefined
                  ? alarm({})
                  : alarm({
                      id: 'abcdef0456',
                      metric: 'expression.mixed',
                      metrics: ['host.cpuPercent', 'forecast.failureRisk'],
                    }),
              ],
              nextCursor: query.cursor === undefined ? 'next' : null,
            }
          : {
              alarms: [alarm({ state: 'cleared', clearedAt: at }), alarm({ raisedAt: null })],
              nextCursor: null,
            },
    }),
    listAlarmRules: () => ({
      status: 200,
      body: {
        rules: rules.map((rule) => shown(rule)),
      },
    }),
    createAlarmRule: ({ body }) => {
      rules.push(body);
      return { status: 201, body: shown(body) };
    },
    getFleet: ({ query }) => {
      fleetQueries.push(query);
      const since = query.since ?? null;
      return {
        status: 200,
        body: {
          observedAt: at,
          ageMs: 0,
          problem: null,
          revision: '0123abcd-1',
          since,
          goneIds: [],
          hosts: [hostOf('compute1')],
          servers: [],
          serverGroups: [],
          chains:
            since === null ? [{ id: 'chain-1', name: 'web', flowClassifierIds: [], hops: [] }] : [],
        },
      };
    },
    writeSamples: ({ body }) => {
      written.push(...body.samples);
      return { status: 200, body: { stored: body.samples.length } };
    },
  });
  telemetry = monitoringTelemetry(
    serviceClient('monitoring', { baseUrl: server.url, token: testToken('operator') }),
  );
});
afterAll(() => server.close(100));

describe('Monitoring, as Prediction uses it', () => {
  test('hosts in doubt are read page by page: those of faulty series, and those that send unsigned', async () => {
    const doubts = await telemetry.readDoubts();

    expect([...doubts.keys()]).toEqual(['compute1', 'compute2', 'forged']);
    expect(doubts.get('compute1')).toEqual({
      trusted: true,
      faults: [{ metric: 'host.cpuPercent', fault: 'clock-skew' }],
    });
    expect(doubts.get('forged')).toEqual({ trusted: false, faults: [] });
  });

  test('alarms that were raised are read, all that last and those cleared lately; one that only waits is none', async () => {
    const alarms = await telemetry.readRaisedAlarms();

    expect(alarms.map(({ clearedAtMs }) => clearedAtMs)).toEqual([null, null, atMs]);
    expect(alarms[0]).toMatchObject({ resource: 'compute1', raisedAtMs: atMs });
    expect(alarms.map(({ metrics }) => metrics)).toEqual([
      ['host.cpuPercent'],
      ['host.cpuPercent', 'forecast.failureRisk'],
      ['host.cpuPercent'],
    ]);
  });

  test('a rule is added once, and left as it is from then on', async () => {
    const rule = {
      name: 'a forecasting model is degraded',
      metric: 'prediction.degraded',
      threshold: 1,
      clearThreshold: 0,
      severity: 'major' as const,
    };

    await telemetry.ensureAlarmRule(rule);
    await telemetry.ensureAlarmRule({ ...rule, threshold: 2 });

    expect(rules).toMatchObject([
      { metric: 'prediction.degraded', comparison: '>=', threshold: 1 },
    ]);
  });

  test('samples of ours are written with their labels and their moment', async () => {
    const sample = {
      resource: 'prediction',
      metric: 'prediction.degraded',
      labels: { outlook: 'host.cpuPercent-12' },
      value: 1,
    };

    await telemetry.writeSamples([sample], atMs);

    expect(written).toEqual([{ ...sample, timestampMs: atMs }]);
  });

  test('the fleet is read whole once, and then only what changed of it', async () => {
    await telemetry.readInventory();
    const again = await telemetry.readInventory();

    expect(fleetQueries).toEqual([{}, { since: '0123abcd-1' }]);
    expect(again.hosts.map(({ id }) => id)).toEqual(['compute1']);
    expect(again.chains.map(({ id }) => id)).toEqual(['chain-1']);
  });
});
