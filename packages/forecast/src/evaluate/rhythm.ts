import type { FeatureExtractor, FeatureInfo, PreparedSeries } from '../features/extractor.ts';
import { type MetricView, valueAt } from '../features/views.ts';

/** Lags whose continuation is told one by one, in windows. */
const toldWindows = [0.5, 1, 1.5, 2, 3];

const names = [
  'period',
  'strength',
  'next',
  'nextBefore',
  'expected',
  ...toldWindows.map((windows) => `next${windows}w`),
  'strengthTimesNext',
];

/** Whether a feature tells of a host's own rhythm. */
export const isRhythm = ({ name }: FeatureInfo): boolean => name.startsWith('rhythm.');

/** How a host's own rhythm is looked for. */
export type RhythmSettings = {
  /** Ticks before this one are another day's: its rhythm need not go on. */
  readonly fromTick: number;
  readonly windowTicks: number;
  readonly horizonTicks: number;
};

/**
 * Adds what each host's own rhythm says to the features of another extractor: the lag after which its load resembles itself
 * most (autocorrelation that forgets over four windows), how much it does, and what came after that lag.
 */
export const withRhythm = (inner: FeatureExtractor, settings: RhythmSettings): FeatureExtractor => {
  const tables = new WeakMap<PreparedSeries, readonly Float32Array[]>();
  const added = names.map((name): FeatureInfo => ({ name: `rhythm.${name}`, group: 'season' }));
  const features = [...inner.features, ...added];
  return {
    ...inner,
    features,
    prepare(series) {
      const prepared = inner.prepare(series);
      tables.set(
        prepared,
        prepared.targets.map((target) => rhythmOf(target, series.ticks, settings)),
      );
      return prepared;
    },
    write(prepared, host, tick, out, at) {
      inner.write(prepared, host, tick, out, at);
      const table = tables.get(prepared)?.[host];
      const from = (tick - settings.fromTick) * names.length;
      for (let i = 0; i < names.length; i++)
        out[at + inner.features.length + i] = from < 0 ? NaN : (table?.[from + i] ?? NaN);
    },
  };
};

/** Deviations from the mean, in points, below which likeness is by chance. */
const noisePercent = 11;
/** How strongly likelier lags are preferred in the expectation over all lags. */
const sharpness = 8;

// One row of features per tick from `fromTick`; each reads values up to its own tick only.
const rhythmOf = (
  target: MetricView,
  ticks: number,
  { fromTick, windowTicks, horizonTicks }: RhythmSettings,
): Float32Array => {
  const width = names.length;
  const table = new Float32Array(Math.max(0, ticks - fromTick) * width).fill(NaN);
  const lags = Array.from(
    { length: windowTicks * 3 - horizonTicks + 1 },
    (_, i) => horizonTicks + i,
  );
  const kept = 0.5 ** (1 / (windowTicks * 4));
  const shared = new Float64Array(lags.length);
  let sum = 0;
  let weight = 0;
  let variance = 0;
  const first = Math.max(fromTick, target.start);
  // What followed a lag ago; it lies in the past as no lag is shorter than the horizon.
  const after = (tick: number, lag: number): number => {
    if (tick + 1 - lag < first) return NaN;
    let max = 0;
    for (let ahead = 1; ahead <= horizonTicks; ahead++)
      max = Math.max(max, valueAt(target, tick + ahead - lag));
    return max;
  };
  for (let tick = first; tick < ticks; tick++) {
    const now = valueAt(target, tick);
    weight = weight * kept + 1;
    sum = sum * kept + now;
    const mean = sum / weight;
    variance = variance * kept + (now - mean) ** 2;
    let best = 0;
    let strength = -1;
    let expected = 0;
    let votes = 1e-6;
    for (let i = 0; i < lags.length; i++) {
      const lag = lags[i] ?? 0;
      const then = tick - lag;
      const likeness =
        (shared[i] ?? 0) * kept +
        (then >= first ? (now - mean) * (valueAt(target, then) - mean) : 0);
      shared[i] = likeness;
      if (then + 1 < first) continue;
      const alike = likeness / (variance + noisePercent ** 2);
      if (alike > strength && then >= first + horizonTicks - 1) {
        strength = alike;
        best = lag;
      }
      const vote = Math.exp(sharpness * Math.max(0, alike)) - 1;
      expected += vote * after(tick, lag);
      votes += vote;
    }
    const at = (tick - fromTick) * width;
    const next = best === 0 ? NaN : after(tick, best);
    table[at] = best === 0 ? NaN : best;
    table[at + 1] = best === 0 ? NaN : strength;
    table[at + 2] = next;
    table[at + 3] = best === 0 ? NaN : after(tick, 2 * best);
    table[at + 4] = expected / votes;
    toldWindows.forEach((windows, i) => {
      table[at + 5 + i] = after(tick, Math.round(windows * windowTicks));
    });
    table[at + 5 + toldWindows.length] = Math.max(0, strength) * next;
  }
  return table;
};
