import type { HostId } from '@sidestep/fleet';
import type { MoveIntent } from './operation.ts';

/** A migration record of the cloud, as far as a move is concerned. */
export type MoveRecord = {
  id: number;
  /** Nova's: accepted, preparing, running, completed, error, failed, cancelled, … */
  status: string;
  /** Null until the cloud has settled on one. */
  to: HostId | null;
  memoryTotalBytes: number | null;
  memoryProcessedBytes: number | null;
  memoryRemainingBytes: number | null;
};

/** Records in these states change no more. */
const terminal: ReadonlySet<string> = new Set(['completed', 'error', 'failed', 'cancelled']);

/** Does a migration record in this status change no more? */
export const isTerminalRecord = (status: string): boolean => terminal.has(status);

export type OwnMove =
  | { kind: 'none' }
  | { kind: 'elsewhere'; record: MoveRecord }
  | { kind: 'running'; record: MoveRecord }
  | { kind: 'ended'; record: MoveRecord };

/**
 * Finds the record of the move that was asked for: the first that was not there before. One that leads to another host
 * is somebody else's. Times are not compared: our clock is not the cloud's.
 */
export function ownMove(records: readonly MoveRecord[], intent: MoveIntent, to: HostId): OwnMove {
  const newer = records
    .filter(({ id }) => !intent.knownMigrationIds.includes(id))
    .toSorted((a, b) => a.id - b.id);
  const record = newer.find((each) => each.to === to || each.to === null) ?? newer[0];
  if (record === undefined) return { kind: 'none' };
  if (record.to !== null && record.to !== to) return { kind: 'elsewhere', record };
  return { kind: isTerminalRecord(record.status) ? 'ended' : 'running', record };
}

/** The oldest live migration asked for since the intent; `ids` newest first, as Nova lists them. */
export function ownRequestId(ids: readonly string[], intent: MoveIntent): string | null {
  return ids.filter((id) => !intent.knownRequestIds.includes(id)).at(-1) ?? null;
}
