import type { GapMethod } from './hop-plan.ts';

/** What has become of a hop's traffic since its member was taken out; times in ms since the epoch. */
export type Absence = {
  readonly fromMs: number;
  /** What the traffic does now: goes to the others, stops, or passes. */
  readonly traffic: Traffic;
  readonly sinceMs: number;
  readonly stoppedMs: number;
  readonly passedMs: number;
};

type Traffic = 'carried' | 'stopped' | 'passes';

/** The absence from now on; a hop that is left in another way than before is told apart from then on. */
export function takenOut(
  before: Absence | null,
  at: { readonly method: GapMethod; readonly carries: boolean; readonly nowMs: number },
): Absence {
  const { nowMs } = at;
  const told = before ?? { fromMs: nowMs, stoppedMs: 0, passedMs: 0 };
  const { stoppedMs, passedMs } = before === null ? told : counted(before, nowMs);
  return {
    fromMs: told.fromMs,
    traffic: at.carries ? trafficOf[at.method] : 'carried',
    sinceMs: nowMs,
    stoppedMs,
    passedMs,
  };
}

/** How long traffic was stopped, went past, and the member was out: all 0 for one that never left. */
export function endedAbsence(
  absence: Absence | null,
  nowMs: number,
): { readonly gapMs: number; readonly bypassMs: number; readonly outMs: number } {
  if (absence === null) return { gapMs: 0, bypassMs: 0, outMs: 0 };
  const { stoppedMs, passedMs } = counted(absence, nowMs);
  return { gapMs: stoppedMs, bypassMs: passedMs, outMs: Math.max(0, nowMs - absence.fromMs) };
}

const trafficOf = { 'others-carry': 'carried', holder: 'stopped', open: 'passes' } as const;

function counted({ traffic, sinceMs, stoppedMs, passedMs }: Absence, nowMs: number) {
  const lastedMs = Math.max(0, nowMs - sinceMs);
  return {
    stoppedMs: stoppedMs + (traffic === 'stopped' ? lastedMs : 0),
    passedMs: passedMs + (traffic === 'passes' ? lastedMs : 0),
  };
}
