import { UnsupportedMicroversion } from '../errors.ts';
import type { Microversions } from '../types/clients.ts';

function parse(version: string): readonly [number, number] | null {
  const match = /^(\d+)\.(\d+)$/.exec(version);
  return match === null ? null : [Number(match[1]), Number(match[2])];
}

/** Negative, zero or positive as `a` is below, equal to or above `b`; a version of no such form is below all. */
export function compareMicroversions(a: string, b: string): number {
  const [majorA, minorA] = parse(a) ?? [-1, -1];
  const [majorB, minorB] = parse(b) ?? [-1, -1];
  return majorA - majorB || minorA - minorB;
}

/** The highest microversion that both sides speak, at least `floor` and at most `ceiling`. */
export function negotiate(
  at: { readonly service: string; readonly path: string },
  offered: { readonly min: string; readonly max: string },
  wanted: { readonly floor: string; readonly ceiling: string },
): Microversions {
  const negotiated =
    compareMicroversions(offered.max, wanted.ceiling) < 0 ? offered.max : wanted.ceiling;
  if (
    compareMicroversions(negotiated, wanted.floor) < 0 ||
    compareMicroversions(negotiated, offered.min) < 0
  ) {
    throw new UnsupportedMicroversion(at, {
      required: wanted.floor,
      offeredMin: offered.min === '' ? 'none' : offered.min,
      offeredMax: offered.max === '' ? 'none' : offered.max,
    });
  }
  return { ...offered, negotiated };
}

/** Asks once, shares the answer, and asks again after a failure. */
export function once<A, T>(ask: (argument: A) => Promise<T>): (argument: A) => Promise<T> {
  let answer: T | undefined;
  return async (argument) => {
    answer ??= await ask(argument);
    return answer;
  };
}
