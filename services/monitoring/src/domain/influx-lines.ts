/** One point of InfluxDB's line protocol; only its numeric fields (booleans as 0 and 1). */
export interface LinePoint {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly fields: Readonly<Record<string, number>>;
  /** Undefined: the receiver's time. */
  readonly timeMs: number | undefined;
}

export type LinePrecision = 'ns' | 'n' | 'us' | 'u' | 'ms' | 's';

/** The points of a text, or the number of the first line that is none. */
export type ParsedLines =
  | { readonly ok: true; readonly points: readonly LinePoint[] }
  | { readonly ok: false; readonly line: number; readonly detail: string };

const perMs: Readonly<Record<LinePrecision, number>> = {
  ns: 1e6,
  n: 1e6,
  us: 1e3,
  u: 1e3,
  ms: 1,
  s: 1e-3,
};

/** The furthest that a date can be from the epoch (ECMAScript's time value). */
const MAX_TIME_MS = 8.64e15;

/** Reads line protocol (InfluxDB 1.x and 2.x); throws nothing, whatever the text. */
export function parseInfluxLines(text: string, precision: LinePrecision): ParsedLines {
  const points: LinePoint[] = [];
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.trim() === '' || line.startsWith('#')) continue;
    const point = parseLine(line, precision);
    if (typeof point === 'string') return { ok: false, line: at + 1, detail: point };
    points.push(point);
  }
  return { ok: true, points };
}

function parseLine(line: string, precision: LinePrecision): LinePoint | string {
  const headEnd = endOf(line, 0, ' ');
  const nameEnd = Math.min(headEnd, endOf(line, 0, ','));
  if (nameEnd === 0) return 'has no measurement';
  if (headEnd + 1 >= line.length) return 'has no field';
  const tags = tagsIn(line, nameEnd, headEnd);
  if (typeof tags === 'string') return tags;
  const read = fieldsIn(line, headEnd + 1);
  if (typeof read === 'string') return read;
  const time = line.slice(read.end + 1);
  if (time.includes(' ')) return 'has too many parts';
  if (time !== '' && !/^-?\d{1,20}$/.test(time)) return 'has a time that is no whole number';
  const timeMs = time === '' ? undefined : Math.floor(Number(time) / perMs[precision]);
  if (timeMs !== undefined && Math.abs(timeMs) > MAX_TIME_MS) return 'has a time out of all reach';
  return { measurement: unescaped(line.slice(0, nameEnd)), tags, fields: read.fields, timeMs };
}

function tagsIn(line: string, start: number, end: number): Record<string, string> | string {
  // Without a prototype: names such as __proto__ are names like others.
  const tags: Record<string, string> = Object.create(null);
  for (let at = start; at < end; ) {
    const next = Math.min(end, endOf(line, at + 1, ','));
    const equals = endOf(line, at + 1, '=');
    const [key, value] = [line.slice(at + 1, equals), line.slice(equals + 1, next)];
    if (key === '' || equals >= next || value === '' || endOf(value, 0, '=') < value.length) {
      return 'has a tag without key or value';
    }
    tags[unescaped(key)] = unescaped(value);
    at = next;
  }
  return tags;
}

/** Quotes mean something where a field's value begins, and nowhere else: a rack named 5" is a name like others. */
function fieldsIn(
  line: string,
  start: number,
): { fields: Record<string, number>; end: number } | string {
  const fields: Record<string, number> = Object.create(null);
  for (let at = start; ; ) {
    const equals = endOf(line, at, '=, ');
    if (line[equals] !== '=' || equals === at) return 'has a field without key or value';
    const quoted = line[equals + 1] === '"';
    const end = endOf(line, quoted ? endOf(line, equals + 2, '"') : equals + 1, ', =');
    const number = fieldValue(line.slice(equals + 1, end));
    if (number === undefined || line[end] === '=') return 'has a field that is no value';
    if (number !== 'text') fields[unescaped(line.slice(at, equals))] = number;
    if (line[end] !== ',') return { fields, end };
    at = end + 1;
  }
}

function fieldValue(text: string): number | 'text' | undefined {
  if (/^"(?:[^"\\]|\\.)*"$/s.test(text)) return 'text';
  if (/^(t|T|true|True|TRUE)$/.test(text)) return 1;
  if (/^(f|F|false|False|FALSE)$/.test(text)) return 0;
  const [, number] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[iu]?$/.exec(text) ?? [];
  const value = Number(number);
  return number !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Where the first of some characters stands that is not escaped; the text's end where none does. */
function endOf(text: string, from: number, characters: string): number {
  let at = from;
  while (at < text.length && !characters.includes(text.charAt(at))) {
    at += text[at] === '\\' ? 2 : 1;
  }
  return Math.min(at, text.length);
}

const unescaped = (text: string): string => text.replaceAll(/\\([,= \\])/g, '$1');
