import { ProblemError } from '@sidestep/service-kit';
import type { SeriesStore } from '../ports/series-store.ts';

const HOUR_MS = 3_600_000;

/** Refuses a question about a longer time than the store can answer, and says how to narrow it. */
export function demandSpan(
  { limits }: Pick<SeriesStore, 'limits'>,
  fromMs: number,
  toMs: number,
): void {
  const most = limits?.querySpanMs;
  if (most === undefined || toMs - fromMs <= most) return;
  const hours = (ms: number): string => String(Math.ceil(ms / HOUR_MS));
  throw new ProblemError(
    'QUERY_TOO_LARGE',
    `${hours(toMs - fromMs)} hours are more than the ${hours(most)} that this store answers at once: ask for a shorter time, or for one stretch after another`,
  );
}
