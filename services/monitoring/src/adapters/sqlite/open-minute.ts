/** Length of a block: all samples of one series within one minute lie together. */
export const BLOCK_MS = 60_000;

/** Room at first: eight values of 64 bits are the most that the engine keeps without memory of their own, which costs it more. */
const USUAL_CAPACITY = 8;

/** Samples of one series and minute, in order of time, each time once; kept packed. */
export class OpenMinute {
  readonly minute: number;
  /** The store holds nothing else of this minute. */
  readonly complete: boolean;
  dirty = true;
  length = 0;
  #offsets: Uint16Array;
  #values: Float64Array;

  constructor(minute: number, complete: boolean, capacity = USUAL_CAPACITY) {
    this.minute = minute;
    this.complete = complete;
    this.#offsets = new Uint16Array(capacity);
    this.#values = new Float64Array(capacity);
  }

  insert(offset: number, value: number): void {
    this.dirty = true;
    const last = this.length - 1;
    if (this.length > 0 && offset <= (this.#offsets[last] ?? 0)) {
      this.#insertWithin(offset, value);
      return;
    }
    this.#makeRoom();
    this.#offsets[this.length] = offset;
    this.#values[this.length] = value;
    this.length += 1;
  }

  offset(at: number): number {
    return this.#offsets[at] ?? 0;
  }

  value(at: number): number {
    return this.#values[at] ?? Number.NaN;
  }

  /** The offsets as 16-bit and the values as 64-bit little-endian numbers. */
  pack(): Uint8Array {
    const bytes = new Uint8Array(this.length * 10);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < this.length; at += 1) {
      view.setUint16(at * 2, this.offset(at), true);
      view.setFloat64(this.length * 2 + at * 8, this.value(at), true);
    }
    return bytes;
  }

  static unpack(minute: number, bytes: Uint8Array): OpenMinute {
    const length = Math.floor(bytes.length / 10);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const unpacked = new OpenMinute(minute, true, Math.max(1, length));
    for (let at = 0; at < length; at += 1) {
      unpacked.insert(view.getUint16(at * 2, true), view.getFloat64(length * 2 + at * 8, true));
    }
    return unpacked;
  }

  /** What both hold; of two samples with one time the newer minute's counts. */
  static merge(older: OpenMinute, newer: OpenMinute): OpenMinute {
    const merged = new OpenMinute(newer.minute, true, older.length + newer.length);
    let [left, right] = [0, 0];
    while (left < older.length || right < newer.length) {
      const fromNewer =
        left >= older.length || (right < newer.length && newer.offset(right) <= older.offset(left));
      if (fromNewer) {
        if (left < older.length && newer.offset(right) === older.offset(left)) left += 1;
        merged.insert(newer.offset(right), newer.value(right));
        right += 1;
      } else {
        merged.insert(older.offset(left), older.value(left));
        left += 1;
      }
    }
    return merged;
  }

  #insertWithin(offset: number, value: number): void {
    let at = this.length - 1;
    while (at >= 0 && this.offset(at) > offset) at -= 1;
    if (at >= 0 && this.offset(at) === offset) {
      this.#values[at] = value;
      return;
    }
    this.#makeRoom();
    this.#offsets.copyWithin(at + 2, at + 1, this.length);
    this.#values.copyWithin(at + 2, at + 1, this.length);
    this.#offsets[at + 1] = offset;
    this.#values[at + 1] = value;
    this.length += 1;
  }

  #makeRoom(): void {
    if (this.length < this.#offsets.length) return;
    const capacity = this.#offsets.length * 2;
    const offsets = new Uint16Array(capacity);
    const values = new Float64Array(capacity);
    offsets.set(this.#offsets);
    values.set(this.#values);
    this.#offsets = offsets;
    this.#values = values;
  }
}
