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
  return nodeOf(value, undefined, path, fault);
}

function nodeOf(
  value: unknown,
  parent: Node | undefined,
  name: string | number,
  fault: FieldFault,
): Node {
  if (isRecord(value)) return new Node(value, parent, name, fault);
  const path = pathOf(parent, name);
  return fault(path === '' ? '(body)' : path, 'an object');
}

function pathOf(parent: Node | undefined, name: string | number): string {
  if (parent === undefined) return String(name);
  const above = parent.path;
  if (typeof name === 'number') return `${above}[${name}]`;
  return above === '' ? name : `${above}.${name}`;
}

const isNumber = (found: unknown): found is number => typeof found === 'number';
const isString = (found: unknown): found is string => typeof found === 'string';

/** A large cloud's answers have a hundred thousand of them: it holds what it is made of, and its path is put together when asked for. */
class Node implements JsonNode {
  readonly #value: Readonly<Record<string, unknown>>;
  readonly #parent: Node | undefined;
  readonly #name: string | number;
  readonly #fault: FieldFault;

  constructor(
    value: Readonly<Record<string, unknown>>,
    parent: Node | undefined,
    name: string | number,
    fault: FieldFault,
  ) {
    this.#value = value;
    this.#parent = parent;
    this.#name = name;
    this.#fault = fault;
  }

  get path(): string {
    return pathOf(this.#parent, this.#name);
  }

  string(key: string): string {
    const found = this.#value[key];
    return typeof found === 'string' ? found : this.fail(key, 'a string');
  }

  nullableString(key: string): string | null {
    return this.#isAbsent(key) ? null : this.string(key);
  }

  number(key: string): number {
    const found = this.#value[key];
    return typeof found === 'number' && Number.isFinite(found) ? found : this.fail(key, 'a number');
  }

  nullableNumber(key: string): number | null {
    return this.#isAbsent(key) ? null : this.number(key);
  }

  boolean(key: string): boolean {
    const found = this.#value[key];
    return typeof found === 'boolean' ? found : this.fail(key, 'a boolean');
  }

  time(key: string): string {
    return isoOf(this.string(key)) ?? this.fail(key, 'an ISO 8601 time');
  }

  nullableTime(key: string): string | null {
    return this.#isAbsent(key) ? null : this.time(key);
  }

  object(key: string): JsonNode {
    return nodeOf(this.#value[key], this, key, this.#fault);
  }

  nullableObject(key: string): JsonNode | null {
    return isRecord(this.#value[key]) ? this.object(key) : null;
  }

  list(key: string): JsonNode[] {
    return this.#items(this.#value[key], key);
  }

  optionalList(key: string): JsonNode[] {
    return this.#isAbsent(key) ? [] : this.list(key);
  }

  strings(key: string): string[] {
    const found = this.#value[key];
    if (!Array.isArray(found)) return this.fail(key, 'a list of strings');
    return found.map((item: unknown, index) =>
      typeof item === 'string' ? item : this.fail(`${key}[${index}]`, 'a string'),
    );
  }

  objectsByKey(key: string): [string, JsonNode][] {
    return this.#members(key).map(([name, found]) => [
      name,
      nodeOf(found, this, `${key}.${name}`, this.#fault),
    ]);
  }

  listsByKey(key: string): [string, JsonNode[]][] {
    return this.#members(key).map(([name, found]) => [name, this.#items(found, `${key}.${name}`)]);
  }

  numbersByKey(key: string): Record<string, number> {
    return this.#each(key, 'a number', isNumber);
  }

  stringsByKey(key: string): Record<string, string> {
    return this.#isAbsent(key) ? {} : this.#each(key, 'a string', isString);
  }

  record(key: string): Record<string, unknown> {
    return this.#isAbsent(key) ? {} : Object.fromEntries(this.#members(key));
  }

  ownStrings(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.#value).filter(
        (field): field is [string, string] => typeof field[1] === 'string',
      ),
    );
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key);
  }

  is(key: string, text: string): boolean {
    return this.#value[key] === text;
  }

  fail(key: string, wanted: string): never {
    const { path } = this;
    return this.#fault(path === '' ? key : `${path}.${key}`, wanted);
  }

  #isAbsent(key: string): boolean {
    return this.#value[key] === undefined || this.#value[key] === null;
  }

  #items(found: unknown, key: string): JsonNode[] {
    if (!Array.isArray(found)) return this.fail(key, 'a list');
    // The list itself is no node, but a part of its items' paths.
    const list = new Node({}, this, key, this.#fault);
    return found.map((item: unknown, index) => nodeOf(item, list, index, this.#fault));
  }

  #members(key: string): [string, unknown][] {
    const found = this.#value[key];
    return isRecord(found) ? Object.entries(found) : this.fail(key, 'an object');
  }

  #each<T>(key: string, wanted: string, is: (found: unknown) => found is T): Record<string, T> {
    return Object.fromEntries(
      this.#members(key).map(([name, found]) => [
        name,
        is(found) ? found : this.fail(`${key}.${name}`, wanted),
      ]),
    );
  }
}
