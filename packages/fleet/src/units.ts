/** A measured or predicted value that may be missing: missing is never 0. */
export type Known<T> = T | 'unknown';

export function isKnown<T>(value: Known<T>): value is Exclude<T, 'unknown'> {
  return value !== 'unknown';
}
