import type { Clock } from '../clock.ts';

/** A clock that stands until it is moved. */
export type ManualClock = Clock & { advance(ms: number): void; set(ms: number): void };

export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let now = startMs;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    set: (ms) => {
      now = ms;
    },
  };
}
