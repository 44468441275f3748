import { IdentityTable } from './identity-table.ts';
import type { ReplayFault } from './replay-guard.ts';
import { openEncrypted, type PasswordOf, type SecurityFault, verifySignature } from './security.ts';
import { StringTable } from './string-table.ts';
import {
  highResolutionToMs,
  type Notification,
  partType,
  type SecurityLevel,
  type SeriesIdentity,
  type Severity,
  TWO_POW_32,
  utf8,
} from './wire.ts';

/** Why a datagram was refused, in whole or from some part on. */
export type DatagramFault =
  | SecurityFault
  | ReplayFault
  | 'security-level'
  | 'nested-security'
  | 'short-part-header'
  | 'bad-part-length'
  | 'bad-string'
  | 'bad-number'
  | 'bad-values'
  | 'unknown-value-kind'
  | 'bad-severity'
  | 'incomplete-identity';

/** What came of a datagram; on a fault, what stood before the faulty part has been delivered. */
export type DatagramResult =
  | { ok: true; valueLists: number; values: number; notifications: number }
  | {
      ok: false;
      reason: DatagramFault;
      valueLists: number;
      values: number;
      notifications: number;
    };

/**
 * A reading as it lies in the datagram. The object and its arrays are used again for the next reading: copy what is kept.
 * Integers stand exactly in `high` and `low`, and in `values` as the nearest number.
 */
export interface ParsedValueList<T> {
  /** What `seriesOf` gave for the identity of this reading. */
  series: T;
  timeMs: number;
  intervalMs: number;
  security: SecurityLevel;
  /** Number of values; the arrays are longer. */
  count: number;
  /** Kind codes, see kindCode. */
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  /** Upper 32 bits, signed as in a derive. */
  readonly high: Int32Array;
  readonly low: Uint32Array;
}

/** What a parser is told once. */
export interface ParserOptions<T> {
  /** Called on the first sight of an identity, and again when the bounded tables were emptied. */
  seriesOf: (identity: SeriesIdentity) => T;
  onValues: (list: ParsedValueList<T>) => void;
  onNotification?: (notification: Notification, security: SecurityLevel) => void;
  /** Least protection that is accepted; `none` by default. */
  level?: SecurityLevel;
  /** Passwords by user. Without it a signature is not checked (and counts as `none`), and nothing can be decrypted. */
  passwordOf?: PasswordOf;
  /** Asked of each protected datagram whose protection is right: by its seal and time (ms; 0 without one), is it believed? */
  refuses?: (seal: Uint8Array, timeMs: number, payload: Uint8Array) => ReplayFault | undefined;
  /** Identities remembered before the tables are emptied; 1,000,000 by default. */
  maxIdentities?: number;
}

/** Parser of collectd's datagrams; it throws nothing of its own, whatever the bytes. */
export interface DatagramParser {
  parse(datagram: Uint8Array): DatagramResult;
}

// The most values that a part of 65,535 bytes can hold.
const MAX_VALUES = 7_282;
// collectd's own limit is 128 with the NUL; twice that keeps what is remembered bounded.
const MAX_NAME_BYTES = 256;
const NONE = -1;
const levels: readonly SecurityLevel[] = ['none', 'signed', 'encrypted'];

/** Makes a parser that remembers strings and identities between datagrams. */
export function createDatagramParser<T>(options: ParserOptions<T>): DatagramParser {
  const parser = new Parser(options);
  return { parse: (datagram) => parser.parse(datagram) };
}

class Parser<T> {
  readonly #options: ParserOptions<T>;
  readonly #maxIdentities: number;
  readonly #strings = new StringTable();
  readonly #identities = new IdentityTable<T>();
  readonly #list: Omit<ParsedValueList<T>, 'series'>;
  #empty = 0;
  #host = NONE;
  #plugin = NONE;
  #pluginInstance = NONE;
  #type = NONE;
  #typeInstance = NONE;
  #timeMs = 0;
  #intervalMs = 0;
  #severity: Severity | undefined;
  #valueLists = 0;
  #values = 0;
  #notifications = 0;

