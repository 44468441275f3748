import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { transaction } from './schema.ts';

/** How long a slice may be. */
export interface SliceLimits {
  readonly items: number;
  /** Ended after the item that goes beyond it. */
  readonly ms: number;
  /** A clock that only goes forward, in ms. */
  readonly clock: () => number;
}

/**
 * Does something to each item, each slice in a transaction of its own, and lets sockets, requests and alarms have their turn in
 * between: a fleet has so many series that all at once would take seconds. Ends early once `isOver`. `kept` is told each item
 * once its slice is committed: what memory forgets because the file has it belongs there, as a slice may be rolled back.
 */
export async function inSlices<T>(
  db: DatabaseSync,
  items: readonly T[],
  limits: SliceLimits,
  isOver: () => boolean,
  work: (item: T) => void,
  kept?: (item: T) => void,
): Promise<void> {
  let at = 0;
  while (at < items.length && !isOver()) {
    const slice = items.slice(at, at + limits.items);
    let done = 0;
    transaction(db, () => {
      const endMs = limits.clock() + limits.ms;
      for (const item of slice) {
        work(item);
        done += 1;
        if (limits.clock() >= endMs) break;
      }
    });
    if (kept !== undefined) for (const item of slice.slice(0, done)) kept(item);
    at += done;
    await nextTurn();
  }
}

/** The time that a reading has before others have their turn: whoever asks for little is answered in one go. */
export function turnOf({ ms, clock }: Pick<SliceLimits, 'ms' | 'clock'>) {
  let endMs = clock() + ms;
  return {
    isOver: (): boolean => clock() >= endMs,
    next: async (): Promise<void> => {
      await nextTurn();
      endMs = clock() + ms;
    },
  };
}
