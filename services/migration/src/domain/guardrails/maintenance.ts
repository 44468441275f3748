import type { HostId } from '@sidestep/fleet';
import { dayMs } from './limits.ts';

export const weekDays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
export type WeekDay = (typeof weekDays)[number];

/** When a window is: once, or each week on some days from a minute of the day (UTC). */
export type WindowTimes =
  | { kind: 'once'; fromMs: number; untilMs: number }
  | {
      kind: 'weekly';
      days: readonly WeekDay[];
      /** Minutes after midnight, UTC. */
      fromMinute: number;
      /** A day at most. */
      durationMinutes: number;
    };

/** A time in which a host, or every host, is left alone. */
export type MaintenanceWindow = {
  id: string;
  /** Null: every host. */
  hostId: HostId | null;
  times: WindowTimes;
  reason: string;
  createdAtMs: number;
  createdBy: string;
};

/** The end of the window's time that runs now, milliseconds since the epoch; null when none runs. */
export function runsUntilMs({ times }: MaintenanceWindow, nowMs: number): number | null {
  if (times.kind === 'once') {
    return nowMs >= times.fromMs && nowMs < times.untilMs ? times.untilMs : null;
  }
  const midnightMs = Math.floor(nowMs / dayMs) * dayMs;
  const ends = [midnightMs, midnightMs - dayMs].flatMap((startOfDayMs) => {
    const day = weekDays[new Date(startOfDayMs).getUTCDay()];
    const fromMs = startOfDayMs + times.fromMinute * 60_000;
    const untilMs = fromMs + times.durationMinutes * 60_000;
    const runs =
      day !== undefined && times.days.includes(day) && nowMs >= fromMs && nowMs < untilMs;
    return runs ? [untilMs] : [];
  });
  return ends.length === 0 ? null : Math.max(...ends);
}

/** Can the window never run again? */
export function isOver({ times }: MaintenanceWindow, nowMs: number): boolean {
  return times.kind === 'once' && times.untilMs <= nowMs;
}

/** The window that leaves the host alone longest from now, if one does. */
export function windowOf(
  windows: readonly MaintenanceWindow[],
  hostId: HostId,
  nowMs: number,
): { window: MaintenanceWindow; untilMs: number } | undefined {
  return windows
    .filter((window) => window.hostId === null || window.hostId === hostId)
    .flatMap((window) => {
      const untilMs = runsUntilMs(window, nowMs);
      return untilMs === null ? [] : [{ window, untilMs }];
    })
    .toSorted((a, b) => b.untilMs - a.untilMs)[0];
}
