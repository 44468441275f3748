import type { Interval } from '@sidestep/forecast';

/** A live migration that Sidestep carried out or carries out. */
export type OwnMove = {
  sourceHostId: string;
  destinationHostId: string;
  startedAtMs: number;
  /** Null while it runs. */
  endedAtMs: number | null;
};

/**
 * What must teach nothing, by host: each move at its source and its destination. The model library widens each
 * interval by the horizon on both sides, so that neither inputs nor outcomes of the cure are learnt.
 */
export const censoredBy = (
  moves: readonly OwnMove[],
  nowMs: number,
): Record<string, readonly Interval[]> => {
  const censored: Record<string, Interval[]> = {};
  for (const move of moves)
    for (const hostId of new Set([move.sourceHostId, move.destinationHostId])) {
      const intervals = censored[hostId] ?? [];
      intervals.push({ fromMs: move.startedAtMs, toMs: move.endedAtMs ?? nowMs });
      censored[hostId] = intervals;
    }
  return censored;
};

/** Whether a moment lies within reach of one of the intervals. */
export const isTouched = (
  intervals: readonly Interval[] | undefined,
  atMs: number,
  reachMs: number,
): boolean =>
  (intervals ?? []).some(({ fromMs, toMs }) => atMs + reachMs >= fromMs && atMs - reachMs <= toMs);
