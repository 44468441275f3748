import { seededRandom } from '@sidestep/fleet';

/** A mean difference of two forecasts' losses on the same rows, with its 95 % interval. */
export type PairedDifference = {
  mean: number;
  low: number;
  high: number;
  blocks: number;
  rows: number;
};

/** Losses of both on one row, `first − second`, and the tick at which it was foreseen. */
export type PairedRow = { tick: number; difference: number };

/** Fewer blocks than this say nothing about the spread between them (our choice). */
export const minBlocks = 8;
const resamples = 1_000;

/**
 * The mean difference with a percentile interval of a bootstrap over blocks of consecutive ticks (Künsch 1989): rows of
 * one tick, and of ticks less than a horizon apart, share their outcome, so they are drawn together. `too-few` below
 * the least number of blocks.
 */
export const pairedDifference = (
  rows: Iterable<PairedRow>,
  blockTicks: number,
  seed = 1,
): PairedDifference | 'too-few' => {
  const blocks = new Map<number, { sum: number; rows: number }>();
  for (const { tick, difference } of rows) {
    const key = Math.floor(tick / blockTicks);
    const block = blocks.get(key) ?? { sum: 0, rows: 0 };
    block.sum += difference;
    block.rows += 1;
    blocks.set(key, block);
  }
  const all = [...blocks.values()];
  if (all.length < minBlocks) return 'too-few';
  const random = seededRandom(seed);
  const means = Float64Array.from({ length: resamples }, () => {
    const drawn = { sum: 0, rows: 0 };
    for (let i = 0; i < all.length; i++) {
      const block = all[Math.floor(random() * all.length)];
      drawn.sum += block?.sum ?? 0;
      drawn.rows += block?.rows ?? 0;
    }
    return drawn.sum / drawn.rows;
  }).sort();
  const total = all.reduce((sum, block) => sum + block.sum, 0);
  const count = all.reduce((sum, block) => sum + block.rows, 0);
  return {
    mean: total / count,
    low: means[Math.floor(0.025 * resamples)] ?? NaN,
    high: means[Math.ceil(0.975 * resamples) - 1] ?? NaN,
    blocks: all.length,
    rows: count,
  };
};
