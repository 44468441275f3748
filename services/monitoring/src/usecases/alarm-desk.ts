import type { Log } from '@sidestep/service-kit';
import type { Columns } from '../domain/aggregates.ts';
import {
  type AlarmPhase,
  type AlarmTransition,
  advanceAlarm,
  calm,
} from '../domain/alarm-machine.ts';
import { type AlarmRule, type AlarmSeverity, alarmId } from '../domain/alarm-rule.ts';
import { AveragingWindow } from '../domain/averaging-window.ts';
import { freshnessOf } from '../domain/freshness.ts';
import { intervalOf, type SeriesEntry } from './series-catalogue.ts';

/** An alarm as it is shown and kept; times in ms since the epoch. */
export interface Alarm {
  readonly id: string;
  readonly ruleId: string;
  readonly resource: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly severity: AlarmSeverity;
  readonly state: 'pending' | 'raised' | 'cleared';
  /** The newest judged value; null when it is not known. */
  readonly value: number | null;
  readonly threshold: number;
  /** When the breach began. */
  readonly sinceMs: number;
  readonly raisedAtMs: number | null;
  readonly clearedAtMs: number | null;
  readonly updatedAtMs: number;
}

/** Told of each alarm that was raised or cleared. */
export type AlarmListener = (alarm: Alarm) => void;

/** One rule on one series. */
interface Track {
  readonly rule: AlarmRule;
  readonly entry: SeriesEntry;
  readonly id: string;
  readonly window: AveragingWindow | undefined;
  phase: AlarmPhase;
  timeMs: number;
  value: number | 'unknown';
  /** What is shown again should the breach that is pending now come to nothing. */
  before: Alarm | undefined;
}

/** Judges samples by the rules as they arrive, and holds the alarms that come of it. */
export class AlarmDesk {
  readonly #onChange: AlarmListener;
  readonly #log: Log;
  #rules = new Map<string, AlarmRule>();
  #rulesOfMetric = new Map<string, AlarmRule[]>();
  readonly #tracks = new Map<AlarmRule, Map<SeriesEntry, Track>>();
  readonly #alarms = new Map<string, Alarm>();

  constructor(onChange: AlarmListener, log: Log) {
    this.#onChange = onChange;
    this.#log = log;
  }

  rules(): AlarmRule[] {
    return [...this.#rules.values()];
  }

  rule(id: string): AlarmRule | undefined {
    return this.#rules.get(id);
  }

  alarms(): Alarm[] {
    return [...this.#alarms.values()];
  }

  alarm(id: string): Alarm | undefined {
    return this.#alarms.get(id);
  }

  /** Takes what was kept: before the first sample. */
  restore(rules: readonly AlarmRule[], alarms: readonly Alarm[]): void {
    this.#rules = new Map(rules.map((rule) => [rule.id, rule]));
    this.#index();
    for (const alarm of alarms) {
      // What a raised one is worth now is not known before its series has been judged again.
      this.#alarms.set(alarm.id, alarm.state === 'raised' ? { ...alarm, value: null } : alarm);
    }
  }

  /** Forgets cleared alarms beyond the newest `keep`; gives the ids of the forgotten. */
  forgetCleared(keep: number): string[] {
    const cleared = this.alarms()
      .filter(({ state }) => state === 'cleared')
      .sort((a, b) => b.updatedAtMs - a.updatedAtMs)
      .slice(keep);
    for (const { id } of cleared) this.#alarms.delete(id);
    return cleared.map(({ id }) => id);
  }

  /** Adds or replaces a rule; what the old one raised stays raised while the new one judges the same metric. */
  putRule(rule: AlarmRule, nowMs: number): void {
    const before = this.#rules.get(rule.id);
    this.#rules.set(rule.id, rule);
    this.#index();
    if (before !== undefined) this.#tracks.delete(before);
    const goesOn = rule.enabled && before?.metric === rule.metric;
    for (const alarm of this.alarms()) {
      if (alarm.ruleId !== rule.id) continue;
      if (alarm.state === 'pending') this.#alarms.delete(alarm.id);
      else if (alarm.state === 'raised' && !goesOn) this.#clear(alarm, nowMs);
      else if (alarm.state === 'raised') {
        this.#alarms.set(alarm.id, {
          ...alarm,
          severity: rule.severity,
          threshold: rule.threshold,
        });
      }
    }
  }

  /** Removes a rule; its alarms are cleared. */
  removeRule(id: string, nowMs: number): void {
    const rule = this.#rules.get(id);
    if (rule === undefined) return;
    this.#rules.delete(id);
    this.#tracks.delete(rule);
    this.#index();
    for (const alarm of this.alarms()) {
      if (alarm.ruleId !== id) continue;
      if (alarm.state === 'raised') this.#clear(alarm, nowMs);
      else if (alarm.state === 'pending') this.#alarms.delete(alarm.id);
    }
  }

  /** Judges one new sample by every rule of its metric. */
  judge(entry: SeriesEntry, timeMs: number, value: number): void {
    const rules = this.#rulesOfMetric.get(entry.metric);
    if (rules === undefined) return;
    for (const rule of rules) this.#step(this.#track(rule, entry), timeMs, value);
  }

