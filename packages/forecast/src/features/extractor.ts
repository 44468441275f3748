import type { FeatureBlock, RowContext } from './feature-block.ts';
import type {
  FeatureExtractor,
  FeatureInfo,
  FeatureSpec,
  PreparedSeries,
} from './feature-types.ts';
import { levelBlock, peaksBlock, trendBlock } from './load-blocks.ts';
import { prepareSeries } from './prepare-series.ts';
import { crossingsBlock, seasonBlock } from './recurrence-blocks.ts';
import { fleetBlock, neighboursBlock, otherMetricsBlock } from './surroundings-blocks.ts';
import { valueAt } from './views.ts';

/** Raised whenever a feature changes meaning: models of another version are refused. */
export const featureSetVersion = 1;

export type { FeatureExtractor, FeatureInfo, FeatureSpec, PreparedSeries };

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
    if (target === undefined) return 'no-host';
    return {
      target,
      tick,
      others: prepared.others,
      fleet: prepared.fleet,
      host,
      neighbours: prepared.neighbours,
      ownInFleet: tick < target.start ? 0 : valueAt(target, tick),
      absoluteTick: prepared.series.firstTickAtMs / prepared.series.tickMs + tick,
    };
  };
  return {
    spec,
    features,
    historyTicks,
    otherTicks: windowTicks * 12 + 1,
    prepare: (series) => prepareSeries(series, spec),
    write(prepared, host, tick, out, at) {
      const row = context(prepared, host, tick);
      if (row === 'no-host') out.fill(NaN, at, at + features.length);
      else run(row, out, at);
    },
  };
};
