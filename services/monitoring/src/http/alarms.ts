import type { monitoring } from '@sidestep/contracts';
import { type Clock, type Handlers, NotFound, ProblemError } from '@sidestep/service-kit';
import type { AlarmRule, WindowAggregate } from '../domain/alarm-rule.ts';
import type { SeriesStore } from '../ports/series-store.ts';
import {
  type Attention,
  type AttentionSources,
  attentionNow,
} from '../usecases/alarm-attention.ts';
import type { Alarm, AlarmDesk } from '../usecases/alarm-desk.ts';
import {
  type AlarmRuleSpec,
  type AlarmRules,
  demandUsable,
  ruleOf,
} from '../usecases/alarm-rules.ts';
import { previewRule } from '../usecases/preview-rule.ts';
import { pageOf } from './pages.ts';
import { timestamp, timestampOrNull } from './times.ts';

type Operation =
  | 'listAlarmRules'
  | 'createAlarmRule'
  | 'getAlarmRule'
  | 'replaceAlarmRule'
  | 'deleteAlarmRule'
  | 'previewAlarmRule'
  | 'listAlarms'
  | 'getAlarm';

const ranks = { raised: 0, pending: 1, cleared: 2 } as const;

/**
 * Raised ones first; of each state the one that came into it last. It changes with the state alone, so that an alarm that is
 * judged anew while somebody reads page after page keeps its place among them.
 */
export const listKey = ({ state, sinceMs, raisedAtMs, clearedAtMs, id }: Alarm): string => {
  const cameMs = { raised: raisedAtMs, pending: sinceMs, cleared: clearedAtMs }[state] ?? sinceMs;
  return `${ranks[state]} ${String(Number.MAX_SAFE_INTEGER - cameMs).padStart(16, '0')} ${id}`;
};

export interface AlarmRoutes {
  readonly desk: AlarmDesk;
  readonly rules: AlarmRules;
  readonly attention: AttentionSources;
  readonly store: Pick<SeriesStore, 'samples' | 'limits'>;
  readonly clock: Clock;
}

export function alarmHandlers({
  desk,
  rules,
  attention,
  store,
  clock,
}: AlarmRoutes): Pick<Handlers<monitoring.operations>, Operation> {
  return {
    listAlarmRules: () => ({ status: 200, body: { rules: desk.rules().map(ruleBody) } }),
    createAlarmRule: async ({ body }) => {
      const rule = await rules.add(specOf(body));
      return {
        status: 201,
        body: ruleBody(rule),
        headers: { location: `/alarm-rules/${rule.id}` },
      };
    },
    getAlarmRule: ({ params }) => ({ status: 200, body: ruleBody(rules.get(params.ruleId)) }),
    replaceAlarmRule: async ({ params, body }) => ({
      status: 200,
      body: ruleBody(await rules.replace(params.ruleId, specOf(body))),
    }),
    deleteAlarmRule: async ({ params }) => {
      await rules.remove(params.ruleId);
      return { status: 204 };
    },
    previewAlarmRule: async ({ body }) => {
      const spec = specOf(body.rule);
      demandUsable(spec);
      const rule = ruleOf(spec, 'preview');
      const toMs = clock.now();
      const preview = await previewRule(store, rule, toMs - body.lastMs, toMs + 1);
      const alarms = preview.alarms.map(({ raisedAtMs, clearedAtMs, labels, ...rest }) => ({
        ...rest,
        labels: { ...labels },
        raisedAt: timestamp(raisedAtMs),
        clearedAt: timestampOrNull(clearedAtMs),
      }));
      return { status: 200, body: { ...preview, alarms } };
    },
    listAlarms: ({ query }) => {
      const { state, resource } = query;
      const wanted = desk
        .alarms()
        .filter((alarm) => state === undefined || alarm.state === state)
        .filter((alarm) => resource === undefined || alarm.resource === resource);
      const attentionOf = attentionNow(attention, clock.now());
      const bodyOf = (alarm: Alarm) => alarmBody(alarm, attentionOf(alarm));
      const { page, nextCursor } = pageOf(wanted, listKey, query);
      return { status: 200, body: { alarms: page.map(bodyOf), nextCursor } };
    },
    getAlarm: ({ params }) => {
      const alarm = desk.alarm(params.alarmId);
      if (alarm === undefined) throw new NotFound('alarm', params.alarmId);
      return { status: 200, body: alarmBody(alarm, attentionNow(attention, clock.now())(alarm)) };
    },
  };
}

const specOf = (spec: monitoring.components['schemas']['AlarmRuleSpec']): AlarmRuleSpec => ({
  name: spec.name,
  ...(spec.metric === undefined ? {} : { metric: spec.metric }),
  ...(spec.expression === undefined ? {} : { expression: spec.expression }),
  comparison: spec.comparison,
  threshold: spec.threshold,
  forMs: spec.forMs,
  clearThreshold: spec.clearThreshold,
  clearForMs: spec.clearForMs,
  windowMs: spec.windowMs ?? 0,
  severity: spec.severity,
  enabled: spec.enabled ?? true,
  ...(spec.aggregate === undefined && spec.percentile === undefined
    ? {}
    : { aggregate: aggregateOf(spec) }),
  ...(spec.match === undefined ? {} : { match: spec.match }),
  ...(spec.labels === undefined ? {} : { labels: spec.labels }),
  ...(spec.mode === undefined ? {} : { mode: spec.mode }),
  ...(spec.inhibitsServers === undefined ? {} : { inhibitsServers: spec.inhibitsServers }),
});

function aggregateOf({
  aggregate = 'mean',
  percentile,
}: monitoring.components['schemas']['AlarmRuleSpec']): WindowAggregate {
  if (aggregate === 'percentile' && percentile !== undefined) {
    return { kind: aggregate, percentile };
  }
  if (aggregate !== 'percentile' && percentile === undefined) return { kind: aggregate };
  const detail = 'belongs to the aggregate percentile, and to no other';
  throw new ProblemError('INVALID_REQUEST', `percentile ${detail}`, {
    errors: [{ pointer: '/percentile', detail }],
  });
}

const ruleBody = ({
  aggregate,
  match,
  labels,
  ...rule
}: AlarmRule): monitoring.components['schemas']['AlarmRule'] => ({
  ...rule,
  aggregate: aggregate?.kind ?? 'mean',
  ...(aggregate?.kind === 'percentile' ? { percentile: aggregate.percentile } : {}),
  ...(match === undefined ? {} : { match: { ...match } }),
  ...(labels === undefined ? {} : { labels: { ...labels } }),
});

/** An alarm as the contract shows it. */
export const alarmBody = (
  alarm: Alarm,
  { inhibitedBy, silencedBy, flapping }: Attention,
): monitoring.components['schemas']['Alarm'] => ({
  id: alarm.id,
  ruleId: alarm.ruleId,
  resource: alarm.resource,
  metric: alarm.metric,
  metrics: [...(alarm.metrics ?? [alarm.metric])],
  severity: alarm.severity,
  state: alarm.state,
  value: alarm.value,
  threshold: alarm.threshold,
  since: timestamp(alarm.sinceMs),
  raisedAt: timestampOrNull(alarm.raisedAtMs),
  clearedAt: timestampOrNull(alarm.clearedAtMs),
  updatedAt: timestamp(alarm.updatedAtMs),
  labels: { ...alarm.labels },
  mode: alarm.mode ?? 'act',
  inhibitedBy,
  silencedBy: [...silencedBy],
  flapping,
});
