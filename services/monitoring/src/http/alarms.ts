import type { monitoring } from '@sidestep/contracts';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import type { AlarmRule } from '../domain/alarm-rule.ts';
import type { Alarm, AlarmDesk } from '../usecases/alarm-desk.ts';
import type { AlarmRules } from '../usecases/alarm-rules.ts';
import { pageOf } from './pages.ts';
import { timestamp, timestampOrNull } from './times.ts';

type Operation =
  | 'listAlarmRules'
  | 'createAlarmRule'
  | 'getAlarmRule'
  | 'replaceAlarmRule'
  | 'deleteAlarmRule'
  | 'listAlarms'
  | 'getAlarm';

const ranks = { raised: 0, pending: 1, cleared: 2 } as const;

/** Raised ones first, then the latest change first. */
const listKey = ({ state, updatedAtMs, id }: Alarm): string =>
  `${ranks[state]} ${String(Number.MAX_SAFE_INTEGER - updatedAtMs).padStart(16, '0')} ${id}`;

export function alarmHandlers(
  desk: AlarmDesk,
  rules: AlarmRules,
): Pick<Handlers<monitoring.operations>, Operation> {
  return {
    listAlarmRules: () => ({ status: 200, body: { rules: desk.rules().map(ruleBody) } }),
    createAlarmRule: async ({ body }) => {
      const rule = await rules.add(ruleOf(body));
      return {
        status: 201,
        body: ruleBody(rule),
        headers: { location: `/alarm-rules/${rule.id}` },
      };
    },
    getAlarmRule: ({ params }) => ({ status: 200, body: ruleBody(rules.get(params.ruleId)) }),
    replaceAlarmRule: async ({ params, body }) => ({
      status: 200,
      body: ruleBody(await rules.replace(params.ruleId, ruleOf(body))),
    }),
    deleteAlarmRule: async ({ params }) => {
      await rules.remove(params.ruleId);
      return { status: 204 };
    },
    listAlarms: ({ query }) => {
      const { state, resource } = query;
      const wanted = desk
        .alarms()
        .filter((alarm) => state === undefined || alarm.state === state)
        .filter((alarm) => resource === undefined || alarm.resource === resource);
      const { page, nextCursor } = pageOf(wanted, listKey, query);
      return { status: 200, body: { alarms: page.map(alarmBody), nextCursor } };
    },
    getAlarm: ({ params }) => {
      const alarm = desk.alarm(params.alarmId);
      if (alarm === undefined) throw new NotFound('alarm', params.alarmId);
      return { status: 200, body: alarmBody(alarm) };
    },
  };
}

const ruleOf = (
  spec: monitoring.components['schemas']['AlarmRuleSpec'],
): Omit<AlarmRule, 'id'> => ({
  name: spec.name,
  metric: spec.metric,
  comparison: spec.comparison,
  threshold: spec.threshold,
  forMs: spec.forMs,
  clearThreshold: spec.clearThreshold,
  clearForMs: spec.clearForMs,
  windowMs: spec.windowMs ?? 0,
  severity: spec.severity,
  enabled: spec.enabled ?? true,
});

const ruleBody = (rule: AlarmRule): monitoring.components['schemas']['AlarmRule'] => ({ ...rule });

const alarmBody = (alarm: Alarm): monitoring.components['schemas']['Alarm'] => ({
  id: alarm.id,
  ruleId: alarm.ruleId,
  resource: alarm.resource,
  metric: alarm.metric,
  severity: alarm.severity,
  state: alarm.state,
  value: alarm.value,
  threshold: alarm.threshold,
  since: timestamp(alarm.sinceMs),
  raisedAt: timestampOrNull(alarm.raisedAtMs),
  clearedAt: timestampOrNull(alarm.clearedAtMs),
  updatedAt: timestamp(alarm.updatedAtMs),
});
