import type { FleetSeries } from '../series.ts';
import type { FeatureExtractor, PreparedSeries } from './feature-types.ts';
import {
  emptyFleetView,
  emptyMetricView,
  emptyTargetView,
  fillFleetView,
  pushSample,
  pushTarget,
  rewind,
  scaleOf,
  type ViewSize,
} from './growing-views.ts';
import type { FleetView, MetricView, TargetView } from './views.ts';

/** One metric of all hosts, in the order of the series. */
type Column<View extends MetricView> = {
  readonly metric: string;
  readonly keepTicks: number;
  views: View[];
  /** From this tick on the samples may have changed since they were read. */
  validUntil: number;
  readonly make: (firstTick: number, host: number) => View;
  readonly push: (view: View, sample: number) => void;
};

type TargetColumn = Column<TargetView> & { fleet: FleetView; fleetUntil: number };

/** Ticks of the whole fleet that features look back on, and room beside them. */
const fleetKeepTicks = 24;
const fleetRoomTicks = 256;
/** Ticks held beyond the reach: late samples are read again, and sums of a first block begin earlier. */
const spareTicks = 16;

const followed = new WeakMap<FleetSeries, WarmFleet>();

/** What is kept warm of a series for an extractor, at its newest tick; `cold` where nobody follows this very series. */
export const warmViews = (
  series: FleetSeries,
  extractor: FeatureExtractor,
): { ready: PreparedSeries; tick: number } | 'cold' =>
  followed.get(series)?.prepared(series, extractor) ?? 'cold';

/**
 * What features need, kept from tick to tick for a series that grows at its end, and shared by all models that score it:
 * each tick costs what is new in it, however long the history. Views are made when a model first asks for them.
 */
export class WarmFleet {
  readonly #capacityTicks: number;
  #series: FleetSeries | undefined;
  #originMs = 0;
  readonly #targets = new Map<string, TargetColumn>();
  readonly #others = new Map<string, Column<MetricView>>();

  /** `capacityTicks`: ticks that the series will hold at most; older ones are not kept either. */
  constructor(capacityTicks: number) {
    this.#capacityTicks = capacityTicks;
  }

