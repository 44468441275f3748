import type { PickMetrics, PickQuality } from '../forecast-model.ts';
import { type Labels, labelOutcomes } from '../labels.ts';
import { type FleetSeries, sampleAt } from '../series.ts';
import type { Interval, TrainingSpec } from '../spec.ts';
import { knownTicks } from './class-machine.ts';
import { type ClassModel, pickOf } from './class-model.ts';

/** Ticks at which a classifier is asked at most: each costs a whole mapping of the window. */
const maxAskedTicks = 300;

/** A tick at which the outcome of every host is known. */
export type PickTick = {
  readonly tick: number;
  /** Highest value of the horizon, by host. */
  readonly futureMax: readonly number[];
};

/** A pick with what became of it. */
export type JudgedPick = { readonly tick: number; readonly regretPercent: number };

/** Ticks of known outcome of every host, evenly from a stretch. */
export const pickTicks = (
  series: FleetSeries,
  labels: Labels,
  { from, to }: { from: number; to: number },
): PickTick[] => {
  const hosts = series.hosts.map((_, host) => host);
  const window = { hosts, metrics: [], windowTicks: Math.max(0, from) };
  const { ticks } = knownTicks(series, labels, window, to);
  const step = Math.max(1, Math.ceil(ticks.length / maxAskedTicks));
  return ticks
    .filter((_, i) => i % step === 0)
    .map((tick) => ({
      tick,
      futureMax: hosts.map((host) => labels.futureMax[host * series.ticks + tick] ?? NaN),
    }));
};

/** How good one pick a tick was. */
export const pickQuality = (
  ticks: readonly PickTick[],
  picks: readonly number[],
  thresholdPercent: number,
): PickQuality => {
  const decidable = ticks.map(({ futureMax }) => isDecidable(futureMax, thresholdPercent));
  const asked = decidable.filter(Boolean).length;
  let right = 0;
  let hits = 0;
  let regret = 0;
  ticks.forEach((at, i) => {
    const own = regretOf(at, picks[i] ?? -1);
    regret += own;
    if (own === 0) right++;
    if (decidable[i] && (at.futureMax[picks[i] ?? -1] ?? Infinity) < thresholdPercent) hits++;
  });
  return {
    rightShare: right / ticks.length,
    hitRate: asked === 0 ? 'unknown' : hits / asked,
    regretPercent: regret / ticks.length,
  };
};

/** A classifier's picks on some ticks, beside those of least-cpu on the same. */
export const measurePicks = (
  pickAt: (tick: number) => number,
  series: FleetSeries,
  ticks: readonly PickTick[],
  { targetMetric, thresholdPercent }: Pick<TrainingSpec, 'targetMetric' | 'thresholdPercent'>,
): PickMetrics | 'not-measured' => {
  const [first] = ticks;
  const last = ticks.at(-1);
  if (first === undefined || last === undefined) return 'not-measured';
  const target = series.metrics.indexOf(targetMetric);
  const least = ({ tick }: PickTick) =>
    lowestOf(series.hosts.map((_, host) => sampleAt(series, tick, host, target)));
  const at = (tick: number) => series.firstTickAtMs + tick * series.tickMs;
  const own = ticks.map(({ tick }) => pickAt(tick));
  return {
    model: pickQuality(ticks, own, thresholdPercent),
    leastCpu: pickQuality(ticks, ticks.map(least), thresholdPercent),
    ticks: ticks.length,
    decidableTicks: ticks.filter((each) => isDecidable(each.futureMax, thresholdPercent)).length,
    heldOut: { fromMs: at(first.tick), toMs: at(last.tick) },
  };
};

/** The regret of a classifier's picks on a stretch, at ticks of known outcome; own moves are left out. */
export const judgedPicks = (
  model: ClassModel,
  series: FleetSeries,
  spec: Pick<TrainingSpec, 'targetMetric' | 'horizonTicks' | 'thresholdPercent' | 'censored'>,
  stretch: Interval,
): JudgedPick[] => {
  const target = series.metrics.indexOf(spec.targetMetric);
  const { horizonTicks, thresholdPercent, censored } = spec;
  const labels = labelOutcomes(series, target, horizonTicks, thresholdPercent, censored);
  const tickAt = (atMs: number) => (atMs - series.firstTickAtMs) / series.tickMs;
  const from = Math.ceil(tickAt(stretch.fromMs));
  const to = Math.floor(tickAt(stretch.toMs)) + 1;
  return pickTicks(series, labels, { from, to }).flatMap((at) => {
    const pick = pickOf(model.classify(series, at.tick));
    return pick === 'none' ? [] : [{ tick: at.tick, regretPercent: regretOf(at, pick) }];
  });
};

const regretOf = ({ futureMax }: PickTick, pick: number): number =>
  (futureMax[pick] ?? Math.max(...futureMax)) - Math.min(...futureMax);

const isDecidable = (futureMax: readonly number[], thresholdPercent: number): boolean => {
  const safe = futureMax.filter((max) => max < thresholdPercent).length;
  return safe > 0 && safe < futureMax.length;
};

const lowestOf = (values: readonly number[]): number => {
  let lowest = 0;
  values.forEach((value, i) => {
    if (value < (values[lowest] ?? Infinity)) lowest = i;
  });
  return lowest;
};
