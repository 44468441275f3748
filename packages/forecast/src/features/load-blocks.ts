import type { FeatureBlock } from './feature-block.ts';
import {
  deviationOf,
  extendExtremes,
  type MetricView,
  meanOver,
  momentsBetween,
  overBetween,
  valueAt,
} from './views.ts';

const lags = [...Array.from({ length: 12 }, (_, k) => k), 13, 15, 17, 19, 21, 23];

/** The newest values one by one. */
export const levelBlock = (windowTicks: number): FeatureBlock => {
  const used = lags.filter((lag) => lag < windowTicks);
  return {
    group: 'level',
    names: used.map((lag) => `cpu[-${lag}]`),
    write({ target, tick }, out, at) {
      for (let i = 0; i < used.length; i++) {
        const past = tick - (used[i] ?? 0);
        out[at + i] = past < target.start ? NaN : valueAt(target, past);
      }
    },
  };
};

/** Mean, extremes, spread and time over the threshold of windows of growing length. */
export const peaksBlock = (windowTicks: number, longTicks: number): FeatureBlock => {
  const widths = [
    ...new Set([3, 6, windowTicks >> 1, windowTicks, windowTicks * 3, windowTicks * 12, longTicks]),
  ].filter((width) => width <= longTicks);
  const perWidth = ['mean', 'max', 'min', 'deviation', 'over'];
  return {
    group: 'peaks',
    names: widths.flatMap((width) => perWidth.map((what) => `cpu.${what}${width}`)),
    write({ target, tick }, out, at) {
      const extremes = { max: -Infinity, min: Infinity, from: tick + 1 };
      const moments = { sum: 0, square: 0 };
      let cursor = at;
      for (const width of widths) {
        // Each longer window goes on where the shorter one ended.
        const upTo = Math.max(target.start, tick - width + 1);
        const count = tick + 1 - upTo;
        if (count > 0) {
          extendExtremes(target, extremes, upTo);
          momentsBetween(target, upTo, tick, moments);
        }
        out[cursor++] = count > 0 ? moments.sum / count : NaN;
        out[cursor++] = count > 0 ? extremes.max : NaN;
        out[cursor++] = count > 0 ? extremes.min : NaN;
        out[cursor++] = count > 0 ? deviationOf(moments, count) : NaN;
        out[cursor++] = count > 0 ? overBetween(target, upTo, tick) / count : NaN;
      }
    },
  };
};

const slopeOver = (view: MetricView, tick: number, width: number): number => {
  if (tick - width + 1 < view.start) return NaN;
  let sum = 0;
  for (let i = 0; i < width; i++)
    sum += (i - (width - 1) / 2) * valueAt(view, tick - width + 1 + i);
  return (12 * sum) / (width * (width * width - 1));
};

const threeFrom = (view: MetricView, tick: number): number =>
  valueAt(view, tick) + valueAt(view, tick + 1) + valueAt(view, tick + 2);

/** Differences, slopes, and how long ago the window's highest and lowest value and largest drop were. */
export const trendBlock = (windowTicks: number): FeatureBlock => ({
  group: 'trend',
  names: [
    'cpu.diff1',
    'cpu.diff3',
    'cpu.diff6',
    'cpu.aboveMean',
    'cpu.shortAboveMiddle',
    'cpu.middleAboveLong',
    'cpu.slope6',
    'cpu.slope12',
    'cpu.smooth',
    'cpu.sinceMax',
    'cpu.sinceMin',
    'cpu.largestDrop',
    'cpu.sinceLargestDrop',
    'cpu.largestRise',
    'cpu.sinceLargestRise',
    'cpu.sampleAge',
  ],
  write({ target, tick }, out, at) {
    const now = valueAt(target, tick);
    const past = (lag: number) => (tick - lag < target.start ? NaN : valueAt(target, tick - lag));
    out[at] = now - past(1);
    out[at + 1] = now - past(3);
    out[at + 2] = now - past(6);
    const middle = meanOver(target, tick, 12);
    out[at + 3] = now - meanOver(target, tick, windowTicks);
    out[at + 4] = meanOver(target, tick, 3) - middle;
    out[at + 5] = middle - meanOver(target, tick, windowTicks * 3);
    out[at + 6] = slopeOver(target, tick, 6);
    out[at + 7] = slopeOver(target, tick, 12);
    let smooth = 0;
    let weights = 0;
    let weight = 1;
    let sinceMax = 0;
    let sinceMin = 0;
    let max = now;
    let min = now;
    let drop = 0;
    let sinceDrop = 0;
    let rise = 0;
    let sinceRise = 0;
    for (let lag = 0; lag < windowTicks && tick - lag >= target.start; lag++) {
      const value = valueAt(target, tick - lag);
      smooth += weight * value;
      weights += weight;
      weight *= 0.7;
      if (value > max) {
        max = value;
        sinceMax = lag;
      }
      if (value < min) {
        min = value;
        sinceMin = lag;
      }
      // Three-tick means on both sides keep one noisy sample from looking like a step.
      if (lag >= 2 && tick - lag - 3 >= target.start) {
        const at0 = tick - lag;
        const step = (threeFrom(target, at0) - threeFrom(target, at0 - 3)) / 3;
        if (step < drop) {
          drop = step;
          sinceDrop = lag;
        }
        if (step > rise) {
          rise = step;
          sinceRise = lag;
        }
      }
    }
    out[at + 8] = smooth / weights;
    out[at + 9] = sinceMax;
    out[at + 10] = sinceMin;
    out[at + 11] = drop;
    out[at + 12] = sinceDrop;
    out[at + 13] = rise;
    out[at + 14] = sinceRise;
    out[at + 15] = target.age[tick - target.first] ?? 0;
  },
});
