/** Whether what a series last said still counts: `stale` past three intervals. */
export type Freshness = 'fresh' | 'stale';

/** A series that misses three of its readings is not seen any more. */
export const STALE_AFTER_INTERVALS = 3;

/** Interval taken for granted before a series has told or shown its own. */
export const ASSUMED_INTERVAL_MS = 10_000;

export function freshnessOf(
  newestMs: number,
  intervalMs: number | 'unknown',
  nowMs: number,
): Freshness {
  const interval = intervalMs === 'unknown' ? ASSUMED_INTERVAL_MS : intervalMs;
  return nowMs - newestMs > STALE_AFTER_INTERVALS * interval ? 'stale' : 'fresh';
}
