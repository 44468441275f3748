import { createHash } from 'node:crypto';
import { parseExpression } from './expression.ts';
import { isLogMetric } from './log-metrics.ts';
import { type SeriesKey, seriesText } from './series.ts';

export type Comparison = '>=' | '>' | '<=' | '<';
/** What a rule can make of a window. */
export type WindowAggregate =
  | { readonly kind: 'mean' | 'max' | 'min' | 'rate' }
  | { readonly kind: 'percentile'; readonly percentile: number };
export type AlarmMode = 'recommend' | 'act';
export type AlarmSeverity = 'critical' | 'major' | 'minor' | 'warning';

/** When a series is in breach, for how long before an alarm is raised, and when it is calm again. */
export interface AlarmRule {
  readonly id: string;
  readonly name: string;
  /** What is judged; of a rule with an expression the metric that its values are kept under. */
  readonly metric: string;
  /** Judged in place of a metric: see parseExpression. */
  readonly expression?: string;
  readonly comparison: Comparison;
  readonly threshold: number;
  /** The breach has to last so long before the alarm is raised. */
  readonly forMs: number;
  /** On the calm side of the threshold, or equal to it. */
  readonly clearThreshold: number;
  /** The calm has to last so long before the alarm is cleared. */
  readonly clearForMs: number;
  /** Judge an aggregate over this window; 0: each sample. */
  readonly windowMs: number;
  readonly severity: AlarmSeverity;
  readonly enabled: boolean;
  /** How the window becomes one value; default the mean. */
  readonly aggregate?: WindowAggregate;
  /** Only series with these labels, e.g. one horizon of a forecast. */
  readonly match?: Readonly<Record<string, string>>;
  /** Labels that its alarms bear besides their series'. */
  readonly labels?: Readonly<Record<string, string>>;
  /** What may be done about its alarms at most: `recommend` a move, or `act` as Migration's mode says; default `act`. */
  readonly mode?: AlarmMode;
  /** While raised on a host, the alarms of the servers on it are inhibited. */
  readonly inhibitsServers?: boolean;
}

/**
 * What ships: the main paper's trigger, a host whose mean CPU is at or above 90 %; a host that is no longer heard of; and one
 * whose telemetry has a fault; samples or datagrams that Monitoring lost; a host that Nova calls down; and, only to recommend, a host that is predicted to saturate.
 */
export const defaultRules: readonly AlarmRule[] = [
  {
    id: 'host-cpu-high',
    name: 'host CPU high',
    metric: 'host.cpuPercent',
    comparison: '>=',
    threshold: 90,
    forMs: 20_000,
    clearThreshold: 80,
    clearForMs: 30_000,
    windowMs: 10_000,
    severity: 'critical',
    enabled: true,
  },
  {
    id: 'telemetry-stale',
    name: 'host not heard of',
    metric: 'telemetry.ageSeconds',
    comparison: '>=',
    threshold: 60,
    forMs: 0,
    clearThreshold: 30,
    clearForMs: 20_000,
    windowMs: 0,
    severity: 'major',
    enabled: true,
    inhibitsServers: true,
  },
  {
    id: 'telemetry-suspect',
    name: 'host telemetry has a fault',
    metric: 'telemetry.faults',
    comparison: '>=',
    threshold: 1,
    forMs: 60_000,
    clearThreshold: 1,
    clearForMs: 60_000,
    windowMs: 0,
    severity: 'warning',
    enabled: true,
  },
  {
    id: 'samples-lost',
    name: 'telemetry was lost',
    metric: 'expression.samples-lost',
    expression: 'telemetry.samplesLost + telemetry.datagramsDropped',
    comparison: '>=',
    threshold: 1,
    forMs: 0,
    clearThreshold: 1,
    clearForMs: 60_000,
    windowMs: 0,
    severity: 'warning',
    enabled: true,
    mode: 'recommend',
  },
  {
    id: 'host-down',
    name: 'host down',
    metric: 'telemetry.hostDown',
    comparison: '>=',
    threshold: 1,
    forMs: 0,
    clearThreshold: 1,
    clearForMs: 20_000,
    windowMs: 0,
    severity: 'critical',
    enabled: true,
    inhibitsServers: true,
  },
  {
    id: 'external-alert',
    name: 'alert of another system',
    metric: 'external.alert',
    comparison: '>=',
    threshold: 1,
    forMs: 0,
    clearThreshold: 1,
    clearForMs: 0,
    windowMs: 0,
    severity: 'major',
    enabled: true,
  },
  {
    id: 'host-risk-predicted',
    name: 'host predicted to run hot',
    metric: 'forecast.failureRisk',
    comparison: '>=',
    threshold: 0.8,
    forMs: 20_000,
    clearThreshold: 0.5,
    clearForMs: 60_000,
    windowMs: 0,
    severity: 'warning',
    enabled: true,
    mode: 'recommend',
  },
];

export function compares(value: number, comparison: Comparison, bound: number): boolean {
  switch (comparison) {
    case '>=':
      return value >= bound;
    case '>':
      return value > bound;
    case '<=':
      return value <= bound;
    case '<':
      return value < bound;
  }
}

export const isBreach = (rule: AlarmRule, value: number): boolean =>
  compares(value, rule.comparison, rule.threshold);

/** Beyond the clear threshold on the calm side; in between, a raised alarm stays. */
export const isCalm = (rule: AlarmRule, value: number): boolean =>
  !compares(value, rule.comparison, rule.clearThreshold);

/** Whether the clear threshold lies on the calm side of the threshold: else an alarm would clear while in breach. */
export function clearThresholdIsCalm(
  rule: Pick<AlarmRule, 'comparison' | 'threshold' | 'clearThreshold'>,
): boolean {
  return rule.comparison.startsWith('>')
    ? rule.clearThreshold <= rule.threshold
    : rule.clearThreshold >= rule.threshold;
}

/**
 * Identity of an alarm: one condition, one alarm, however often it comes and goes, and whichever version of a model foresaw it.
 */
export function alarmId(ruleId: string, series: SeriesKey): string {
  const { model, ...labels } = series.labels;
  const key = model === undefined ? series : { ...series, labels };
  return createHash('sha256')
    .update(`${ruleId}\0${seriesText(key)}`)
    .digest('hex')
    .slice(0, 32);
}

/** What has to be measured for a rule: its metric, or those of its expression. */
export function metricsOf(rule: Pick<AlarmRule, 'metric' | 'expression'>): readonly string[] {
  const parsed = rule.expression === undefined ? undefined : parseExpression(rule.expression);
  return parsed?.ok ? parsed.metrics : [rule.metric];
}

/** What may be done about a rule's alarms: logs come unsigned, so that a rule over them recommends at most. */
export const modeOf = (rule: Pick<AlarmRule, 'metric' | 'expression' | 'mode'>): AlarmMode =>
  metricsOf(rule).some(isLogMetric) ? 'recommend' : (rule.mode ?? 'act');

/** Whether a rule is about a series of its metric. */
export const isAbout = (rule: AlarmRule, labels: Readonly<Record<string, string>>): boolean =>
  rule.match === undefined ||
  Object.entries(rule.match).every(([name, value]) => labels[name] === value);
