/** A time as the API tells it. */
export const timestamp = (timeMs: number): string => new Date(timeMs).toISOString();

export const timestampOrNull = (timeMs: number | null | undefined): string | null =>
  timeMs === null || timeMs === undefined ? null : timestamp(timeMs);
