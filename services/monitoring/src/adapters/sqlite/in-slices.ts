import type { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
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
 * Does something to each item, each slice in a transaction of its own, and rests as long after it: a fleet has so many series
 * that all at once would take seconds, and what cannot wait has its turn, and half of a core, in between. Ends early once
 * `isOver`. `kept` is told each item once its slice is committed: what memory forgets because the file has it belongs there,
 * as a slice may be rolled back.
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
    const beganMs = limits.clock();
    transaction(db, () => {
      const endMs = beganMs + limits.ms;
      for (const item of slice) {
        work(item);
        done += 1;
        if (limits.clock() >= endMs) break;
      }
    });
    if (kept !== undefined) for (const item of slice.slice(0, done)) kept(item);
    at += done;
    await restAfter(limits.clock() - beganMs);
  }
}

const restAfter = (tookMs: number): Promise<void> => (tookMs < 1 ? nextTurn() : delay(tookMs));

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
