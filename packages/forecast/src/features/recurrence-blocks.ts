import type { FeatureBlock } from './feature-block.ts';
import { maxBetween, overBetween, riseAt, risesUpTo, type TargetView, valueAt } from './views.ts';

/** When and how often the threshold was crossed upwards, and how long it stayed so. */
export const crossingsBlock = (windowTicks: number, longTicks: number): FeatureBlock => ({
  group: 'crossings',
  names: [
    'over.run',
    'over.since',
    'rise.since',
    'rise.gap1',
    'rise.gap2',
    'rise.due',
    'rise.count3w',
    'rise.count12w',
    'rise.countLong',
  ],
  write({ target, tick }, out, at) {
    const horizonStart = Math.max(target.start, tick - longTicks + 1);
    const lastOver = target.lastOver[tick - target.first] ?? -1;
    const count = risesUpTo(target, tick);
    const rise = (back: number): number => {
      const found = riseAt(target, count - 1 - back);
      return found < horizonStart ? NaN : found;
    };
    const r0 = rise(0);
    const r1 = rise(1);
    const r2 = rise(2);
    out[at] = lastOver === tick ? tick - (Number.isNaN(r0) ? horizonStart : r0) + 1 : 0;
    out[at + 1] = lastOver < horizonStart ? longTicks : tick - lastOver;
    out[at + 2] = Number.isNaN(r0) ? longTicks : tick - r0;
    out[at + 3] = r0 - r1;
    out[at + 4] = r1 - r2;
    out[at + 5] = r0 + (r0 - r1) - tick;
    const counted = (width: number) =>
      count - risesUpTo(target, Math.max(horizonStart, tick - width));
    out[at + 6] = counted(windowTicks * 3);
    out[at + 7] = counted(Math.min(longTicks, windowTicks * 12));
    out[at + 8] = counted(longTicks);
  },
});

const seasonsBack = 4;

/** What happened at this point of the last seasons: only samples up to `tick` are read (a season exceeds the horizon). */
export const seasonBlock = (periodTicks: number, horizonTicks: number): FeatureBlock => ({
  group: 'season',
  names: [
    ...Array.from({ length: seasonsBack }, (_, k) => `nextMax-${k + 1}`),
    'nextMaxMean',
    'nextMaxHighest',
    'nextMaxLowest',
    'crossRate',
    'nearCrossRate',
    'value-1',
    'valueMean',
    'aboveValue-1',
    'aboveValueMean',
    'riseIn-1',
    'riseIn-2',
    'riseInMean',
    'fallIn-1',
    'sine',
    'cosine',
  ].map((what) => `season${periodTicks}.${what}`),
  write({ target, tick, absoluteTick }, out, at) {
    const slack = Math.max(2, horizonTicks >> 1);
    let sum = 0;
    let seen = 0;
    let highest = -Infinity;
    let lowest = Infinity;
    let crossed = 0;
    let nearCrossed = 0;
    let values = 0;
    let riseSum = 0;
    let riseSeen = 0;
    for (let k = 1; k <= seasonsBack; k++) {
      const then = tick - k * periodTicks;
      if (then < target.start) {
        out[at + k - 1] = NaN;
        continue;
      }
      const max = maxBetween(target, then + 1, then + horizonTicks);
      out[at + k - 1] = max;
      sum += max;
      seen++;
      values += valueAt(target, then);
      if (max > highest) highest = max;
      if (max < lowest) lowest = max;
      if (max >= target.thresholdPercent) crossed++;
      const until = Math.min(tick, then + horizonTicks + slack);
      if (overBetween(target, Math.max(0, then + 1 - slack), until) > 0) nearCrossed++;
      const riseIn = nextRise(target, then, then - slack, Math.min(tick, then + 2 * horizonTicks));
      if (!Number.isNaN(riseIn)) {
        riseSum += riseIn;
        riseSeen++;
      }
      if (k <= 2) out[at + seasonsBack + 8 + k] = riseIn;
    }
    const m = at + seasonsBack;
    const now = valueAt(target, tick);
    const then = tick - periodTicks;
    const lastSeason = then < target.start ? NaN : valueAt(target, then);
    out[m] = seen === 0 ? NaN : sum / seen;
    out[m + 1] = seen === 0 ? NaN : highest;
    out[m + 2] = seen === 0 ? NaN : lowest;
    out[m + 3] = seen === 0 ? NaN : crossed / seen;
    out[m + 4] = seen === 0 ? NaN : nearCrossed / seen;
    out[m + 5] = lastSeason;
    out[m + 6] = seen === 0 ? NaN : values / seen;
    out[m + 7] = now - lastSeason;
    out[m + 8] = seen === 0 ? NaN : now - values / seen;
    if (seen < 1) out[m + 9] = NaN;
    if (seen < 2) out[m + 10] = NaN;
    out[m + 11] = riseSeen === 0 ? NaN : riseSum / riseSeen;
    out[m + 12] =
      then < target.start ? NaN : nextFall(target, then, Math.min(tick, then + 2 * horizonTicks));
    const phase = (2 * Math.PI * absoluteTick) / periodTicks;
    out[m + 13] = Math.sin(phase);
    out[m + 14] = Math.cos(phase);
  },
});

// Ticks from `then` to the first rise within [from, to]; negative when it already began then.
const nextRise = (target: TargetView, then: number, from: number, to: number): number => {
  const first = Math.max(target.start, from);
  const rise = riseAt(target, first === 0 ? 0 : risesUpTo(target, first - 1));
  return rise < 0 || rise > to ? NaN : rise - then;
};

const nextFall = (target: TargetView, then: number, to: number): number => {
  for (let tick = then + 1; tick <= to; tick++)
    if (
      valueAt(target, tick - 1) >= target.thresholdPercent &&
      valueAt(target, tick) < target.thresholdPercent
    )
      return tick - then;
  return NaN;
};
