/** Why a stream's bytes were passed over. */
export type FramingFault = 'too-long' | 'bad-frame';

/** What a piece of a stream brought. */
export interface Framed {
  readonly frames: readonly Uint8Array[];
  readonly faults: readonly FramingFault[];
  /** False when it cannot be told any more where a message begins: the stream has to be closed. */
  readonly readable: boolean;
}

const LF = 10;
const SPACE = 32;
const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 48 && byte <= 57;
/** Digits of the longest count that is looked at. */
const MAX_COUNT_DIGITS = 6;

/**
 * Cuts a stream of syslog into messages (RFC 6587): counted ones begin with their length, others end with a newline. Holds at
 * most one message that is not whole yet.
 */
export class SyslogFramer {
  readonly #maxBytes: number;
  #rest: Uint8Array = new Uint8Array(0);
  /** Within a message without a count that is too long: everything up to the next newline is passed over. */
  #skipping = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(piece: Uint8Array): Framed {
    const bytes = this.#rest.length === 0 ? piece : joined(this.#rest, piece);
    const frames: Uint8Array[] = [];
    const faults: FramingFault[] = [];
    let at = 0;
    while (at < bytes.length) {
      const counted = !this.#skipping && isDigit(bytes[at]);
      const next = counted ? this.#counted(bytes, at) : this.#upToNewline(bytes, at);
      if (next === 'more') break;
      if (next === 'bad-frame' || next === 'too-long') {
        this.#rest = new Uint8Array(0);
        return { frames, faults: [...faults, next], readable: false };
      }
      if (next.fault !== undefined) faults.push(next.fault);
      if (next.frame !== undefined && next.frame.length > 0) frames.push(next.frame);
      at = next.end;
    }
    // A copy: what the socket gave must not be held on to.
    this.#rest = bytes.slice(at);
    return { frames, faults, readable: true };
  }

  #counted(
    bytes: Uint8Array,
    from: number,
  ): 'more' | FramingFault | { frame: Uint8Array; end: number; fault?: undefined } {
    let at = from;
    let count = 0;
    while (isDigit(bytes[at]) && at - from < MAX_COUNT_DIGITS) {
      count = count * 10 + (bytes[at] ?? 0) - 48;
      at += 1;
    }
    if (count > this.#maxBytes) return 'too-long';
    if (at === bytes.length) return 'more';
    if (bytes[at] !== SPACE || count === 0) return 'bad-frame';
    const end = at + 1 + count;
    return end > bytes.length ? 'more' : { frame: bytes.subarray(at + 1, end), end };
  }

  #upToNewline(
    bytes: Uint8Array,
    from: number,
  ): 'more' | { frame?: Uint8Array; end: number; fault?: FramingFault } {
    const newline = bytes.indexOf(LF, from);
    const end = newline < 0 ? bytes.length : newline;
    const passedOver = this.#skipping;
    if (newline >= 0) this.#skipping = false;
    if (passedOver) return { end: newline < 0 ? end : end + 1 };
    if (end - from > this.#maxBytes) {
      this.#skipping = newline < 0;
      return { end: newline < 0 ? end : end + 1, fault: 'too-long' };
    }
    return newline < 0 ? 'more' : { frame: bytes.subarray(from, end), end: end + 1 };
  }
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
