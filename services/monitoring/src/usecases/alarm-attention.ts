import type { AlarmSeverity } from '../domain/alarm-rule.ts';
import type { Inventory } from '../domain/fleet.ts';
import { type Silence, silencesOf } from '../domain/silence.ts';
import { type Alarm, type AlarmDesk, isFlapping } from './alarm-desk.ts';

/** Why an alarm that is raised need not be looked at. */
export interface Attention {
  /** The raised alarm of the host that explains this one; null without. */
  readonly inhibitedBy: string | null;
  readonly silencedBy: readonly string[];
  readonly flapping: boolean;
}

export interface AttentionSources {
  readonly desk: Pick<AlarmDesk, 'alarms' | 'rule'>;
  readonly silences: () => readonly Silence[];
  readonly inventory: () => Inventory;
}

/** Tells of alarms whether they are inhibited, silenced or flapping now; asks the sources once for all of them. */
export function attentionNow(
  { desk, silences, inventory }: AttentionSources,
  nowMs: number,
): (alarm: Alarm) => Attention {
  const inhibitors = new Map<string, string>();
  for (const alarm of desk.alarms()) {
    if (alarm.state === 'raised' && desk.rule(alarm.ruleId)?.inhibitsServers === true) {
      inhibitors.set(alarm.resource, alarm.id);
    }
  }
  const hostOf = new Map(
    inhibitors.size === 0 ? [] : inventory().servers.map(({ id, hostId }) => [id, hostId] as const),
  );
  const active = silences();
  return (alarm) => ({
    inhibitedBy: inhibitors.get(hostOf.get(alarm.resource) ?? '') ?? null,
    silencedBy: silencesOf(alarm, active, nowMs).map(({ id }) => id),
    flapping: isFlapping(alarm, nowMs),
  });
}

const order: readonly AlarmSeverity[] = ['warning', 'minor', 'major', 'critical'];

/** Whether a severity is at least another. */
export const isAtLeast = (severity: AlarmSeverity, least: AlarmSeverity): boolean =>
  order.indexOf(severity) >= order.indexOf(least);
