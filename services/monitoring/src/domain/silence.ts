import type { AlarmSeverity } from './alarm-rule.ts';

/** Which alarms are meant; every named property has to be equal. */
export interface AlarmMatcher {
  readonly resource?: string;
  readonly ruleId?: string;
  readonly metric?: string;
  readonly severity?: AlarmSeverity;
}

/** An operator's word that some alarms are to be told to nobody for a time; they are judged and shown all the same. */
export interface Silence {
  readonly id: string;
  readonly matcher: AlarmMatcher;
  readonly author: string;
  readonly comment: string;
  readonly startsAtMs: number;
  readonly expiresAtMs: number;
}

type Matched = Required<AlarmMatcher>;

const matches = (matcher: AlarmMatcher, alarm: Matched): boolean =>
  (['resource', 'ruleId', 'metric', 'severity'] as const).every(
    (name) => matcher[name] === undefined || matcher[name] === alarm[name],
  );

export const isActive = ({ startsAtMs, expiresAtMs }: Silence, nowMs: number): boolean =>
  startsAtMs <= nowMs && nowMs < expiresAtMs;

/** The silences that cover an alarm now. */
export const silencesOf = (
  alarm: Matched,
  silences: readonly Silence[],
  nowMs: number,
): Silence[] =>
  silences.filter((silence) => isActive(silence, nowMs) && matches(silence.matcher, alarm));
