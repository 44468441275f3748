import type { FleetView, MetricView, TargetView } from './views.ts';

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
