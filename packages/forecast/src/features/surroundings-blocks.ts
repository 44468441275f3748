import type { FeatureBlock } from './feature-block.ts';
import { deviationOf, meanOver, momentsBetween, valueAt } from './views.ts';

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
