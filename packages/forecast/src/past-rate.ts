import type { ForecastModel, HostScore, PairScore, UnknownWhy } from './forecast-model.ts';
import { createPersistenceModel, type FallbackSpec } from './persistence.ts';
import { hostReadiness } from './readiness.ts';
import { countRises, type FleetSeries, onlyBeginsOf, sampleAt } from './series.ts';

/** The name of the fallback for what only begins now and then. */
export const pastRateName = 'past-rate';

/** The fallback where the begin of an incident is foreseen: as often as in the past of the whole fleet. */
export const createPastRateModel = (spec: FallbackSpec, tickMs: number): ForecastModel => {
  const { info } = createPersistenceModel(spec, tickMs);
  const known = new WeakMap<FleetSeries, number>();
  const riskOf = (series: FleetSeries): number => {
    const earlier = known.get(series);
    if (earlier !== undefined) return earlier;
    const target = series.metrics.indexOf(spec.targetMetric);
    const begun = target < 0 ? 0 : countRises(series, target, spec.thresholdPercent);
    // Half an incident more than was seen: what has never happened may happen all the same.
    const perTick = (begun + 0.5) / (series.ticks * Math.max(1, series.hosts.length) + 1);
    const risk = 1 - (1 - perTick) ** spec.horizonTicks;
    known.set(series, risk);
    return risk;
  };
  const stateOf = (series: FleetSeries, host: number, atTick: number): 'ready' | UnknownWhy => {
    const ready = hostReadiness(series, spec.targetMetric, 3, host, atTick);
    return ready === 'ready' ? beginsAt(series, spec, host, atTick) : ready;
  };
  return {
    info: { ...info, kind: pastRateName, version: pastRateName, features: [] },
    score: (series, atTick) =>
      series.hosts.map((host, hostIndex): HostScore => {
        const state = stateOf(series, hostIndex, atTick);
        if (state !== 'ready') return { host, hostIndex, risk: 'unknown', why: state };
        return { host, hostIndex, risk: riskOf(series), expectedMaxPercent: 0, reasons: [] };
      }),
    scorePairs: (series, atTick, pairs) =>
      pairs.map((pair): PairScore => {
        const state = stateOf(series, pair.hostIndex, atTick);
        if (state !== 'ready') return { ...pair, risk: 'unknown', why: state };
        return { ...pair, risk: riskOf(series), expectedMaxPercent: 0 };
      }),
  };
};

/** Whether there is a begin to foresee: while an incident lasts there is none. */
export const beginsAt = (
  series: FleetSeries,
  { targetMetric, thresholdPercent }: Pick<FallbackSpec, 'targetMetric' | 'thresholdPercent'>,
  host: number,
  atTick: number,
): 'ready' | 'in-incident' => {
  if (!onlyBeginsOf(targetMetric)) return 'ready';
  const target = series.metrics.indexOf(targetMetric);
  return sampleAt(series, atTick, host, target) >= thresholdPercent ? 'in-incident' : 'ready';
};

/** What answers while no trained model does. */
export const createFallbackModel = (spec: FallbackSpec, tickMs: number): ForecastModel =>
  onlyBeginsOf(spec.targetMetric)
    ? createPastRateModel(spec, tickMs)
    : createPersistenceModel(spec, tickMs);
