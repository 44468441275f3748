import {
  kindCode,
  msToHighResolution,
  type Notification,
  partType,
  type SeriesIdentity,
  severityCode,
  type ValueKind,
} from './wire.ts';

/** One value to send; counters, derives and absolutes are integers, as bigint when beyond 2^53. */
export interface EncodableValue {
  readonly kind: ValueKind;
  readonly value: number | bigint;
}

/** One reading to send: the values are in the order of the type's data sources. */
export interface EncodableValueList
  extends Omit<SeriesIdentity, 'pluginInstance' | 'typeInstance'> {
  readonly pluginInstance?: string;
  readonly typeInstance?: string;
  readonly timeMs: number;
  readonly intervalMs: number;
  readonly values: readonly EncodableValue[];
}

/** Limits of encoding. */
export interface EncodeOptions {
  /** Largest datagram in bytes; 1452 by default, as collectd's MaxPacketSize. Signing or encrypting adds to it. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 1452;

/** Packs readings into as few datagrams as their order allows, naming again only what changed, as collectd does. */
export function encodeDatagrams(
  valueLists: Iterable<EncodableValueList>,
  options: EncodeOptions = {},
): Buffer[] {
  const packer = new Packer(options.maxBytes ?? DEFAULT_MAX_BYTES);
  for (const list of valueLists) {
    packer.append((writer) => {
      writer.text('host', partType.host, list.host);
      writer.time('time', partType.time, list.timeMs);
      writer.time('interval', partType.interval, list.intervalMs);
      writer.text('plugin', partType.plugin, list.plugin);
      writer.text('pluginInstance', partType.pluginInstance, list.pluginInstance ?? '');
      writer.text('type', partType.type, list.type);
      writer.text('typeInstance', partType.typeInstance, list.typeInstance ?? '');
      writer.values(list.values);
    });
  }
  return packer.finish();
}

/** One datagram that carries one notification. */
export function encodeNotification(notification: Notification): Buffer {
  const packer = new Packer(65_507);
  packer.append((writer) => {
    writer.time('time', partType.time, notification.timeMs);
    writer.integer(partType.severity, severityCode[notification.severity]);
    writer.text('host', partType.host, notification.host);
    writer.text('plugin', partType.plugin, notification.plugin);
    writer.text('pluginInstance', partType.pluginInstance, notification.pluginInstance);
    writer.text('type', partType.type, notification.type);
    writer.text('typeInstance', partType.typeInstance, notification.typeInstance);
    writer.always(partType.message, notification.message);
  });
  return packer.finish()[0] ?? Buffer.alloc(0);
}

/** What the datagram has named last. */
interface State extends SeriesIdentity {
  host: string;
  plugin: string;
  pluginInstance: string;
  type: string;
  typeInstance: string;
  time: number;
  interval: number;
}

const unnamed: Readonly<State> = {
  host: '',
  plugin: '',
  pluginInstance: '',
  type: '',
  typeInstance: '',
  time: Number.NaN,
  interval: Number.NaN,
};

/** Tells that the part does not fit; caught by the packer, which then starts the next datagram. */
const FULL = Symbol('full');

class Writer {
  readonly buffer: Buffer;
  readonly state: State = { ...unnamed };
  length = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  text(field: keyof SeriesIdentity, type: number, value: string): void {
    if (this.state[field] === value) return;
    this.always(type, value);
    this.state[field] = value;
  }

  always(type: number, value: string): void {
    if (value.includes('\0')) throw new RangeError('a collectd string cannot contain NUL');
    const bytes = Buffer.byteLength(value);
    const at = this.#part(type, bytes + 1);
    this.buffer.write(value, at);
    this.buffer[at + bytes] = 0;
  }

  time(field: 'time' | 'interval', type: number, ms: number): void {
    if (this.state[field] === ms) return;
    if (!(ms >= 0 && ms < 4000 * 0x7fff_ffff))
      throw new RangeError(`${field} ${ms} ms is out of range`);
    const { high, low } = msToHighResolution(ms);
    const at = this.#part(type, 8);
    this.buffer.writeUInt32BE(high, at);
    this.buffer.writeUInt32BE(low, at + 4);
    this.state[field] = ms;
  }

  integer(type: number, value: number): void {
    const at = this.#part(type, 8);
    this.buffer.writeBigUInt64BE(BigInt(value), at);
  }

  values(values: readonly EncodableValue[]): void {
    if (values.length === 0) throw new RangeError('a value list needs at least one value');
    const at = this.#part(partType.values, 2 + 9 * values.length);
    this.buffer.writeUInt16BE(values.length, at);
    for (const [index, { kind, value }] of values.entries()) {
      this.buffer[at + 2 + index] = kindCode[kind];
      const valueAt = at + 2 + values.length + 8 * index;
      if (kind === 'gauge') this.buffer.writeDoubleLE(Number(value), valueAt);
      else if (kind === 'derive') this.buffer.writeBigInt64BE(BigInt(value), valueAt);
      else this.buffer.writeBigUInt64BE(BigInt(value), valueAt);
    }
  }

  #part(type: number, payloadBytes: number): number {
    const total = payloadBytes + 4;
    if (this.length + total > this.buffer.length) throw FULL;
    this.buffer.writeUInt16BE(type, this.length);
    this.buffer.writeUInt16BE(total, this.length + 2);
    const at = this.length + 4;
    this.length += total;
    return at;
  }
}

class Packer {
  readonly #done: Buffer[] = [];
  readonly #maxBytes: number;
  readonly #writer: Writer;

  constructor(maxBytes: number) {
    if (!Number.isInteger(maxBytes) || maxBytes < 64 || maxBytes > 65_507) {
      throw new RangeError(`maxBytes ${maxBytes} is not within 64 and 65507`);
    }
    this.#maxBytes = maxBytes;
    this.#writer = new Writer(Buffer.allocUnsafe(maxBytes));
  }

  append(write: (writer: Writer) => void): void {
    if (this.#try(write)) return;
    if (this.#writer.length > 0) {
      this.#next();
      if (this.#try(write)) return;
    }
    throw new RangeError(`one reading is larger than ${this.#maxBytes} bytes`);
  }

  finish(): Buffer[] {
    if (this.#writer.length > 0) this.#next();
    return this.#done;
  }

  #try(write: (writer: Writer) => void): boolean {
    const writer = this.#writer;
    const { length } = writer;
    try {
      write(writer);
    } catch (error) {
      // What was half written is written over; what it named no longer counts, as a new datagram begins.
      writer.length = length;
      if (error === FULL) return false;
      throw error;
    }
    return true;
  }

  #next(): void {
    const { buffer, length } = this.#writer;
    this.#done.push(Buffer.from(buffer.subarray(0, length)));
    this.#writer.length = 0;
    Object.assign(this.#writer.state, unnamed);
  }
}
