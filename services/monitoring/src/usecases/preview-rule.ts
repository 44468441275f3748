import { ProblemError, silentLog } from '@sidestep/service-kit';
import type { Columns } from '../domain/aggregates.ts';
import type { AlarmRule } from '../domain/alarm-rule.ts';
import type { SeriesSamples, SeriesStore } from '../ports/series-store.ts';
import { type Alarm, AlarmDesk } from './alarm-desk.ts';
import { demandSpan } from './demand-span.ts';
import { ExpressionOfRule } from './expression-series.ts';
import { SeriesCatalogue } from './series-catalogue.ts';

/** One time that the rule would have raised an alarm; `clearedAtMs` null: it would be raised still. */
export interface PreviewedAlarm {
  readonly alarmId: string;
  readonly resource: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly raisedAtMs: number;
  readonly clearedAtMs: number | null;
  readonly value: number | null;
}

export interface RulePreview {
  readonly series: number;
  readonly samples: number;
  readonly alarms: readonly PreviewedAlarm[];
}

/** Most samples that a preview reads. */
export const MAX_PREVIEWED_SAMPLES = 5_000_000;

/** What a rule would have raised on stored samples: the same judge as for new ones, told of nobody. */
export async function previewRule(
  store: Pick<SeriesStore, 'samples' | 'limits'>,
  rule: AlarmRule,
  fromMs: number,
  toMs: number,
): Promise<RulePreview> {
  demandSpan(store, fromMs, toMs);
  const alarms: PreviewedAlarm[] = [];
  const open = new Map<string, number>();
  const note = (alarm: Alarm): void => {
    if (alarm.state === 'raised') {
      const { id, resource, labels, value } = alarm;
      const raisedAtMs = alarm.raisedAtMs ?? alarm.updatedAtMs;
      const at = alarms.push({
        alarmId: id,
        resource,
        labels,
        raisedAtMs,
        clearedAtMs: null,
        value,
      });
      open.set(id, at - 1);
    } else {
      const at = open.get(alarm.id);
      const raised = at === undefined ? undefined : alarms[at];
      if (at !== undefined && raised !== undefined) {
        alarms[at] = { ...raised, clearedAtMs: alarm.clearedAtMs };
      }
    }
  };
  const desk = new AlarmDesk(note, silentLog);
  desk.restore([rule], []);
  const catalogue = new SeriesCatalogue();
  let series = 0;
  let samples = 0;
  const counted = (columns: Columns): void => {
    series += 1;
    samples += columns.values.length;
    if (samples > MAX_PREVIEWED_SAMPLES) {
      throw new ProblemError(
        'QUERY_TOO_LARGE',
        `There are more than ${MAX_PREVIEWED_SAMPLES} samples: ask for a shorter time`,
      );
    }
  };
  const judged =
    rule.expression === undefined
      ? store.samples({ metrics: [rule.metric] }, fromMs, toMs)
      : expressionSamples(
          store,
          new ExpressionOfRule(rule, rule.expression),
          fromMs,
          toMs,
          counted,
        );
  for await (const { series: key, columns } of judged) {
    if (rule.expression === undefined) counted(columns);
    desk.replay(rule, catalogue.entry(key), columns);
  }
  alarms.sort((a, b) => a.raisedAtMs - b.raisedAtMs);
  return { series, samples, alarms };
}

/** The values that an expression would have had, a series a resource: what it is made of is read, and put in order of time. */
async function* expressionSamples(
  store: Pick<SeriesStore, 'samples'>,
  expression: ExpressionOfRule,
  fromMs: number,
  toMs: number,
  counted: (columns: Columns) => void,
): AsyncGenerator<SeriesSamples> {
  const byResource = new Map<string, SeriesSamples[]>();
  for await (const read of store.samples({ metrics: expression.metrics }, fromMs, toMs)) {
    if (!expression.isAbout(read.series)) continue;
    counted(read.columns);
    const { resource } = read.series;
    byResource.set(resource, [...(byResource.get(resource) ?? []), read]);
  }
  for (const operands of byResource.values()) {
    const samples = operands
      .flatMap(({ series, columns }) =>
        Array.from(columns.values, (value, at) => ({
          series,
          value,
          timeMs: columns.timesMs[at] ?? 0,
        })),
      )
      .sort((a, b) => a.timeMs - b.timeMs);
    const made = samples.flatMap(
      ({ series, timeMs, value }) => expression.add(series, timeMs, value) ?? [],
    );
    const [first] = made;
    if (first === undefined) continue;
    const columns = {
      timesMs: made.map(({ timeMs }) => timeMs),
      values: made.map(({ value }) => value),
    };
    yield { series: first.series, columns };
  }
}
