import { type Random, seededRandom, seedOf } from '@sidestep/fleet';

/** Choices that a seed determines. */
export class Dice {
  readonly #random: Random;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  /** Choices of their own for each input of each target. */
  static of(target: string, seed: number, index: number): Dice {
    return new Dice(Math.imul(seedOf(target) ^ Math.imul(seed, 0x9e3779b1), 0x85ebca6b) + index);
  }

  /** A whole number from 0 to below `bound`. */
  below(bound: number): number {
    return Math.floor(this.#random() * bound);
  }

  /** True once in so many times. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the items; the first where there is none. */
  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }
}
