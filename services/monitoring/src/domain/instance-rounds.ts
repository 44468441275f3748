/** The readings of all instances of one moment, e.g. of every network interface of a host. */
export interface Round {
  readonly timeMs: number;
  readonly values: ReadonlyMap<string, number>;
}

// An instance that misses so many rounds is gone (an unplugged interface); before that the round is incomplete.
const FORGET_AFTER_ROUNDS = 3;
// The first round may have been met in its middle.
const WARM_UP_ROUNDS = 1;

/**
 * Puts readings of several instances that belong together into rounds. Agents send them one by one, with times that differ by
 * milliseconds. A round is given out as soon as every known instance has come; one in which a known instance is missing is not.
 */
export class InstanceRounds {
  readonly #known = new Map<string, number>();
  #values = new Map<string, number>();
  #round = 0;
  #startMs = 0;
  #timeMs = 0;
  #given = false;

  /** Takes one reading; gives the round that it completed, if any. */
  add(instance: string, timeMs: number, value: number, intervalMs: number): Round | undefined {
    const begins =
      this.#values.size > 0 &&
      (this.#values.has(instance) || timeMs - this.#startMs > intervalMs / 2);
    const ended = begins ? this.#end() : undefined;
    if (this.#values.size === 0) this.#startMs = timeMs;
    this.#values.set(instance, value);
    this.#known.set(instance, this.#round);
    if (timeMs > this.#timeMs) this.#timeMs = timeMs;
    return this.#round > WARM_UP_ROUNDS && this.#isComplete() ? this.#give() : ended;
  }

  #isComplete(): boolean {
    return !this.#given && this.#values.size === this.#known.size;
  }

  #give(): Round {
    this.#given = true;
    return { timeMs: this.#timeMs, values: new Map(this.#values) };
  }

  #end(): Round | undefined {
    for (const [instance, seen] of this.#known) {
      if (this.#round - seen >= FORGET_AFTER_ROUNDS) this.#known.delete(instance);
    }
    const round = this.#round >= WARM_UP_ROUNDS && this.#isComplete() ? this.#give() : undefined;
    this.#round += 1;
    this.#values = new Map();
    this.#timeMs = 0;
    this.#given = false;
    return round;
  }
}
