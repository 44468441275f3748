import type { Random } from '@sidestep/fleet';

/** One draw from the standard normal distribution (Box–Muller). */
export const normalDraw = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Shuffles in place (Fisher–Yates) and returns the same array. */
export const shuffle = (items: Int32Array, random: Random): Int32Array => {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = items[i] ?? 0;
    items[i] = items[j] ?? 0;
    items[j] = kept;
  }
  return items;
};
