import type { StoreLimits } from '../../ports/series-store.ts';

/** Which InfluxDB: 1.x, 2.x or 3 Core. */
export type InfluxGeneration = '1' | '2' | '3';

export const influxGenerations = ['1', '2', '3'] as const satisfies readonly InfluxGeneration[];

const HOUR_MS = 3_600_000;

/** What an InfluxDB can do of what Monitoring needs. */
export interface InfluxManners {
  readonly name: string;
  /** Databases are made by a statement; else they have to be there, or are made by the first write. */
  readonly createsDatabases: boolean;
  /** Old samples are deleted by a statement; else by a retention that is set where the database is made. */
  readonly deletes: boolean;
  /** The newest sample of a series is looked for so far back at most; undefined: however old it is. */
  readonly newestWithinMs: number | undefined;
  readonly limits: StoreLimits;
}

export const mannersOf: Readonly<Record<InfluxGeneration, InfluxManners>> = {
  '1': {
    name: 'InfluxDB 1.x',
    createsDatabases: true,
    deletes: true,
    newestWithinMs: undefined,
    limits: { querySpanMs: undefined, notes: ['a body of up to 25 MB is taken (max-body-size)'] },
  },
  '2': {
    name: 'InfluxDB 2.x',
    createsDatabases: false,
    deletes: true,
    newestWithinMs: undefined,
    limits: {
      querySpanMs: undefined,
      notes: ['the bucket has to be there, and a DBRP mapping with the database’s name'],
    },
  },
  '3': {
    name: 'InfluxDB 3 Core',
    createsDatabases: false,
    deletes: false,
    newestWithinMs: 24 * HOUR_MS,
    limits: {
      // 432 files (query-file-limit) of 10 minutes each; fewer hours where data of one stretch came in several times.
      querySpanMs: 72 * HOUR_MS,
      notes: [
        'a query reads 432 files (query-file-limit): 72 hours at most',
        'nothing is deleted: set the retention where the database is made',
        'a restart knows only series of the last 24 hours',
        'at most 500 columns a table, 2000 tables, 5 databases',
      ],
    },
  },
};
