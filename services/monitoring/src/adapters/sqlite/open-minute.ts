/** Length of a block: all samples of one series within one minute lie together. */
export const BLOCK_MS = 60_000;

const SAMPLE_BYTES = 10;

/** Where blocks are written before SQLite copies them: packing a large fleet would else make as many buffers as it has series. */
export class BlockScratch {
  #bytes = new Uint8Array(SAMPLE_BYTES * 64);
  #view = new DataView(this.#bytes.buffer);

  /** The offsets as 16-bit and the values as 64-bit little-endian numbers; they stay only until the next call. */
  pack(minute: OpenMinute): Uint8Array {
    const { length } = minute;
    const size = length * SAMPLE_BYTES;
    if (size > this.#bytes.length) {
      this.#bytes = new Uint8Array(size * 2);
      this.#view = new DataView(this.#bytes.buffer);
    }
    for (let at = 0; at < length; at += 1) {
      this.#view.setUint16(at * 2, minute.offset(at), true);
      this.#view.setFloat64(length * 2 + at * 8, minute.value(at), true);
    }
    return this.#bytes.subarray(0, size);
  }
}

/** Samples of one series and minute, in order of time, each time once. */
export class OpenMinute {
  readonly minute: number;
  /** The store holds nothing else of this minute. */
  readonly complete: boolean;
  dirty = true;
  /** Offset, value, offset, value: one array of numbers a minute is the least that the garbage collector can have to do with it. */
  readonly #samples: number[] = [];

  constructor(minute: number, complete: boolean) {
    this.minute = minute;
    this.complete = complete;
  }

  get length(): number {
    return this.#samples.length / 2;
  }

  insert(offset: number, value: number): void {
    this.dirty = true;
    const samples = this.#samples;
    let at = samples.length;
    while (at > 0 && (samples[at - 2] ?? 0) > offset) at -= 2;
    if (at > 0 && samples[at - 2] === offset) samples[at - 1] = value;
    else if (at === samples.length) samples.push(offset, value);
    else samples.splice(at, 0, offset, value);
  }

  offset(at: number): number {
    return this.#samples[at * 2] ?? 0;
  }

  value(at: number): number {
    return this.#samples[at * 2 + 1] ?? Number.NaN;
  }

  /** What `BlockScratch` packed. */
  static unpack(minute: number, bytes: Uint8Array): OpenMinute {
    const length = Math.floor(bytes.length / SAMPLE_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const unpacked = new OpenMinute(minute, true);
    for (let at = 0; at < length; at += 1) {
      unpacked.insert(view.getUint16(at * 2, true), view.getFloat64(length * 2 + at * 8, true));
    }
    return unpacked;
  }

  /** What both hold; of two samples with one time the newer minute's counts. */
  static merge(older: OpenMinute, newer: OpenMinute): OpenMinute {
    const merged = new OpenMinute(newer.minute, true);
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
}
