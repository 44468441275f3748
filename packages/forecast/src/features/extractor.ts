import { type FleetSeries, sampleAt } from '../series.ts';
import {
  crossingsBlock,
  type FeatureBlock,
  type FeatureGroup,
  fleetBlock,
  levelBlock,
  neighboursBlock,
  otherMetricsBlock,
  peaksBlock,
  type RowContext,
  seasonBlock,
  trendBlock,
} from './blocks.ts';
import {
  carriedForward,
  type FleetView,
  fleetView,
  type MetricView,
  metricView,
  type TargetView,
  targetView,
} from './views.ts';

/** Everything that decides which features a model reads; kept in the model's file. */
export type FeatureSpec = {
  readonly targetMetric: string;
  /** Further input metrics, in order. */
  readonly otherMetrics: readonly string[];
  readonly windowTicks: number;
  readonly horizonTicks: number;
  readonly thresholdPercent: number;
  /** Periods of the seasons to look back by, in ticks; the first is the fleet's own. */
  readonly periods: readonly number[];
  /** Hosts whose load is a feature for all others; only for fleets whose hosts stay the same. */
  readonly neighbours: readonly string[];
};

/** Raised whenever a feature changes meaning: models of another version are refused. */
export const featureSetVersion = 1;

/** A feature's name and theme. */
export type FeatureInfo = { readonly name: string; readonly group: FeatureGroup };

/** A series made ready for reading features at any tick and host. */
export type PreparedSeries = {
  readonly series: FleetSeries;
  readonly targets: readonly TargetView[];
  readonly others: readonly (readonly MetricView[])[];
  readonly fleet: FleetView;
  /** The views of the hosts named as neighbours, in their order. */
  readonly neighbours: readonly (TargetView | 'absent')[];
};

/** Turns samples at or before a tick into one row of numbers per host. */
export type FeatureExtractor = {
  readonly spec: FeatureSpec;
  readonly features: readonly FeatureInfo[];
  /** Ticks of history after which more history changes nothing but running means' last digits. */
  readonly historyTicks: number;
  prepare(series: FleetSeries): PreparedSeries;
  /** Writes one row; NaN = cannot be known. */
  write(prepared: PreparedSeries, host: number, tick: number, out: Float32Array, at: number): void;
};

/** Builds the extractor that a feature specification describes. */
export const createExtractor = (spec: FeatureSpec): FeatureExtractor => {
  const { windowTicks, horizonTicks, periods } = spec;
  const longestPeriod = Math.max(0, ...periods);
  const longTicks = Math.max(windowTicks * 12, longestPeriod * 2);
  const blocks: FeatureBlock[] = [
    levelBlock(windowTicks),
    peaksBlock(windowTicks, longTicks),
    trendBlock(windowTicks),
    crossingsBlock(windowTicks, longTicks),
    ...periods.map((period) => seasonBlock(period, horizonTicks)),
    otherMetricsBlock(spec.otherMetrics, windowTicks),
    fleetBlock,
    ...(spec.neighbours.length > 0 ? [neighboursBlock(spec.neighbours)] : []),
  ];
  const features = blocks.flatMap(({ group, names }) => names.map((name) => ({ name, group })));
  const historyTicks = Math.max(longTicks, longestPeriod * 4 + horizonTicks * 2) + 1;
  const run = (context: RowContext, out: Float32Array, at: number) => {
    let cursor = at;
    for (const block of blocks) {
      block.write(context, out, cursor);
      cursor += block.names.length;
    }
  };
  const context = (
    prepared: PreparedSeries,
    host: number,
    tick: number,
  ): RowContext | 'no-host' => {
    const target = prepared.targets[host];
    const others = prepared.others[host];
    if (target === undefined || others === undefined) return 'no-host';
    return {
      target,
      tick,
      others,
      fleet: prepared.fleet,
      host,
      neighbours: prepared.neighbours,
      ownInFleet: tick < target.start ? 0 : (target.values[tick] ?? 0),
      absoluteTick: prepared.series.firstTickAtMs / prepared.series.tickMs + tick,
    };
  };
  return {
    spec,
    features,
    historyTicks,
    prepare: (series) => prepareSeries(series, spec),
    write(prepared, host, tick, out, at) {
      const row = context(prepared, host, tick);
      if (row === 'no-host') out.fill(NaN, at, at + features.length);
      else run(row, out, at);
    },
  };
};

const prepareSeries = (series: FleetSeries, spec: FeatureSpec): PreparedSeries => {
  const targetIndex = series.metrics.indexOf(spec.targetMetric);
  const targets = series.hosts.map((_, host) =>
    targetView(
      carriedForward(
        (tick) => (targetIndex < 0 ? NaN : sampleAt(series, tick, host, targetIndex)),
        series.ticks,
      ),
      spec.thresholdPercent,
    ),
  );
  const otherIndexes = spec.otherMetrics.map((metric) => series.metrics.indexOf(metric));
  const missing = new Float64Array(series.ticks);
  const absent: MetricView = {
    values: missing,
    start: series.ticks,
    sums: new Float64Array(series.ticks + 1),
    squares: new Float64Array(series.ticks + 1),
  };
  const others = series.hosts.map((_, host) =>
    otherIndexes.map((metric) => (metric < 0 ? absent : metricView(series, host, metric))),
  );
  const neighbours = spec.neighbours.map(
    (name) => targets[series.hosts.indexOf(name)] ?? ('absent' as const),
  );
  return { series, targets, others, fleet: fleetView(targets, series.ticks), neighbours };
};
