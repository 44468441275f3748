import { type AlarmRule, isBreach, isCalm } from './alarm-rule.ts';

/** Where a condition stands; times are those of the samples. */
export type AlarmPhase =
  | { readonly state: 'calm' }
  | { readonly state: 'pending'; readonly sinceMs: number }
  | {
      readonly state: 'raised';
      readonly sinceMs: number;
      readonly raisedAtMs: number;
      /** Since when it has been calm without a break; null while it is not. */
      readonly calmSinceMs: number | null;
    };

/** What a judged value did. */
export type AlarmTransition = 'none' | 'began' | 'ended-unraised' | 'raised' | 'cleared';

export interface AlarmStep {
  readonly phase: AlarmPhase;
  readonly transition: AlarmTransition;
}

export const calm: AlarmPhase = { state: 'calm' };

/**
 * The next phase after a value at a time. `unknown` (a stale series, a window with gaps) neither raises nor clears:
 * a breach that was not seen cannot be said to have lasted, and silence is no calm.
 */
export function advanceAlarm(
  phase: AlarmPhase,
  rule: AlarmRule,
  timeMs: number,
  value: number | 'unknown',
): AlarmStep {
  switch (phase.state) {
    case 'calm':
      return value !== 'unknown' && isBreach(rule, value)
        ? breached(timeMs, rule, timeMs)
        : { phase, transition: 'none' };
    case 'pending':
      if (value === 'unknown' || !isBreach(rule, value)) {
        return { phase: calm, transition: 'ended-unraised' };
      }
      return breached(phase.sinceMs, rule, timeMs, phase);
    case 'raised':
      return settle(phase, rule, timeMs, value);
  }
}

function breached(
  sinceMs: number,
  rule: AlarmRule,
  timeMs: number,
  before?: AlarmPhase,
): AlarmStep {
  if (timeMs - sinceMs >= rule.forMs) {
    const phase = { state: 'raised', sinceMs, raisedAtMs: timeMs, calmSinceMs: null } as const;
    return { phase, transition: 'raised' };
  }
  if (before !== undefined) return { phase: before, transition: 'none' };
  return { phase: { state: 'pending', sinceMs }, transition: 'began' };
}

function settle(
  phase: Extract<AlarmPhase, { state: 'raised' }>,
  rule: AlarmRule,
  timeMs: number,
  value: number | 'unknown',
): AlarmStep {
  if (value === 'unknown' || !isCalm(rule, value)) {
    if (phase.calmSinceMs === null) return { phase, transition: 'none' };
    return { phase: { ...phase, calmSinceMs: null }, transition: 'none' };
  }
  const calmSinceMs = phase.calmSinceMs ?? timeMs;
  if (timeMs - calmSinceMs >= rule.clearForMs) return { phase: calm, transition: 'cleared' };
  return phase.calmSinceMs === null
    ? { phase: { ...phase, calmSinceMs }, transition: 'none' }
    : { phase, transition: 'none' };
}
