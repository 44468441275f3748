import type { ValueKind } from './wire.ts';

/** One data source of a type; bounds that are unbounded are `unbounded`. */
export interface DataSource {
  readonly name: string;
  readonly kind: ValueKind;
  readonly min: number | 'unbounded';
  readonly max: number | 'unbounded';
}

/** Data sources by type: the datagram carries only their order. */
export type TypesDb = ReadonlyMap<string, readonly DataSource[]>;

/** A line of a types.db that could not be read. */
export interface TypesDbFault {
  readonly line: number;
  readonly detail: string;
}

/** Reads the text of a types.db (types.db(5)); faulty lines are reported and passed over, later lines win. */
export function parseTypesDb(text: string): { types: TypesDb; faults: readonly TypesDbFault[] } {
  const types = new Map<string, readonly DataSource[]>();
  const faults: TypesDbFault[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [type = '', ...rest] = line.split(/[\s,]+/).filter((word) => word !== '');
    const sources = rest.map(parseDataSource);
    const bad = rest.find((_, at) => sources[at] === undefined);
    if (rest.length === 0)
      faults.push({ line: index + 1, detail: `${type.slice(0, 80)} has no data source` });
    else if (bad !== undefined) {
      faults.push({ line: index + 1, detail: `${bad.slice(0, 80)} is no data source` });
    } else
      types.set(
        type,
        sources.flatMap((source) => (source === undefined ? [] : [source])),
      );
  }
  return { types, faults };
}

function parseDataSource(text: string): DataSource | undefined {
  const parts = text.split(':');
  const [name = '', kindText = '', minText = '', maxText = ''] = parts;
  const kind = kindNamed(kindText);
  const min = bound(minText);
  const max = bound(maxText);
  if (parts.length !== 4 || name === '' || kind === undefined) return undefined;
  return min === undefined || max === undefined ? undefined : { name, kind, min, max };
}

function kindNamed(text: string): ValueKind | undefined {
  switch (text.toUpperCase()) {
    case 'COUNTER':
      return 'counter';
    case 'GAUGE':
      return 'gauge';
    case 'DERIVE':
      return 'derive';
    case 'ABSOLUTE':
      return 'absolute';
    default:
      return undefined;
  }
}

function bound(text: string): number | 'unbounded' | undefined {
  if (text === 'U') return 'unbounded';
  const value = Number(text);
  return text !== '' && Number.isFinite(value) ? value : undefined;
}

/** Name of a value's data source: from types.db; else `value` when it is the only one, else its index. */
export function dataSourceName(types: TypesDb, type: string, index: number, count: number): string {
  const sources = types.get(type);
  if (sources?.length === count) return sources[index]?.name ?? String(index);
  return count === 1 ? 'value' : String(index);
}
