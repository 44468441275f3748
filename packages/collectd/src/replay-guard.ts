/** How long a protected datagram may be on its way, and how many are remembered. */
export interface ReplayOptions {
  /** Older ones are refused: what is refused by its time need not be remembered. */
  readonly windowMs: number;
  /** So far ahead of our clock a datagram is still taken. */
  readonly aheadMs: number;
  /** Seals remembered at most, in two generations. */
  readonly maxSeals: number;
}

/** Why a datagram whose seal is right is not believed all the same. */
export type ReplayFault = 'replayed' | 'out-of-window';

const SEAL_BYTES = 6;

/**
 * Refuses protected datagrams that came before, by their seals, and those from beyond a window of time, whose seals are
 * forgotten. Where more come than can be remembered the window shrinks: nothing is ever taken twice.
 */
export class ReplayGuard {
  readonly #options: ReplayOptions;
  #current = new Set<number>();
  #previous = new Set<number>();
  #currentSinceMs = Number.NEGATIVE_INFINITY;
  /** Newest times among the seals of the generations. */
  #currentNewestMs = Number.NEGATIVE_INFINITY;
  #previousNewestMs = Number.NEGATIVE_INFINITY;
  /** Datagrams as old as this may have been forgotten. */
  #forgottenMs = Number.NEGATIVE_INFINITY;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  get remembered(): number {
    return this.#current.size + this.#previous.size;
  }

  /** Undefined for a datagram that may be taken; its seal is remembered then. Times in ms since the epoch. */
  check(seal: Uint8Array, timeMs: number, nowMs: number): ReplayFault | undefined {
    const { windowMs, aheadMs, maxSeals } = this.#options;
    const isWithin = timeMs >= nowMs - windowMs && timeMs <= nowMs + aheadMs;
    if (!isWithin || timeMs <= this.#forgottenMs) return 'out-of-window';
    if (nowMs - this.#currentSinceMs > windowMs + aheadMs) this.#turn(nowMs, false);
    const key = sealKey(seal);
    if (this.#current.has(key) || this.#previous.has(key)) return 'replayed';
    if (this.#current.size >= maxSeals / 2) {
      this.#turn(nowMs, true);
      // What was forgotten just now may have been this one.
      if (timeMs <= this.#forgottenMs) return 'out-of-window';
    }
    this.#current.add(key);
    if (timeMs > this.#currentNewestMs) this.#currentNewestMs = timeMs;
    return undefined;
  }

  /** A new generation; the one before the last is forgotten: by its age nothing of it is within the window, else by decree. */
  #turn(nowMs: number, isEarly: boolean): void {
    if (isEarly) this.#forgottenMs = Math.max(this.#forgottenMs, this.#previousNewestMs);
    this.#previous = this.#current;
    this.#previousNewestMs = this.#currentNewestMs;
    this.#current = new Set();
    this.#currentNewestMs = Number.NEGATIVE_INFINITY;
    this.#currentSinceMs = nowMs;
  }
}

/** 48 bits of a seal, which is as good as random: of a million remembered ones one in 280 million others is taken for one. */
function sealKey(seal: Uint8Array): number {
  let key = 0;
  for (let at = 0; at < SEAL_BYTES; at += 1) key = key * 256 + (seal[at] ?? 0);
  return key;
}
