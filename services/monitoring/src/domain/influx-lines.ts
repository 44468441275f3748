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
  const [head = '', fieldText = '', time = '', ...rest] = cut(line, ' ', true);
  if (rest.length > 0) return 'has too many parts';
  const [name = '', ...tagTexts] = cut(head, ',', false);
  if (name === '') return 'has no measurement';
  if (fieldText === '') return 'has no field';
  // Without a prototype: names such as __proto__ are names like others.
  const tags: Record<string, string> = Object.create(null);
  for (const tag of tagTexts) {
    const [key = '', value = '', ...more] = cut(tag, '=', false);
    if (key === '' || value === '' || more.length > 0) return 'has a tag without key or value';
    tags[unescaped(key)] = unescaped(value);
  }
  const fields: Record<string, number> = Object.create(null);
  for (const field of cut(fieldText, ',', true)) {
    const [key = '', value = '', ...more] = cut(field, '=', true);
    if (key === '' || more.length > 0) return 'has a field without key or value';
    const number = fieldValue(value);
    if (number === undefined) return 'has a field that is no value';
    if (number !== 'text') fields[unescaped(key)] = number;
  }
  if (time !== '' && !/^-?\d{1,20}$/.test(time)) return 'has a time that is no whole number';
  const timeMs = time === '' ? undefined : Math.floor(Number(time) / perMs[precision]);
  return { measurement: unescaped(name), tags, fields, timeMs };
}

function fieldValue(text: string): number | 'text' | undefined {
  if (/^"(?:[^"\\]|\\.)*"$/s.test(text)) return 'text';
  if (/^(t|T|true|True|TRUE)$/.test(text)) return 1;
  if (/^(f|F|false|False|FALSE)$/.test(text)) return 0;
  const [, number] = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[iu]?$/.exec(text) ?? [];
  const value = Number(number);
  return number !== undefined && Number.isFinite(value) ? value : undefined;
}

/** Cuts at a character that is neither escaped nor, where texts may stand, within quotes. */
function cut(text: string, at: ' ' | ',' | '=', quotes: boolean): string[] {
  const parts: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\') index += 1;
    else if (quotes && character === '"') quoted = !quoted;
    else if (character === at && !quoted) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

const unescaped = (text: string): string => text.replaceAll(/\\([,= \\])/g, '$1');
