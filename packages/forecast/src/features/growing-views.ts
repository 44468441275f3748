import {
  blockTicks,
  closeBlock,
  type FleetView,
  type MetricView,
  noSampleYet,
  type TargetView,
} from './views.ts';

/** How a view begins and how much of the past it keeps. */
export type ViewSize = {
  /** The first tick that will be pushed. */
  readonly firstTick: number;
  /** Ticks that it holds at most; with `keepTicks` below it, what is older is forgotten when it is full. */
  readonly roomTicks: number;
  readonly keepTicks: number;
  /** Room left free at the begin: views that do not all forget at the same tick share the work out. */
  readonly leadTicks?: number;
};

const wholeBlocks = (ticks: number): number => Math.ceil(ticks / blockTicks) * blockTicks;

const shapeOf = ({ firstTick, roomTicks, leadTicks = 0 }: ViewSize) => {
  const first = Math.floor(firstTick / blockTicks) * blockTicks - wholeBlocks(leadTicks);
  return { first, room: wholeBlocks(roomTicks + firstTick - first) };
};

/** An empty view of a metric that is not the foreseen one. */
export const emptyMetricView = (size: ViewSize): MetricView => {
  const { first, room } = shapeOf(size);
  return {
    first,
    values: new Float64Array(room),
    sums: new Float64Array(room / blockTicks),
    squares: new Float64Array(room / blockTicks),
    start: noSampleYet,
    ticks: size.firstTick,
  };
};

/** An empty view of the foreseen metric. */
export const emptyTargetView = (size: ViewSize, thresholdPercent: number): TargetView => {
  const view = emptyMetricView(size);
  const room = view.values.length;
  return {
    ...view,
    thresholdPercent,
    age: new Int32Array(room),
    overThrough: new Int32Array(room),
    lastOver: new Int32Array(room).fill(-1),
    risesThrough: new Int32Array(room),
    rises: new Int32Array(room / 2 + 1),
    forgottenRises: 0,
    blockMax: new Float64Array(room / blockTicks),
    blockMin: new Float64Array(room / blockTicks),
  };
};

/** Appends the next tick's sample to a view; NaN = missing, the newest known value is carried forward. */
export const pushSample = (view: MetricView, sample: number, keepTicks: number): void => {
  if (view.ticks - view.first >= view.values.length) forgetOldest(view, keepTicks);
  append(view, sample);
};

const append = (view: MetricView, sample: number): number => {
  const tick = view.ticks;
  const at = tick - view.first;
  let value = sample;
  if (Number.isNaN(sample)) value = at === 0 ? 0 : (view.values[at - 1] ?? 0);
  else if (view.start > tick) view.start = tick;
  view.values[at] = value;
  view.ticks = tick + 1;
  if (view.ticks % blockTicks === 0) closeBlock(view);
  return value;
};

/** The same for the foreseen metric. */
export const pushTarget = (view: TargetView, sample: number, keepTicks: number): void => {
  if (view.ticks - view.first >= view.values.length) forgetOldestOfTarget(view, keepTicks);
  const tick = view.ticks;
  const at = tick - view.first;
  const value = append(view, sample);
  const known = at > 0;
  const { thresholdPercent, start } = view;
  view.age[at] = Number.isNaN(sample) ? (known ? (view.age[at - 1] ?? 0) : 0) + 1 : 0;
  const over = tick >= start && value >= thresholdPercent;
  const before = tick > start && (view.values[at - 1] ?? 0) >= thresholdPercent;
  const rises = known ? (view.risesThrough[at - 1] ?? 0) : 0;
  const risen = over && !before && tick > start;
  if (risen) view.rises[rises - view.forgottenRises] = tick;
  view.risesThrough[at] = rises + (risen ? 1 : 0);
  view.overThrough[at] = (known ? (view.overThrough[at - 1] ?? 0) : 0) + (over ? 1 : 0);
  view.lastOver[at] = over ? tick : known ? (view.lastOver[at - 1] ?? -1) : -1;
  if (view.ticks % blockTicks === 0) closeExtremes(view);
};

const closeExtremes = ({ values, first, ticks, blockMax, blockMin }: TargetView): void => {
  let max = -Infinity;
  let min = Infinity;
  for (let i = ticks - first - blockTicks; i < ticks - first; i++) {
    const value = values[i] ?? 0;
    if (value > max) max = value;
    if (value < min) min = value;
  }
  blockMax[(ticks - first) / blockTicks - 1] = max;
  blockMin[(ticks - first) / blockTicks - 1] = min;
};

/** Takes back every tick from `tick` on: what is pushed next is that tick. */
export const rewind = (view: MetricView, tick: number): void => {
  if (tick >= view.ticks) return;
  view.ticks = tick;
  if (view.start >= tick) view.start = noSampleYet;
};

const forgetOldest = (view: MetricView, keepTicks: number): number => {
  const forgotten = Math.floor((view.ticks - view.first - keepTicks) / blockTicks) * blockTicks;
  view.values.copyWithin(0, forgotten);
  view.sums.copyWithin(0, forgotten / blockTicks);
  view.squares.copyWithin(0, forgotten / blockTicks);
  view.first += forgotten;
  return forgotten;
};

const forgetOldestOfTarget = (view: TargetView, keepTicks: number): void => {
  const forgotten = forgetOldest(view, keepTicks);
  for (const each of [view.age, view.overThrough, view.lastOver, view.risesThrough])
    each.copyWithin(0, forgotten);
  view.blockMax.copyWithin(0, forgotten / blockTicks);
  view.blockMin.copyWithin(0, forgotten / blockTicks);
  // The rises before the oldest tick held; one at that very tick stays.
  const gone = Math.max(view.forgottenRises, (view.risesThrough[0] ?? 0) - 1);
  view.rises.copyWithin(0, gone - view.forgottenRises);
  view.forgottenRises = gone;
};

/** An empty view of a fleet that holds the ticks from `first` on. */
export const emptyFleetView = (first: number, roomTicks: number): FleetView => ({
  first,
  sums: new Float64Array(roomTicks),
  over: new Float64Array(roomTicks),
  max: new Float64Array(roomTicks),
  present: new Int32Array(roomTicks),
});

/** How the foreseen metric stands at the ticks `[from, to]` over the fleet's hosts that have ever reported. */
export const fillFleetView = (
  view: FleetView,
  targets: readonly TargetView[],
  from: number,
  to: number,
): void => {
  const { first, sums, over, max, present } = view;
  for (const part of [sums, over, max, present]) part.fill(0, from - first, to + 1 - first);
  for (const target of targets) {
    const { values, thresholdPercent } = target;
    for (let tick = Math.max(target.start, from); tick <= to; tick++) {
      const at = tick - first;
      const value = values[tick - target.first] ?? 0;
      sums[at] = (sums[at] ?? 0) + value;
      present[at] = (present[at] ?? 0) + 1;
      if (value >= thresholdPercent) over[at] = (over[at] ?? 0) + 1;
      if (value > (max[at] ?? 0)) max[at] = value;
    }
  }
};

/** A metric that is a percentage keeps its scale; a rate spans decades, so its logarithm is used. */
export const scaleOf = (metric: string): ((value: number) => number) =>
  /percent$/i.test(metric) ? (value) => value : (value) => Math.log1p(Math.max(0, value));
