import type { SampleBatch } from '../domain/series.ts';

/** Samples that were lost: how many, and of which time (ms since the epoch). */
export interface Gap {
  readonly samples: number;
  readonly fromMs: number;
  readonly toMs: number;
  /** Default: the store was away for too long. */
  readonly cause?: 'killed' | 'store-away';
}

/** Batches that wait outside of memory, first in, first out, within a bound. */
export interface Spool {
  /** Samples that wait. */
  readonly samples: number;
  /** Keeps a batch; `lost` is told what had to go for it, oldest first. Throws when it cannot be kept. */
  push(batch: SampleBatch, lost: (gap: Gap) => void): void;
  /** The batch that has waited longest; one that cannot be read any more is given as a gap. */
  oldest(): SampleBatch | Gap | undefined;
  /** Forgets it: it was stored, or is lost. */
  dropOldest(): void;
}

/** How much a batch holds, and of which time. */
export function extentOf(batch: SampleBatch): Gap {
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = 0; at < batch.length; at += 1) {
    fromMs = Math.min(fromMs, batch.timeMs(at));
    toMs = Math.max(toMs, batch.timeMs(at));
  }
  return { samples: batch.length, fromMs, toMs };
}
