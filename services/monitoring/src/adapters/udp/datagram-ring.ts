/** The memory of a ring, which one thread writes and another reads. */
export interface RingMemory {
  readonly data: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

// Places in the control words.
const HEAD = 0;
const TAIL = 1;
const WRITTEN = 2;
const READ = 3;
const BLOCKED = 4;
const AWAKE = 5;
const CONTROL_WORDS = 6;

const HEADER_BYTES = 4;
const LOOK_AGAIN_MS = 5;
/** In place of a length: the ring goes on at its beginning. */
const WRAP = 0xffff_ffff;

const aligned = (bytes: number): number => (bytes + 3) & ~3;

export const ringMemory = (bytes: number): RingMemory => ({
  data: new SharedArrayBuffer(aligned(bytes)),
  control: new SharedArrayBuffer(CONTROL_WORDS * Int32Array.BYTES_PER_ELEMENT),
});

/** The end that one thread writes to. */
export class RingWriter {
  readonly #bytes: Uint8Array;
  readonly #lengths: Uint32Array;
  readonly #control: Int32Array;

  constructor({ data, control }: RingMemory) {
    this.#bytes = new Uint8Array(data);
    this.#lengths = new Uint32Array(data);
    this.#control = new Int32Array(control);
  }

  /** Waits for room, where there is none: what comes meanwhile waits in the kernel, which counts what it drops. */
  writeWhenRoom(datagram: Uint8Array): void {
    while (!this.write(datagram)) {
      Atomics.store(this.#control, BLOCKED, 1);
      // It may have been read in between: then nobody would tell.
      Atomics.wait(this.#control, BLOCKED, 1, LOOK_AGAIN_MS);
    }
  }

  /** False where there is no room. */
  write(datagram: Uint8Array): boolean {
    const size = this.#bytes.length;
    const needed = HEADER_BYTES + aligned(datagram.length);
    const head = Atomics.load(this.#control, HEAD);
    const tail = Atomics.load(this.#control, TAIL);
    const wraps = head + needed > size;
    const at = wraps ? 0 : head;
    const taken = (head - tail + size) % size;
    // Full and empty would look alike: a word stays free.
    if (taken + needed + (wraps ? size - head : 0) >= size) return false;
    if (wraps) this.#lengths[head / HEADER_BYTES] = WRAP;
    this.#lengths[at / HEADER_BYTES] = datagram.length;
    this.#bytes.set(datagram, at + HEADER_BYTES);
    Atomics.add(this.#control, WRITTEN, 1);
    Atomics.store(this.#control, HEAD, (at + needed) % size);
    return true;
  }

  /** Whether the reader has to be woken: it said that it sleeps, and nobody has woken it since. */
  wakes(): boolean {
    return Atomics.exchange(this.#control, AWAKE, 1) === 0;
  }
}

/** The end that another thread reads from. */
export class RingReader {
  readonly #bytes: Uint8Array;
  readonly #lengths: Uint32Array;
  readonly #control: Int32Array;

  constructor({ data, control }: RingMemory) {
    this.#bytes = new Uint8Array(data);
    this.#lengths = new Uint32Array(data);
    this.#control = new Int32Array(control);
  }

  /** Datagrams that wait. */
  get waiting(): number {
    return Atomics.load(this.#control, WRITTEN) - Atomics.load(this.#control, READ);
  }

  /** From now on it wants to be woken; whatever is written after this wakes it. */
  sleeps(): void {
    Atomics.store(this.#control, AWAKE, 0);
  }

  /** Copies the oldest datagram out of the ring; gives its length, or undefined when there is none. */
  read(into: Uint8Array): number | undefined {
    const head = Atomics.load(this.#control, HEAD);
    let tail = Atomics.load(this.#control, TAIL);
    if (head === tail) return undefined;
    let length = this.#lengths[tail / HEADER_BYTES] ?? WRAP;
    if (length === WRAP) {
      tail = 0;
      length = this.#lengths[0] ?? 0;
    }
    const from = tail + HEADER_BYTES;
    into.set(this.#bytes.subarray(from, from + length));
    Atomics.add(this.#control, READ, 1);
    Atomics.store(this.#control, TAIL, (from + aligned(length)) % this.#bytes.length);
    if (Atomics.load(this.#control, BLOCKED) === 1) this.#release();
    return length;
  }

  #release(): void {
    Atomics.store(this.#control, BLOCKED, 0);
    Atomics.notify(this.#control, BLOCKED);
  }
}
