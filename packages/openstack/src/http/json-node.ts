/** A place in a JSON answer that hands out checked fields; what is missing or mistyped fails by the field's name. */
export type JsonNode = {
  readonly path: string;
  string(key: string): string;
  /** Absent or null reads as null. */
  nullableString(key: string): string | null;
  number(key: string): number;
  nullableNumber(key: string): number | null;
  boolean(key: string): boolean;
  /** ISO 8601 in UTC; OpenStack's times without offset are UTC. */
  time(key: string): string;
  nullableTime(key: string): string | null;
  object(key: string): JsonNode;
  /** Absent, null or of another type reads as null. */
  nullableObject(key: string): JsonNode | null;
  list(key: string): JsonNode[];
  /** Absent or null reads as empty. */
  optionalList(key: string): JsonNode[];
  strings(key: string): string[];
  /** Members of the object at `key`, each an object. */
  objectsByKey(key: string): [string, JsonNode][];
  /** Members of the object at `key`, each a list of objects. */
  listsByKey(key: string): [string, JsonNode[]][];
  numbersByKey(key: string): Record<string, number>;
  /** Absent or null reads as empty. */
  stringsByKey(key: string): Record<string, string>;
  /** The object at `key` as it is; absent or null reads as empty. */
  record(key: string): Record<string, unknown>;
  /** Every field of the object itself that is a string. */
  ownStrings(): Record<string, string>;
  /** Whether the answer has the field, whatever its value. */
  has(key: string): boolean;
  /** Whether the field is this text. */
  is(key: string, text: string): boolean;
  /** Throws the node's protocol error for a field. */
  fail(key: string, wanted: string): never;
};

/** Throws the protocol error for a field of an answer. */
export type FieldFault = (field: string, wanted: string) => never;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?$/;

function isoOf(text: string): string | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const at = new Date(match[2] === undefined ? `${text}Z` : text);
  return Number.isNaN(at.getTime()) ? null : at.toISOString();
}

/** Wraps one JSON value, which must be an object. */
export function jsonNode(value: unknown, path: string, fault: FieldFault): JsonNode {
  if (!isRecord(value)) return fault(path === '' ? '(body)' : path, 'an object');
  const at = (key: string) => (path === '' ? key : `${path}.${key}`);
  const fail = (key: string, wanted: string): never => fault(at(key), wanted);
  const absent = (key: string) => value[key] === undefined || value[key] === null;

  const string = (key: string): string => {
    const found = value[key];
    return typeof found === 'string' ? found : fail(key, 'a string');
  };
  const number = (key: string): number => {
    const found = value[key];
    return typeof found === 'number' && Number.isFinite(found) ? found : fail(key, 'a number');
  };
  const time = (key: string): string => isoOf(string(key)) ?? fail(key, 'an ISO 8601 time');
  const items = (found: unknown, key: string): JsonNode[] => {
    if (!Array.isArray(found)) return fail(key, 'a list');
    return found.map((item: unknown, index) => jsonNode(item, `${at(key)}[${index}]`, fault));
  };
  const members = (key: string): [string, unknown][] => {
    const found = value[key];
    return isRecord(found) ? Object.entries(found) : fail(key, 'an object');
  };
  const each = <T>(
    entries: [string, unknown][],
    key: string,
    wanted: string,
    is: (found: unknown) => found is T,
  ): Record<string, T> =>
    Object.fromEntries(
      entries.map(([name, found]) => [name, is(found) ? found : fail(`${key}.${name}`, wanted)]),
    );

  return {
    path,
    string,
    nullableString: (key) => (absent(key) ? null : string(key)),
    number,
    nullableNumber: (key) => (absent(key) ? null : number(key)),
    boolean: (key) => {
      const found = value[key];
      return typeof found === 'boolean' ? found : fail(key, 'a boolean');
    },
    time,
    nullableTime: (key) => (absent(key) ? null : time(key)),
    object: (key) => jsonNode(value[key], at(key), fault),
    nullableObject: (key) => (isRecord(value[key]) ? jsonNode(value[key], at(key), fault) : null),
    list: (key) => items(value[key], key),
    optionalList: (key) => (absent(key) ? [] : items(value[key], key)),
    strings: (key) => {
      const found = value[key];
      if (!Array.isArray(found)) return fail(key, 'a list of strings');
      return found.map((item: unknown, index) =>
        typeof item === 'string' ? item : fail(`${key}[${index}]`, 'a string'),
      );
    },
    objectsByKey: (key) =>
      members(key).map(([name, found]) => [name, jsonNode(found, `${at(key)}.${name}`, fault)]),
    listsByKey: (key) =>
      members(key).map(([name, found]) => [name, items(found, `${key}.${name}`)]),
    numbersByKey: (key) =>
      each(members(key), key, 'a number', (found) => typeof found === 'number'),
    stringsByKey: (key) =>
      absent(key) ? {} : each(members(key), key, 'a string', (found) => typeof found === 'string'),
    record: (key) => (absent(key) ? {} : Object.fromEntries(members(key))),
    ownStrings: () =>
      Object.fromEntries(
        Object.entries(value).filter(
          (field): field is [string, string] => typeof field[1] === 'string',
        ),
      ),
    has: (key) => Object.hasOwn(value, key),
    is: (key, text) => value[key] === text,
    fail,
  };
}
