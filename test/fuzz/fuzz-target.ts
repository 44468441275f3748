import { Dice } from './dice.ts';
import { mutate } from './mutate.ts';

/** Whether a parser took an input or refused it in its own words. */
export type Verdict = 'accepted' | 'refused';

/** One parser, what it is fed with, and what must hold whatever it is fed with. */
export interface FuzzTarget {
  readonly name: string;
  /** Inputs that the parser accepts; each is tried as it is before it is changed. */
  readonly seeds: readonly [Uint8Array, ...Uint8Array[]];
  readonly dictionary: readonly (string | Uint8Array)[];
  /** Makes an input in another way; undefined: this one is made by changing a seed. */
  readonly generate?: (dice: Dice) => Uint8Array | undefined;
  /** Gives a changed input the checksum or signature that lets it through the outermost door. */
  readonly seal?: (input: Uint8Array, dice: Dice) => Uint8Array;
  /** Feeds the parser; throws when something does not hold. */
  readonly run: (input: Uint8Array) => Verdict;
}

/** Something that does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

/** Demands that something holds. */
export function hold(condition: boolean, rule: string): asserts condition {
  if (!condition) throw new Violation(rule);
}

/** The input that target, seed and index determine. */
export function inputOf(target: FuzzTarget, seed: number, index: number): Uint8Array {
  const known = target.seeds[index];
  if (known !== undefined) return known;
  const dice = Dice.of(target.name, seed, index);
  const generated = target.generate?.(dice);
  if (generated !== undefined) return generated;
  const changed = mutate(dice.pick(target.seeds), dice, target);
  return target.seal === undefined ? changed : target.seal(changed, dice);
}