  /** Judges what was stored while nobody judged, oldest first: after a restart. */
  replay(rule: AlarmRule, entry: SeriesEntry, { timesMs, values }: Columns): void {
    const track = this.#track(rule, entry);
    for (let at = 0; at < values.length; at += 1) {
      this.#step(track, timesMs[at] ?? 0, values[at] ?? Number.NaN);
    }
  }

  /** A series that went stale is unknown from now on: its pending alarms end, its raised ones stay. */
  noticeStale(nowMs: number): void {
    for (const tracks of this.#tracks.values()) {
      for (const track of tracks.values()) {
        if (track.phase.state === 'calm' || track.value === 'unknown') continue;
        if (freshnessOf(track.timeMs, intervalOf(track.entry), nowMs) === 'stale') {
          this.#advance(track, nowMs, 'unknown');
        }
      }
    }
  }

  /** Clears what was raised of a resource that is gone and whose series has fallen silent: nobody else ever would. */
  clearGone(isGone: (resource: string) => boolean, nowMs: number): void {
    for (const alarm of this.alarms()) {
      if (alarm.state !== 'raised' || alarm.value !== null || !isGone(alarm.resource)) continue;
      for (const tracks of this.#tracks.values()) {
        for (const track of tracks.values()) if (track.id === alarm.id) track.phase = calm;
      }
      this.#clear(alarm, nowMs);
    }
  }

  #index(): void {
    this.#rulesOfMetric = new Map();
    for (const rule of this.#rules.values()) {
      if (!rule.enabled) continue;
      const rules = this.#rulesOfMetric.get(rule.metric);
      if (rules === undefined) this.#rulesOfMetric.set(rule.metric, [rule]);
      else rules.push(rule);
    }
  }

  #track(rule: AlarmRule, entry: SeriesEntry): Track {
    let tracks = this.#tracks.get(rule);
    if (tracks === undefined) {
      tracks = new Map();
      this.#tracks.set(rule, tracks);
    }
    const known = tracks.get(entry);
    if (known !== undefined) return known;
    const id = alarmId(rule.id, entry);
    const kept = this.#alarms.get(id);
    const track: Track = {
      rule,
      entry,
      id,
      window: rule.windowMs > 0 ? new AveragingWindow(rule.windowMs) : undefined,
      phase:
        kept?.state === 'raised'
          ? {
              state: 'raised',
              sinceMs: kept.sinceMs,
              raisedAtMs: kept.raisedAtMs ?? kept.updatedAtMs,
              calmSinceMs: null,
            }
          : calm,
      timeMs: 0,
      value: 'unknown',
      before: undefined,
    };
    tracks.set(entry, track);
    return track;
  }

  #step(track: Track, timeMs: number, value: number): void {
    if (timeMs <= track.timeMs) return;
    track.timeMs = timeMs;
    const judged = track.window?.add(timeMs, value, intervalOf(track.entry)) ?? value;
    this.#advance(track, timeMs, judged);
  }

  #advance(track: Track, timeMs: number, value: number | 'unknown'): void {
    const { phase, transition } = advanceAlarm(track.phase, track.rule, timeMs, value);
    track.phase = phase;
    track.value = value;
    if (phase.state === 'calm' && transition === 'none') return;
    this.#show(track, timeMs, transition);
  }

  #show(track: Track, timeMs: number, transition: AlarmTransition): void {
    const { rule, entry, id, phase } = track;
    if (transition === 'ended-unraised') {
      if (track.before === undefined) this.#alarms.delete(id);
      else this.#alarms.set(id, track.before);
      return;
    }
    const known = this.#alarms.get(id);
    if (transition === 'began') track.before = known;
    const state = phase.state === 'calm' ? 'cleared' : phase.state;
    const alarm: Alarm = {
      id,
      ruleId: rule.id,
      resource: entry.resource,
      metric: entry.metric,
      labels: entry.labels,
      severity: rule.severity,
      state,
      value: track.value === 'unknown' ? null : track.value,
      threshold: rule.threshold,
      sinceMs: phase.state === 'calm' ? (known?.sinceMs ?? timeMs) : phase.sinceMs,
      raisedAtMs:
        phase.state === 'raised'
          ? phase.raisedAtMs
          : state === 'cleared'
            ? (known?.raisedAtMs ?? null)
            : null,
      clearedAtMs: state === 'cleared' ? timeMs : null,
      updatedAtMs: timeMs,
    };
    this.#alarms.set(id, alarm);
    if (transition === 'raised' || transition === 'cleared') this.#tell(alarm);
  }

  #clear(alarm: Alarm, nowMs: number): void {
    const cleared: Alarm = { ...alarm, state: 'cleared', clearedAtMs: nowMs, updatedAtMs: nowMs };
    this.#alarms.set(alarm.id, cleared);
    this.#tell(cleared);
  }

  #tell(alarm: Alarm): void {
    this.#log.info(
      { alarmId: alarm.id, ruleId: alarm.ruleId, resource: alarm.resource, value: alarm.value },
      `Alarm ${alarm.state}`,
    );
    this.#onChange(alarm);
  }
}
