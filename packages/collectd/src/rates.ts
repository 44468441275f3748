import { kindCode, TWO_POW_32 } from './wire.ts';

/** The last reading of a counter, derive or absolute, exact in two halves. */
export interface IntegerReading {
  timeMs: number;
  /** Upper 32 bits, signed as in a derive. */
  high: number;
  low: number;
}

/** A rate per second, or why there is none between two readings. */
export type Rate =
  | { readonly kind: 'rate'; readonly perSecond: number }
  | { readonly kind: 'none'; readonly reason: 'not-newer' | 'reset' };

const NOT_NEWER: Rate = { kind: 'none', reason: 'not-newer' };
const RESET: Rate = { kind: 'none', reason: 'reset' };

const TWO_POW_31 = TWO_POW_32 / 2;

/**
 * Rate between two readings of an integer of the wire. The difference is taken before it becomes a floating number, so that values
 * beyond 2^53 lose nothing. A counter that fell by more than half its range wrapped (at 2^32 when it was below, else at 2^64);
 * any other fall is a reset, and a reset has no rate. An absolute counts since the reading before.
 */
export function rateBetween(
  kind: number,
  previous: IntegerReading,
  high: number,
  low: number,
  timeMs: number,
): Rate {
  const seconds = (timeMs - previous.timeMs) / 1000;
  if (!(seconds > 0)) return NOT_NEWER;
  if (kind === kindCode.absolute) {
    return { kind: 'rate', perSecond: ((high >>> 0) * TWO_POW_32 + low) / seconds };
  }
  if (kind === kindCode.derive) {
    const change = (high - previous.high) * TWO_POW_32 + (low - previous.low);
    // A derive with minimum 0 is what hosts report; one that fell was restarted.
    return change < 0 ? RESET : { kind: 'rate', perSecond: change / seconds };
  }
  const upper = high >>> 0;
  const upperBefore = previous.high >>> 0;
  const change = (upper - upperBefore) * TWO_POW_32 + (low - previous.low);
  if (change >= 0) return { kind: 'rate', perSecond: change / seconds };
  if (upperBefore === 0) {
    const wrapped = change + TWO_POW_32;
    return wrapped < TWO_POW_31 ? { kind: 'rate', perSecond: wrapped / seconds } : RESET;
  }
  const wrapped = (upper - upperBefore + TWO_POW_32) * TWO_POW_32 + (low - previous.low);
  return wrapped < TWO_POW_31 * TWO_POW_32 ? { kind: 'rate', perSecond: wrapped / seconds } : RESET;
}
