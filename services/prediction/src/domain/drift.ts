import { type FleetSeries, sampleAt } from '@sidestep/forecast';

/** A distribution as it was in training: shares of the values below each edge and beyond the last. */
export type DriftReference = {
  /** A metric, or `outcome`. */
  feature: string;
  edges: readonly number[];
  shares: readonly number[];
};

export type DriftVerdict = 'stable' | 'shifting' | 'drifted' | 'unknown';
export type Drift = { feature: string; psi: number | null; verdict: DriftVerdict; samples: number };

const bins = 10;
/** Most values of a metric that are looked at. */
const maxValues = 20_000;
/** Fewer values than this say nothing (our choice). */
const minValues = 200;
/** The usual limits of the population stability index (Siddiqi 2006). */
const shiftingFrom = 0.1;
const driftedFrom = 0.25;
/** A share of nothing would be infinitely far from any. */
const leastShare = 1e-4;

/** Values of one metric over all hosts, evenly thinned; missing ones are left out. */
export const valuesOf = (series: FleetSeries, metric: string, newestTicks?: number): number[] => {
  const column = series.metrics.indexOf(metric);
  if (column < 0) return [];
  const first = Math.max(0, series.ticks - (newestTicks ?? series.ticks));
  const count = (series.ticks - first) * series.hosts.length;
  // A step that shares no factor with the hosts' number visits all of them.
  let step = Math.max(1, Math.floor(count / maxValues));
  while (step > 1 && gcd(step, series.hosts.length) > 1) step++;
  const values: number[] = [];
  for (let at = 0; at < count; at += step) {
    const tick = first + Math.floor(at / series.hosts.length);
    const value = sampleAt(series, tick, at % series.hosts.length, column);
    if (!Number.isNaN(value)) values.push(value);
  }
  return values;
};

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** What later values of a feature are compared with: its tenths; undefined with too few values. */
export const driftReference = (
  feature: string,
  values: readonly number[],
): DriftReference | undefined => {
  if (values.length < minValues) return undefined;
  const sorted = values.toSorted((a, b) => a - b);
  const cuts = Array.from(
    { length: bins - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / bins)] ?? 0,
  );
  const edges = [...new Set(cuts)];
  return { feature, edges, shares: sharesOf(values, edges) };
};

/** The outcome's reference: how often the threshold was crossed. */
export const outcomeReference = (rate: number): DriftReference => ({
  feature: 'outcome',
  edges: [0.5],
  shares: [1 - rate, rate],
});

/** How far values have moved from a reference: Σ (a − e) ln (a / e) over the bins. */
export const driftOf = (reference: DriftReference, values: readonly number[]): Drift => {
  const { feature } = reference;
  const samples = values.length;
  if (samples < minValues) return { feature, psi: null, verdict: 'unknown', samples };
  const now = sharesOf(values, reference.edges);
  const psi = now.reduce((sum, share, bin) => {
    const actual = Math.max(leastShare, share);
    const expected = Math.max(leastShare, reference.shares[bin] ?? 0);
    return sum + (actual - expected) * Math.log(actual / expected);
  }, 0);
  const verdict = psi >= driftedFrom ? 'drifted' : psi >= shiftingFrom ? 'shifting' : 'stable';
  return { feature, psi, verdict, samples };
};

const sharesOf = (values: readonly number[], edges: readonly number[]): number[] => {
  const counts = Array.from({ length: edges.length + 1 }, () => 0);
  for (const value of values) {
    let bin = 0;
    while (bin < edges.length && value >= (edges[bin] ?? Infinity)) bin++;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts.map((count) => count / values.length);
};
