import type { FleetSeries } from '../series.ts';
import type { FeatureSpec, PreparedSeries } from './feature-types.ts';
import {
  emptyFleetView,
  emptyMetricView,
  emptyTargetView,
  fillFleetView,
  pushSample,
  pushTarget,
  scaleOf,
} from './growing-views.ts';

/** Hosts read side by side: their samples of a tick lie next to each other in memory. */
const hostsAtOnce = 8;

/** Makes a whole series ready at once. */
export const prepareSeries = (
  series: FleetSeries,
  spec: FeatureSpec,
): PreparedSeries<FleetSeries> => {
  const { hosts, metrics, ticks, values } = series;
  const size = { firstTick: 0, roomTicks: ticks, keepTicks: ticks };
  const targetColumn = metrics.indexOf(spec.targetMetric);
  const columns = spec.otherMetrics.map((metric) => metrics.indexOf(metric));
  const scales = spec.otherMetrics.map(scaleOf);
  const absent = emptyMetricView({ ...size, roomTicks: 1 });
  const targets = hosts.map(() => emptyTargetView(size, spec.thresholdPercent));
  const others = columns.map((column) =>
    hosts.map(() => (column < 0 ? absent : emptyMetricView(size))),
  );
  for (let begin = 0; begin < hosts.length; begin += hostsAtOnce)
    for (let tick = 0; tick < ticks; tick++)
      for (let host = begin; host < Math.min(hosts.length, begin + hostsAtOnce); host++) {
        const row = (tick * hosts.length + host) * metrics.length;
        const sampleOf = (column: number) => (column < 0 ? NaN : (values[row + column] ?? NaN));
        const target = targets[host];
        if (target !== undefined) pushTarget(target, sampleOf(targetColumn), ticks);
        for (let at = 0; at < others.length; at++) {
          const view = others[at]?.[host];
          if (view !== undefined && view !== absent)
            pushSample(view, scales[at]?.(sampleOf(columns[at] ?? -1)) ?? NaN, ticks);
        }
      }
  const fleet = emptyFleetView(0, ticks);
  if (ticks > 0) fillFleetView(fleet, targets, 0, ticks - 1);
  const neighbours = spec.neighbours.map((name) => targets[hosts.indexOf(name)] ?? 'absent');
  return { series, targets, others, fleet, neighbours };
};