  /**
   * Takes the series as it is now; before `changedFromMs` it holds the same samples as when it was last followed, but for
   * the metrics that changed from an earlier moment on.
   */
  follow(
    series: FleetSeries,
    changedFromMs: number,
    earlier: Readonly<Record<string, number>> = {},
  ): void {
    const last = this.#series;
    this.#originMs = last === undefined ? series.firstTickAtMs : this.#originMs;
    const changedAt = ({ metric }: { metric: string }) =>
      Math.max(0, this.#tickOf(series, Math.min(changedFromMs, earlier[metric] ?? Infinity)));
    const columns = [...this.#targets.values(), ...this.#others.values()];
    for (const column of columns)
      column.validUntil = Math.min(column.validUntil, changedAt(column));
    for (const column of this.#targets.values())
      column.fleetUntil = Math.min(column.fleetUntil, changedAt(column));
    if (last !== undefined && last.hosts !== series.hosts) this.#changeHosts(last, series);
    this.#series = series;
    followed.set(series, this);
  }

  /** The views that an extractor reads, at the newest tick of this very series; `cold` for any other series. */
  prepared(
    series: FleetSeries,
    { spec, historyTicks, otherTicks }: FeatureExtractor,
  ): { ready: PreparedSeries; tick: number } | 'cold' {
    if (series !== this.#series || series.ticks === 0 || spec.neighbours.length > 0) return 'cold';
    const target = this.#targetColumn(spec.targetMetric, spec.thresholdPercent, historyTicks);
    const columns = spec.otherMetrics.map((metric) => this.#otherColumn(metric, otherTicks));
    this.#catchUp(series, target);
    for (const column of columns) this.#catchUp(series, column);
    const tick = this.#newest(series);
    this.#fillFleet(target, tick);
    const { hosts, tickMs } = series;
    return {
      tick,
      ready: {
        series: { hosts, tickMs, ticks: tick + 1, firstTickAtMs: this.#originMs },
        targets: target.views,
        others: columns.map(({ views }) => views),
        fleet: target.fleet,
        neighbours: [],
      },
    };
  }

  #tickOf({ tickMs }: FleetSeries, atMs: number): number {
    return Math.round((atMs - this.#originMs) / tickMs);
  }

  #newest(series: FleetSeries): number {
    return this.#tickOf(series, series.firstTickAtMs) + series.ticks - 1;
  }

  #keep(reachTicks: number): number {
    return Math.min(reachTicks, this.#capacityTicks) + spareTicks;
  }

  #size(keepTicks: number) {
    const slackTicks = Math.max(32, keepTicks >> 2);
    return (firstTick: number, host: number): ViewSize => ({
      firstTick,
      keepTicks,
      roomTicks: keepTicks + slackTicks,
      // Spread over the slack, so that no tick has to move all hosts' samples.
      leadTicks: (host * 8) % slackTicks,
    });
  }

  #targetColumn(metric: string, thresholdPercent: number, reachTicks: number): TargetColumn {
    const key = `${metric} ${thresholdPercent}`;
    const keepTicks = this.#keep(reachTicks);
    const known = this.#targets.get(key);
    if (known !== undefined && known.keepTicks >= keepTicks) return known;
    const size = this.#size(keepTicks);
    const column: TargetColumn = {
      metric,
      keepTicks,
      views: [],
      validUntil: 0,
      make: (firstTick, host) => emptyTargetView(size(firstTick, host), thresholdPercent),
      push: (view, sample) => pushTarget(view, sample, keepTicks),
      fleet: emptyFleetView(0, fleetRoomTicks),
      fleetUntil: 0,
    };
    this.#targets.set(key, column);
    return column;
  }

  #otherColumn(metric: string, reachTicks: number): Column<MetricView> {
    const keepTicks = this.#keep(reachTicks);
    const known = this.#others.get(metric);
    if (known !== undefined && known.keepTicks >= keepTicks) return known;
    const size = this.#size(keepTicks);
    const scale = scaleOf(metric);
    const column: Column<MetricView> = {
      metric,
      keepTicks,
      views: [],
      validUntil: 0,
      make: (firstTick, host) => emptyMetricView(size(firstTick, host)),
      push: (view, sample) => pushSample(view, scale(sample), keepTicks),
    };
    this.#others.set(metric, column);
    return column;
  }

  #catchUp<View extends MetricView>(series: FleetSeries, column: Column<View>): void {
    const { hosts, metrics, values } = series;
    const at = metrics.indexOf(column.metric);
    const first = this.#tickOf(series, series.firstTickAtMs);
    const newest = this.#newest(series);
    if (column.validUntil > newest && column.views.length === hosts.length) return;
    for (let host = 0; host < hosts.length; host++) {
      let view = column.views[host];
      const from = Math.min(view?.ticks ?? first, column.validUntil);
      // Where the change lies before all that is held, or the series begins later, the view begins anew.
      if (view === undefined || from < first || from <= view.first) {
        view = column.make(first, host);
        column.views[host] = view;
      } else rewind(view, from);
      for (let tick = view.ticks; tick <= newest; tick++) {
        const row = ((tick - first) * hosts.length + host) * metrics.length;
        column.push(view, at < 0 ? NaN : (values[row + at] ?? NaN));
      }
    }
    column.validUntil = newest + 1;
  }

  #fillFleet(column: TargetColumn, newest: number): void {
    if (column.fleetUntil > newest) return;
    const oldest = Math.max(0, newest - fleetKeepTicks + 1);
    const held = column.fleet.first;
    let from = Math.max(oldest, column.fleetUntil);
    if (newest - held >= fleetRoomTicks) {
      column.fleet = emptyFleetView(oldest, fleetRoomTicks);
      from = oldest;
    }
    fillFleetView(column.fleet, column.views, Math.max(from, column.fleet.first), newest);
    column.fleetUntil = newest + 1;
  }

  // Views follow their hosts; a host that is new begins with what the series holds of it.
  #changeHosts(last: FleetSeries, series: FleetSeries): void {
    const placeOf = new Map(last.hosts.map((name, place) => [name, place]));
    const first = this.#tickOf(series, series.firstTickAtMs);
    const moved = <View extends MetricView>(column: Column<View>) => {
      column.views = series.hosts.map(
        (name, host) => column.views[placeOf.get(name) ?? -1] ?? column.make(first, host),
      );
      column.validUntil = Math.min(column.validUntil, this.#newest(series));
    };
    for (const column of this.#targets.values()) {
      moved(column);
      column.fleetUntil = 0;
    }
    for (const column of this.#others.values()) moved(column);
  }
}
