import type { Log } from '@sidestep/service-kit';
import type { Columns } from '../domain/aggregates.ts';
import {
  type AlarmPhase,
  type AlarmTransition,
  advanceAlarm,
  calm,
} from '../domain/alarm-machine.ts';
import {
  type AlarmMode,
  type AlarmRule,
  type AlarmSeverity,
  alarmId,
  isAbout,
  metricsOf,
  modeOf,
} from '../domain/alarm-rule.ts';
import { freshnessOf, STALE_AFTER_INTERVALS } from '../domain/freshness.ts';
import { SlidingWindow } from '../domain/sliding-window.ts';
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
  readonly mode?: AlarmMode;
  /** What was measured for it; absent on alarms of before: the metric. */
  readonly metrics?: readonly string[];
  /** Its severity when it was raised: who was told of that is told of its end, though its rule is another by then. */
  readonly raisedSeverity?: AlarmSeverity;
  /** When it was raised lately, oldest first: what flapping is told by. */
  readonly raisesMs?: readonly number[];
}

/** Raised so often within the time, an alarm flaps. */
export const FLAPPING_RAISES = 4;
export const FLAPPING_WITHIN_MS = 1_800_000;

/** Whether an alarm comes and goes so often that each coming tells little. */
export const isFlapping = ({ raisesMs = [] }: Alarm, nowMs: number): boolean =>
  raisesMs.filter((timeMs) => nowMs - timeMs < FLAPPING_WITHIN_MS).length >= FLAPPING_RAISES;

/** Told of each alarm that was raised or cleared. */
export type AlarmListener = (alarm: Alarm) => void;

/** One rule on one condition: a series, or those that differ only by the model that wrote them. */
interface Track {
  readonly rule: AlarmRule;
  /** The series that was judged last. */
  entry: SeriesEntry;
  readonly id: string;
  readonly window: SlidingWindow | undefined;
  /** Samples up to here made the alarm what it was kept as: judged once more, old calm would clear it. */
  readonly judgedUntilMs: number;
  phase: AlarmPhase;
  timeMs: number;
  value: number | 'unknown';
  /** What is shown again should the breach that is pending now come to nothing. */
  before: Alarm | undefined;
}

interface Tracks {
  readonly byEntry: Map<SeriesEntry, Track | 'not-about-it'>;
  readonly byId: Map<string, Track>;
}

/** Judges samples by the rules as they arrive, and holds the alarms that come of it. */
export class AlarmDesk {
  readonly #onChange: AlarmListener;
  readonly #log: Log;
  #rules = new Map<string, AlarmRule>();
  #rulesOfMetric = new Map<string, AlarmRule[]>();
  #revision = 0;
  readonly #tracks = new Map<AlarmRule, Tracks>();
  readonly #alarms = new Map<string, Alarm>();

  constructor(onChange: AlarmListener, log: Log) {
    this.#onChange = onChange;
    this.#log = log;
  }

  /** Another number whenever the rules are others. */
  get revision(): number {
    return this.#revision;
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
    for (const rule of rules) this.#step(this.#track(rule, entry), entry, timeMs, value);
  }

  /** Judges what was stored while nobody judged, oldest first: after a restart. */
  replay(rule: AlarmRule, entry: SeriesEntry, { timesMs, values }: Columns): void {
    const track = this.#track(rule, entry);
    if (track === 'not-about-it') return;
    const silentMs = STALE_AFTER_INTERVALS * usualStepMs(timesMs);
    for (let at = 0; at < values.length; at += 1) {
      const timeMs = timesMs[at] ?? 0;
      const staleMs = track.timeMs + silentMs;
      const fellSilent = timeMs > staleMs && staleMs > track.judgedUntilMs;
      if (fellSilent && track.phase.state !== 'calm') this.#advance(track, staleMs, 'unknown');
      this.#step(track, entry, timeMs, values[at] ?? Number.NaN);
    }
  }

  /** A series that went stale is unknown from now on: its pending alarms end, its raised ones stay. */
  noticeStale(nowMs: number): void {
    for (const tracks of this.#tracks.values()) {
      for (const track of tracks.byId.values()) {
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
        const track = tracks.byId.get(alarm.id);
        if (track !== undefined) track.phase = calm;
      }
      this.#clear(alarm, nowMs);
    }
  }

  #index(): void {
    this.#revision += 1;
    this.#rulesOfMetric = new Map();
    for (const rule of this.#rules.values()) {
      if (!rule.enabled) continue;
      const rules = this.#rulesOfMetric.get(rule.metric);
      if (rules === undefined) this.#rulesOfMetric.set(rule.metric, [rule]);
      else rules.push(rule);
    }
  }

  #track(rule: AlarmRule, entry: SeriesEntry): Track | 'not-about-it' {
    let tracks = this.#tracks.get(rule);
    if (tracks === undefined) {
      tracks = { byEntry: new Map(), byId: new Map() };
      this.#tracks.set(rule, tracks);
    }
    const known = tracks.byEntry.get(entry);
    if (known !== undefined) return known;
    const track = isAbout(rule, entry.labels) ? this.#trackOf(tracks, rule, entry) : 'not-about-it';
    tracks.byEntry.set(entry, track);
    return track;
  }

  #trackOf(tracks: Tracks, rule: AlarmRule, entry: SeriesEntry): Track {
    const id = alarmId(rule.id, entry);
    const known = tracks.byId.get(id);
    if (known !== undefined) return known;
    const kept = this.#alarms.get(id);
    const track: Track = {
      rule,
      entry,
      id,
      window: rule.windowMs > 0 ? new SlidingWindow(rule.windowMs, rule.aggregate) : undefined,
      judgedUntilMs: kept?.updatedAtMs ?? 0,
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
    tracks.byId.set(id, track);
    return track;
  }

  #step(track: Track | 'not-about-it', entry: SeriesEntry, timeMs: number, value: number): void {
    if (track === 'not-about-it' || timeMs <= track.timeMs) return;
    track.entry = entry;
    track.timeMs = timeMs;
    const judged = track.window?.add(timeMs, value, intervalOf(track.entry)) ?? value;
    if (timeMs > track.judgedUntilMs) this.#advance(track, timeMs, judged);
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
      labels: rule.labels === undefined ? entry.labels : { ...entry.labels, ...rule.labels },
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
      mode: modeOf(rule),
      metrics: metricsOf(rule),
      raisedSeverity:
        transition === 'raised' ? rule.severity : (known?.raisedSeverity ?? rule.severity),
      raisesMs: [...(known?.raisesMs ?? []), ...(transition === 'raised' ? [timeMs] : [])].slice(
        -FLAPPING_RAISES,
      ),
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

/** The step at which samples come mostly: the median of the first. */
function usualStepMs(timesMs: ArrayLike<number>): number {
  const steps = [];
  for (let at = 1; at < Math.min(timesMs.length, 100); at += 1) {
    steps.push((timesMs[at] ?? 0) - (timesMs[at - 1] ?? 0));
  }
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}
