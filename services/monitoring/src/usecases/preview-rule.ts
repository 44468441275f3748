import { ProblemError, silentLog } from '@sidestep/service-kit';
import type { AlarmRule } from '../domain/alarm-rule.ts';
import type { SeriesStore } from '../ports/series-store.ts';
import { type Alarm, AlarmDesk } from './alarm-desk.ts';
import { demandSpan } from './demand-span.ts';
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
  for await (const { series: key, columns } of store.samples(
    { metrics: [rule.metric] },
    fromMs,
    toMs,
  )) {
    series += 1;
    samples += columns.values.length;
    if (samples > MAX_PREVIEWED_SAMPLES) {
      throw new ProblemError(
        'QUERY_TOO_LARGE',
        `There are more than ${MAX_PREVIEWED_SAMPLES} samples: ask for a shorter time`,
      );
    }
    desk.replay(rule, catalogue.entry(key), columns);
  }
  alarms.sort((a, b) => a.raisedAtMs - b.raisedAtMs);
  return { series, samples, alarms };
}
