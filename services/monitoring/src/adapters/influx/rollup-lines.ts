import type { Rollup, SeriesRollups } from '../../domain/rollup.ts';
import { escapeField, linePrefix } from './line-protocol.ts';
import { placeOf } from './metric-place.ts';

const PREFIX = 'rollup.';

/** What a rollup is made of, each a field `<field of the metric>.<name>`. */
export const ROLLUP_FIELDS = [
  'count',
  'mean',
  'min',
  'max',
  'last',
] as const satisfies readonly (keyof Rollup)[];

/** The table of the rollups of a step of another table's fields. */
export const rollupTable = (stepMs: number, table: string): string => `${PREFIX}${stepMs}.${table}`;

export const isRollupTable = (table: string): boolean => table.startsWith(PREFIX);

/** The step of a table of rollups; undefined of any other. */
export function stepOfRollup(table: string): number | undefined {
  const [, stepMs] = /^rollup\.(\d+)\./.exec(table) ?? [];
  return stepMs === undefined ? undefined : Number(stepMs);
}

/** One line for all rollups of a resource's fields that begin at one time. */
export function rollupLines(stepMs: number, rows: readonly SeriesRollups[]): string[] {
  const points = new Map<string, string>();
  for (const { series, rollups } of rows) {
    const place = placeOf(series.metric, Object.keys(series.labels).length > 0);
    const prefix = linePrefix(series, place, rollupTable(stepMs, place.table));
    for (const rollup of rollups) {
      const fields = ROLLUP_FIELDS.map(
        (name) => `${escapeField(`${place.field}.${name}`)}=${rollup[name]}`,
      ).join(',');
      const key = `${prefix}\n${rollup.startMs}`;
      const before = points.get(key);
      points.set(key, before === undefined ? fields : `${before},${fields}`);
    }
  }
  return [...points].map(([key, fields]) => {
    const [prefix, startMs] = key.split('\n');
    return `${prefix} ${fields} ${startMs}`;
  });
}
