import type { NovaMove } from './operation.ts';
import { isTerminalRecord, type MoveRecord } from './own-move.ts';

/** Nova's view of the move after a look at its record: what it tells, and when it last came nearer to its end. */
export function looked(nova: NovaMove, record: MoveRecord, atMs: number): NovaMove {
  const { id, status, to: _to, ...bytes } = record;
  // The history of migrations carries no counts: the last ones stay.
  const known = Object.fromEntries(Object.entries(bytes).filter(([, value]) => value !== null));
  const remaining = record.memoryRemainingBytes;
  const least = nova.leastRemainingBytes;
  const shrank = remaining !== null && (least === null || remaining < least);
  return {
    ...nova,
    ...known,
    migrationId: id,
    status,
    leastRemainingBytes: shrank ? remaining : least,
    advancedAtMs: shrank || status !== nova.status ? atMs : nova.advancedAtMs,
    endedAtMs: isTerminalRecord(status) ? (nova.endedAtMs ?? atMs) : null,
  };
}

/** Percent of the memory that need not be sent any more, 0–100; null before Nova has counted. */
export function copiedPercent({ status, ...nova }: NovaMove): number | null {
  if (status === 'completed') return 100;
  const { memoryTotalBytes: total, memoryRemainingBytes: remaining } = nova;
  if (total === null || remaining === null || total <= 0) return null;
  return Math.max(0, Math.min(100, (100 * (total - remaining)) / total));
}

/** What to do about a copy whose rest has not shrunk for a while. */
export type ConvergenceRule = {
  onNonConvergence: 'abort' | 'force' | 'wait';
  convergenceMs: number;
};

export type ConvergenceStep = 'go-on' | 'abort' | 'force';

/**
 * By the rule, for a copy that is watched since a time: one that was forced has stopped the guest, so it is given as long
 * again before it is aborted.
 */
export function convergenceStep(
  nova: NovaMove,
  rule: ConvergenceRule,
  watchedSinceMs: number,
  atMs: number,
): ConvergenceStep {
  const copies = nova.status === 'running' && nova.leastRemainingBytes !== null;
  if (!copies || rule.onNonConvergence === 'wait') return 'go-on';
  const sinceMs = Math.max(nova.advancedAtMs, nova.forcedAtMs ?? 0, watchedSinceMs);
  if (atMs - sinceMs < rule.convergenceMs) return 'go-on';
  return rule.onNonConvergence === 'force' && nova.forcedAtMs === null ? 'force' : 'abort';
}
