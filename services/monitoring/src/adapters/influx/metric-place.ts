import { RAW_PREFIX } from '../../domain/series.ts';

/** Where the values of a metric stand in an InfluxDB: values that are measured together are fields of one point. */
export interface MetricPlace {
  /** The measurement (1.x, 2.x) or table (3). */
  readonly table: string;
  /** Of raw readings: plugin and instance, or device; a tag. */
  readonly part: string | undefined;
  readonly field: string;
}

/** The table of collectd's raw readings, which bear the tag `part` and no labels. */
export const RAW_TABLE = 'collectd';
/** Holds the metrics whose names cannot be taken apart and put together again; their fields are the whole names. */
const OTHER_TABLE = 'metric';
const JOINT = '___';
const MEMORY = 'memory_';
const RAW_FIELD_PARTS = 3;
/** The tags, and what 3 Core keeps for itself: no field may be called so. */
const RESERVED_FIELDS: ReadonlySet<string> = new Set(['time', 'resource', 'part', 'labels']);

/** Takes a metric's name apart; metricOf puts it together again, for every name. */
export function placeOf(metric: string, labelled: boolean): MetricPlace {
  const place = metric.startsWith(RAW_PREFIX) ? rawPlace(metric) : dottedPlace(metric);
  const fits = place !== undefined && !(place.part !== undefined && labelled);
  return fits ? place : { table: OTHER_TABLE, part: undefined, field: `.${metric}` };
}

/** The name of the metric whose values stand there. */
export function metricOf({ table, part, field }: MetricPlace): string {
  if (table === OTHER_TABLE) return field.slice(1);
  if (part === undefined) return `${table}.${field}`;
  return `${RAW_PREFIX}${part}${part === MEMORY ? '' : JOINT}${field}`;
}

/** `memory_free___value___gauge` is memory_ + free…; `eno1___if_octets___rx___derive` is eno1 + if_octets…. */
function rawPlace(metric: string): MetricPlace | undefined {
  const name = metric.slice(RAW_PREFIX.length);
  const parts = name.split(JOINT);
  if (name.startsWith(MEMORY) && parts.length === RAW_FIELD_PARTS) {
    return { table: RAW_TABLE, part: MEMORY, field: name.slice(MEMORY.length) };
  }
  if (parts.length <= RAW_FIELD_PARTS) return undefined;
  // Of a device its name; of anything else plugin and plugin instance.
  const partLength = parts.length > RAW_FIELD_PARTS + 1 ? 2 : 1;
  const part = parts.slice(0, partLength).join(JOINT);
  const field = parts.slice(partLength).join(JOINT);
  return part === '' || part === MEMORY || field === ''
    ? undefined
    : { table: RAW_TABLE, part, field };
}

function dottedPlace(metric: string): MetricPlace | undefined {
  const dot = metric.lastIndexOf('.');
  const [table, field] = [metric.slice(0, dot), metric.slice(dot + 1)];
  if (dot <= 0 || field === '' || RESERVED_FIELDS.has(field)) return undefined;
  const isTaken = table === RAW_TABLE || table === OTHER_TABLE || table.startsWith('rollup.');
  return isTaken ? undefined : { table, part: undefined, field };
}