  constructor(options: ParserOptions<T>) {
    this.#options = options;
    this.#maxIdentities = options.maxIdentities ?? 1_000_000;
    this.#list = {
      timeMs: 0,
      intervalMs: 0,
      security: 'none',
      count: 0,
      kinds: new Uint8Array(MAX_VALUES),
      values: new Float64Array(MAX_VALUES),
      high: new Int32Array(MAX_VALUES),
      low: new Uint32Array(MAX_VALUES),
    };
    this.#resetTables();
  }

  parse(datagram: Uint8Array): DatagramResult {
    this.#valueLists = 0;
    this.#values = 0;
    this.#notifications = 0;
    if (
      this.#identities.size >= this.#maxIdentities ||
      this.#strings.size >= 2 * this.#maxIdentities
    ) {
      this.#resetTables();
    }
    const fault = this.#open(datagram);
    const counts = {
      valueLists: this.#valueLists,
      values: this.#values,
      notifications: this.#notifications,
    };
    return fault === undefined ? { ok: true, ...counts } : { ok: false, reason: fault, ...counts };
  }

  #resetTables(): void {
    this.#strings.clear();
    this.#identities.clear();
    this.#empty = this.#strings.intern(new Uint8Array(0), 0, 0);
  }

  /** Protection is judged on the first part: only a signature or a seal that covers everything protects anything. */
  #open(datagram: Uint8Array): DatagramFault | undefined {
    const required = this.#options.level ?? 'none';
    const passwordOf = this.#options.passwordOf;
    if (datagram.length < 4) return datagram.length === 0 ? undefined : 'short-part-header';
    const type = ((datagram[0] ?? 0) << 8) | (datagram[1] ?? 0);
    const length = ((datagram[2] ?? 0) << 8) | (datagram[3] ?? 0);
    if (type !== partType.signature && type !== partType.encryption) {
      return required === 'none' ? this.#parts(datagram, 'none') : 'security-level';
    }
    if (length < 4 || length > datagram.length) return 'bad-part-length';
    const body = datagram.subarray(4, length);
    const rest = datagram.subarray(length);
    if (type === partType.signature) {
      if (passwordOf === undefined) {
        return required === 'none' ? this.#parts(rest, 'none') : 'unknown-user';
      }
      const verified = verifySignature(body, rest, passwordOf);
      if (!verified.ok) return verified.reason;
      if (required === 'encrypted') return 'security-level';
      return this.#sealed(verified.seal, rest, 'signed');
    }
    if (rest.length > 0) return 'nested-security';
    const opened = openEncrypted(body, passwordOf ?? (() => undefined));
    return opened.ok ? this.#sealed(opened.seal, opened.payload, 'encrypted') : opened.reason;
  }

  #sealed(
    seal: Uint8Array,
    payload: Uint8Array,
    security: SecurityLevel,
  ): DatagramFault | undefined {
    return (
      this.#options.refuses?.(seal, firstTimeMs(payload), payload) ?? this.#parts(payload, security)
    );
  }

  #parts(bytes: Uint8Array, security: SecurityLevel): DatagramFault | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const end = bytes.length;
    this.#host = NONE;
    this.#plugin = NONE;
    this.#pluginInstance = this.#empty;
    this.#type = NONE;
    this.#typeInstance = this.#empty;
    this.#timeMs = 0;
    this.#intervalMs = 0;
    this.#severity = undefined;
    this.#list.security = security;
    let at = 0;
    while (at < end) {
      if (at + 4 > end) return 'short-part-header';
      const type = view.getUint16(at);
      const length = view.getUint16(at + 2);
      const next = at + length;
      if (length < 4 || next > end) return 'bad-part-length';
      const fault =
        type === partType.values
          ? this.#valuesPart(view, at + 4, next)
          : type <= partType.typeInstance && type !== partType.timeSeconds
            ? this.#stringPart(type, bytes, at + 4, next)
            : this.#otherPart(type, view, bytes, at + 4, next);
      if (fault !== undefined) return fault;
      at = next;
    }
    return undefined;
  }

  #stringPart(
    type: number,
    bytes: Uint8Array,
    start: number,
    next: number,
  ): DatagramFault | undefined {
    if (next === start || next - start > MAX_NAME_BYTES || bytes[next - 1] !== 0) {
      return 'bad-string';
    }
    const id = this.#strings.intern(bytes, start, next - 1);
    if (id < 0) return 'bad-string';
    if (type === partType.typeInstance) this.#typeInstance = id;
    else if (type === partType.type) this.#type = id;
    else if (type === partType.pluginInstance) this.#pluginInstance = id;
    else if (type === partType.plugin) this.#plugin = id;
    else this.#host = id;
    return undefined;
  }

  #otherPart(
    type: number,
    view: DataView,
    bytes: Uint8Array,
    start: number,
    next: number,
  ): DatagramFault | undefined {
    switch (type) {
      case partType.time:
      case partType.interval:
      case partType.timeSeconds:
      case partType.intervalSeconds:
      case partType.severity:
        return next - start === 8
          ? this.#numberPart(type, view.getUint32(start), view.getUint32(start + 4))
          : 'bad-number';
      case partType.message:
        return this.#messagePart(bytes, start, next);
      case partType.signature:
      case partType.encryption:
        return 'nested-security';
      default:
        // Later versions may add parts; the protocol asks receivers to pass over what they do not know.
        return undefined;
    }
  }

  #numberPart(type: number, high: number, low: number): DatagramFault | undefined {
    if (type === partType.time) this.#timeMs = highResolutionToMs(high, low);
    else if (type === partType.interval) this.#intervalMs = highResolutionToMs(high, low);
    else if (type === partType.severity) {
      if (high !== 0 || (low !== 1 && low !== 2 && low !== 4)) return 'bad-severity';
      this.#severity = low === 1 ? 'failure' : low === 2 ? 'warning' : 'okay';
    } else {
      // Whole seconds beyond what the high-resolution format can say are no time.
      if (high !== 0) return 'bad-number';
      if (type === partType.timeSeconds) this.#timeMs = low * 1000;
      else this.#intervalMs = low * 1000;
    }
    return undefined;
  }

  #messagePart(bytes: Uint8Array, start: number, next: number): DatagramFault | undefined {
    if (next === start || bytes[next - 1] !== 0) return 'bad-string';
    if (this.#severity === undefined || this.#timeMs === 0 || this.#host < 0) {
      return 'incomplete-identity';
    }
    this.#notifications += 1;
    this.#options.onNotification?.(
      {
        ...this.#identity(),
        timeMs: this.#timeMs,
        severity: this.#severity,
        message: utf8.decode(bytes.subarray(start, next - 1)),
      },
      this.#list.security,
    );
    return undefined;
  }

  #valuesPart(view: DataView, start: number, next: number): DatagramFault | undefined {
    if (next - start < 11) return 'bad-values';
    const count = view.getUint16(start);
    if (next - start !== 2 + 9 * count) return 'bad-values';
    if (this.#host <= 0 || this.#plugin <= 0 || this.#type <= 0 || this.#timeMs === 0) {
      return 'incomplete-identity';
    }
    const list = this.#list;
    const { kinds, values, high, low } = list;
    let at = start + 2 + count;
    for (let index = 0; index < count; index += 1, at += 8) {
      const kind = view.getUint8(start + 2 + index);
      kinds[index] = kind;
      if (kind === 1) {
        values[index] = view.getFloat64(at, true);
        continue;
      }
      if (kind > 3) return 'unknown-value-kind';
      const upper = kind === 2 ? view.getInt32(at) : view.getUint32(at);
      const lower = view.getUint32(at + 4);
      high[index] = upper;
      low[index] = lower;
      values[index] = upper * TWO_POW_32 + lower;
    }
    list.count = count;
    list.timeMs = this.#timeMs;
    list.intervalMs = this.#intervalMs;
    const series = this.#identities.find(
      this.#host,
      this.#plugin,
      this.#pluginInstance,
      this.#type,
      this.#typeInstance,
      this.#makeSeries,
    );
    const delivered = list as ParsedValueList<T>;
    delivered.series = series;
    this.#valueLists += 1;
    this.#values += count;
    this.#options.onValues(delivered);
    return undefined;
  }

  readonly #makeSeries = (): T => this.#options.seriesOf(this.#identity());

  #identity(): SeriesIdentity {
    const text = (id: number): string => (id < 0 ? '' : this.#strings.text(id));
    return {
      host: text(this.#host),
      plugin: text(this.#plugin),
      pluginInstance: text(this.#pluginInstance),
      type: text(this.#type),
      typeInstance: text(this.#typeInstance),
    };
  }
}

/** The first time that a datagram tells, in ms; 0 where it tells none. */
function firstTimeMs(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + 12 <= bytes.length; ) {
    const type = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (type === partType.time || type === partType.timeSeconds) {
      const [high, low] = [view.getUint32(at + 4), view.getUint32(at + 8)];
      return type === partType.time ? highResolutionToMs(high, low) : low * 1000;
    }
    if (length < 4) return 0;
    at += length;
  }
  return 0;
}

/** The host that a plain datagram begins with, as agents' do; undefined for any other. */
export function firstHost(bytes: Uint8Array): string | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 6 || view.getUint16(0) !== partType.host) return undefined;
  const length = view.getUint16(2);
  const isName = length > 5 && length <= Math.min(bytes.length, 4 + MAX_NAME_BYTES);
  return isName && bytes[length - 1] === 0 ? utf8.decode(bytes.subarray(4, length - 1)) : undefined;
}

/** Whether a level of protection is at least another. */
export const protectsAtLeast = (actual: SecurityLevel, required: SecurityLevel): boolean =>
  levels.indexOf(actual) >= levels.indexOf(required);
