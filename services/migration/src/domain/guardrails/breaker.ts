import type { GuardrailLimits } from './limits.ts';
import { byEnd, type Move } from './moves.ts';

export type Breaker =
  | { state: 'closed'; failures: number; of: number }
  /** Nothing moves until then. */
  | { state: 'open'; sinceMs: number; untilMs: number }
  /** One move is tried; `trial` is its operation's id while it runs. */
  | { state: 'half-open'; sinceMs: number; trial: string | null };

/**
 * The breaker as the moves that ended, and the operators that closed it, have left it. While it is open only a move that
 * was let through after the cool time can close it; a failure opens it anew.
 */
export function breakerAt(
  moves: readonly Move[],
  closedByHandAtMs: readonly number[],
  { failures, ofLast, coolMs }: GuardrailLimits['breaker'],
  nowMs: number,
): Breaker {
  let openSinceMs: number | null = null;
  let recent: boolean[] = [];
  const ends = byEnd(
    moves.filter(({ result }) => result === 'completed' || result === 'failed'),
  ).map(({ endedAtMs, takenAtMs, result }) => ({ atMs: endedAtMs, takenAtMs, ended: result }));
  const closures = closedByHandAtMs.map((atMs) => ({ atMs, takenAtMs: atMs, ended: null }));
  for (const { atMs, takenAtMs, ended } of [...ends, ...closures].toSorted(
    (a, b) => a.atMs - b.atMs,
  )) {
    if (atMs > nowMs) break;
    const failed = ended === 'failed';
    if (ended === null) {
      openSinceMs = null;
      recent = [];
    } else if (openSinceMs === null) {
      recent.push(failed);
      if (recent.length > ofLast) recent.shift();
      if (failed && recent.filter(Boolean).length >= failures) openSinceMs = atMs;
    } else if (failed) {
      openSinceMs = atMs;
    } else if (takenAtMs >= openSinceMs + coolMs) {
      openSinceMs = null;
      recent = [];
    }
  }
  if (openSinceMs === null) {
    return { state: 'closed', failures: recent.filter(Boolean).length, of: recent.length };
  }
  const untilMs = openSinceMs + coolMs;
  if (nowMs < untilMs) return { state: 'open', sinceMs: openSinceMs, untilMs };
  const trial = moves.find(({ result, takenAtMs }) => result === 'live' && takenAtMs >= untilMs);
  return { state: 'half-open', sinceMs: openSinceMs, trial: trial?.operationId ?? null };
}
