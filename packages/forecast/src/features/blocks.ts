import {
  deviationOf,
  extendExtremes,
  type FleetView,
  type MetricView,
  maxBetween,
  meanOver,
  momentsBetween,
  overBetween,
  riseAt,
  risesUpTo,
  type TargetView,
  valueAt,
} from './views.ts';

/** The theme of a feature, under which its contribution is told. */
export type FeatureGroup =
  | 'level'
  | 'peaks'
  | 'trend'
  | 'crossings'
  | 'season'
  | 'other-metrics'
  | 'fleet'
  | 'neighbours';

/** What a block may read: everything at or before `tick`, nothing later. */
export type RowContext = {
  target: TargetView;
  tick: number;
  /** Per further metric the views of all hosts. */
  others: readonly (readonly MetricView[])[];
  fleet: FleetView;
  host: number;
  neighbours: readonly (TargetView | 'absent')[];
  /** The host's own value in `fleet`, to leave it out of the others' mean. */
  ownInFleet: number;
  /** Ticks since the Unix epoch: the phase of the season. */
  absoluteTick: number;
};

/** Some features that belong together and how they are computed. */
export type FeatureBlock = {
  readonly group: FeatureGroup;
  readonly names: readonly string[];
  write(context: RowContext, out: Float32Array, at: number): void;
};

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

const perOther = ['now', 'mean6', 'meanWindow', 'maxWindow', 'aboveWindow', 'diff1', 'normalised'];

/** Each further metric: level, recent means, and how unusual it is for this host. */
export const otherMetricsBlock = (
  metrics: readonly string[],
  windowTicks: number,
): FeatureBlock => ({
  group: 'other-metrics',
  names: metrics.flatMap((metric) => perOther.map((what) => `${metric}.${what}`)),
  write({ others, host, tick }, out, at) {
    const moments = { sum: 0, square: 0 };
    let cursor = at;
    for (const column of others) {
      const view = column[host];
      if (view === undefined || tick < view.start) {
        out.fill(NaN, cursor, cursor + perOther.length);
        cursor += perOther.length;
        continue;
      }
      const now = valueAt(view, tick);
      const from = Math.max(view.start, tick - windowTicks + 1);
      const shortFrom = Math.max(from, tick - 5);
      const { values, first } = view;
      let sum = 0;
      let max = -Infinity;
      for (let i = from - first; i < shortFrom - first; i++) {
        const value = values[i] ?? 0;
        sum += value;
        if (value > max) max = value;
      }
      let shortSum = 0;
      for (let i = shortFrom - first; i <= tick - first; i++) {
        const value = values[i] ?? 0;
        shortSum += value;
        if (value > max) max = value;
      }
      sum += shortSum;
      const mean = sum / (tick + 1 - from);
      const longFrom = Math.max(view.start, tick - windowTicks * 12 + 1);
      const longCount = tick + 1 - longFrom;
      momentsBetween(view, longFrom, tick, moments);
      out[cursor++] = now;
      out[cursor++] = shortSum / (tick + 1 - shortFrom);
      out[cursor++] = mean;
      out[cursor++] = max;
      out[cursor++] = now - mean;
      out[cursor++] = tick - 1 < view.start ? NaN : now - valueAt(view, tick - 1);
      out[cursor++] = (now - moments.sum / longCount) / (deviationOf(moments, longCount) + 0.05);
    }
  },
});

/** How the other hosts stand: their load spills over or shares the same cause. */
export const fleetBlock: FeatureBlock = {
  group: 'fleet',
  names: [
    'fleet.mean',
    'fleet.over',
    'fleet.over6',
    'fleet.max',
    'fleet.diff3',
    'fleet.belowOwn',
    'fleet.meanLong',
  ],
  write({ target, tick, fleet, ownInFleet }, out, at) {
    const newest = tick - fleet.first;
    const others = Math.max(1, (fleet.present[newest] ?? 0) - 1);
    const mean = ((fleet.sums[newest] ?? 0) - ownInFleet) / others;
    let over = 0;
    let seen = 0;
    for (let past = tick; past > tick - 6 && past >= 0; past--) {
      const then = past - fleet.first;
      over += (fleet.over[then] ?? 0) / Math.max(1, fleet.present[then] ?? 0);
      seen++;
    }
    const meanAt = (past: number) =>
      (fleet.sums[past - fleet.first] ?? 0) / Math.max(1, fleet.present[past - fleet.first] ?? 0);
    let long = 0;
    let longSeen = 0;
    for (let past = tick; past > tick - 24 && past >= 0; past--) {
      long += meanAt(past);
      longSeen++;
    }
    out[at] = mean;
    out[at + 1] = (fleet.over[newest] ?? 0) / Math.max(1, fleet.present[newest] ?? 0);
    out[at + 2] = over / seen;
    out[at + 3] = fleet.max[newest] ?? 0;
    out[at + 4] = tick >= 3 ? meanAt(tick) - meanAt(tick - 3) : NaN;
    out[at + 5] = valueAt(target, tick) - mean;
    out[at + 6] = long / longSeen;
  },
};

/** The load of each named host, and which host this is: for fleets whose hosts stay the same. */
export const neighboursBlock = (names: readonly string[]): FeatureBlock => ({
  group: 'neighbours',
  names: ['host.index', ...names.flatMap((name) => [`${name}.now`, `${name}.mean6`])],
  write({ host, neighbours, tick }, out, at) {
    out[at] = host;
    let cursor = at + 1;
    for (const view of neighbours) {
      const known = view !== 'absent' && tick >= view.start;
      out[cursor++] = known ? valueAt(view, tick) : NaN;
      out[cursor++] = known ? meanOver(view, tick, 6) : NaN;
    }
  },
});
