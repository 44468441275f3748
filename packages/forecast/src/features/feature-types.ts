import type { FleetSeries } from '../series.ts';
import type { FeatureGroup } from './feature-block.ts';
import type { FleetView, MetricView, TargetView } from './views.ts';

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

/** A feature's name and theme. */
export type FeatureInfo = { readonly name: string; readonly group: FeatureGroup };

/** A series made ready for reading features at any host, and at any tick that the views hold. */
export type PreparedSeries<
  Series = Pick<FleetSeries, 'hosts' | 'ticks' | 'tickMs' | 'firstTickAtMs'>,
> = {
  readonly series: Series;
  readonly targets: readonly TargetView[];
  /** Per further metric the views of all hosts. */
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
  /** The same for the metrics that are not foreseen. */
  readonly otherTicks: number;
  prepare(series: FleetSeries): PreparedSeries<FleetSeries>;
  /** Writes one row; NaN = cannot be known. */
  write(prepared: PreparedSeries, host: number, tick: number, out: Float32Array, at: number): void;
};
