import { ProblemError } from '@sidestep/service-kit';

/** Most samples or rollups that one answer may be made of. */
export const MAX_READS = 20_000_000;

/** Refuses a question whose answer would have too much to be read for, and says how to narrow it. */
export function demandReads(expected: number, what: 'samples' | 'rollups'): void {
  if (expected <= MAX_READS) return;
  throw new ProblemError(
    'QUERY_TOO_LARGE',
    `About ${Math.round(expected)} ${what} would be read, more than ${MAX_READS}: ask for fewer resources or a shorter time`,
  );
}
