/** Start of the newest tick that was over at a moment. */
export const newestWholeTick = (atMs: number, tickMs: number): number =>
  Math.floor(atMs / tickMs) * tickMs - tickMs;

/** Start of the tick that a moment lies in. */
export const tickOf = (atMs: number, tickMs: number): number => Math.floor(atMs / tickMs) * tickMs;

/** A range of ticks in pages of a bounded number of values, oldest first; ends are exclusive. */
export const pagesOf = (
  range: { fromMs: number; toMs: number; tickMs: number },
  valuesPerTick: number,
  maxValues: number,
): { fromMs: number; toMs: number }[] => {
  const pageMs = Math.max(1, Math.floor(maxValues / Math.max(1, valuesPerTick))) * range.tickMs;
  const pages: { fromMs: number; toMs: number }[] = [];
  for (let fromMs = range.fromMs; fromMs < range.toMs; fromMs += pageMs)
    pages.push({ fromMs, toMs: Math.min(range.toMs, fromMs + pageMs) });
  return pages;
};
