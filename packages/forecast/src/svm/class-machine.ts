import { seededRandom } from '@sidestep/fleet';
import { type Labels, unknownOutcome } from '../labels.ts';
import { normalDraw, shuffle } from '../random.ts';
import { type FleetSeries, sampleAt } from '../series.ts';

/** Random Fourier features that stand in for the RBF kernel (Rahimi & Recht 2007). */
export const mappedFeatures = 300;
const epochs = 6;
const regularisation = 1e-4;

/** The hosts that are classes, and what is read of them. */
export type ClassWindow = {
  /** Columns of the series' hosts; −1 for one that it does not have. */
  readonly hosts: readonly number[];
  /** Columns of the series' metrics, the foreseen one first; −1 for one that it does not have. */
  readonly metrics: readonly number[];
  readonly windowTicks: number;
};

/** One-versus-rest hyperplanes on an approximated RBF kernel: from the window of all hosts to one margin a host. */
export type ClassMachine = {
  /** Of each input. */
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** `mappedFeatures` rows of one frequency an input. */
  readonly frequencies: Float32Array;
  readonly phases: Float32Array;
  /** One hyperplane a host: `mappedFeatures` weights and an offset. */
  readonly planes: Float32Array;
};

/** How much may be learnt from, and when fitting has to come to its end. */
export type FitBounds = { readonly maxRows: number; readonly outOfTime: () => boolean };

/** Numbers of one window: ticks × hosts × metrics. */
export const inputWidth = ({ hosts, metrics, windowTicks }: ClassWindow): number =>
  windowTicks * hosts.length * metrics.length;

/** Each host's margin at a tick, in the window's order: the higher, the likelier it has the lowest future maximum. */
export const marginsAt = (
  machine: ClassMachine,
  series: FleetSeries,
  window: ClassWindow,
  tick: number,
): number[] => {
  const map = new Float64Array(mappedFeatures + 1);
  mapInput(machine, readWindow(series, window, tick), map);
  return window.hosts.map((_, k) => marginOf(machine.planes, k, map));
};

/** Fits a machine to outcomes before `untilTick`; the ticks without a known outcome of every host teach nothing. */
export const fitClasses = (
  series: FleetSeries,
  labels: Labels,
  window: ClassWindow,
  untilTick: number,
  seed: number,
  bounds: FitBounds,
): { machine: ClassMachine; rows: number } => {
  const random = seededRandom(seed);
  const { ticks, classes } = thinned(knownTicks(series, labels, window, untilTick), bounds.maxRows);
  const width = inputWidth(window);
  const inputs = ticks.map((tick) => readWindow(series, window, tick));
  const { mean, scale } = momentsOf(inputs, width);
  // The usual "scale" width: a kernel of variance width for standardised inputs.
  const frequencies = Float32Array.from(
    { length: mappedFeatures * width },
    () => normalDraw(random) * Math.sqrt(2 / width),
  );
  const phases = Float32Array.from({ length: mappedFeatures }, () => 2 * Math.PI * random());
  const basis = { mean, scale, frequencies, phases };
  // In a drawn order, so that what time leaves over is spread over the whole history.
  const order = shuffle(
    Int32Array.from(ticks, (_, i) => i),
    random,
  );
  const maps: Float64Array[] = [];
  const wanted: number[] = [];
  for (const i of order) {
    if (maps.length > 0 && bounds.outOfTime()) break;
    const map = new Float64Array(mappedFeatures + 1);
    mapInput(basis, inputs[i] ?? new Float64Array(width), map);
    maps.push(map);
    wanted.push(classes[i] ?? 0);
  }
  const planes = fitPlanes(maps, wanted, window.hosts.length, random, bounds.outOfTime);
  return { machine: { ...basis, planes }, rows: maps.length };
};

/** Ticks whose outcome is known of every host, each with the host of the lowest maximum. */
export const knownTicks = (
  series: FleetSeries,
  labels: Labels,
  { hosts, windowTicks }: ClassWindow,
  untilTick: number,
): { ticks: number[]; classes: number[] } => {
  const ticks: number[] = [];
  const classes: number[] = [];
  for (let tick = windowTicks; tick < untilTick; tick++) {
    let lowest = -1;
    let lowestMax = Infinity;
    const known = hosts.every((host, k) => {
      const at = host * series.ticks + tick;
      if (host < 0 || labels.crossed[at] === unknownOutcome) return false;
      const max = labels.futureMax[at] ?? Infinity;
      if (max < lowestMax) {
        lowest = k;
        lowestMax = max;
      }
      return true;
    });
    if (!known || lowest < 0) continue;
    ticks.push(tick);
    classes.push(lowest);
  }
  return { ticks, classes };
};

/** At most so many, evenly from the whole history: neighbouring ticks tell nearly the same. */
const thinned = ({ ticks, classes }: ReturnType<typeof knownTicks>, most: number) => {
  const step = Math.max(1, ticks.length / most);
  const kept = Array.from({ length: Math.min(ticks.length, most) }, (_, i) => Math.floor(i * step));
  return {
    ticks: kept.map((i) => ticks[i] ?? 0),
    classes: kept.map((i) => classes[i] ?? 0),
  };
};

const readWindow = (
  series: FleetSeries,
  { hosts, metrics, windowTicks }: ClassWindow,
  tick: number,
): Float64Array => {
  const out = new Float64Array(windowTicks * hosts.length * metrics.length).fill(NaN);
  let at = 0;
  for (let lag = 0; lag < windowTicks; lag++)
    for (const host of hosts)
      metrics.forEach((metric, m) => {
        const there = tick - lag >= 0 && host >= 0 && metric >= 0;
        const value = there ? sampleAt(series, tick - lag, host, metric) : NaN;
        // Rates span decades; the foreseen metric is a percentage.
        out[at++] = m === 0 ? value : Math.log1p(Math.max(0, value));
      });
  return out;
};

const marginOf = (
  planes: Float32Array | Float64Array,
  server: number,
  map: Float64Array,
): number => {
  let sum = 0;
  const from = server * (mappedFeatures + 1);
  for (let i = 0; i <= mappedFeatures; i++) sum += (planes[from + i] ?? 0) * (map[i] ?? 0);
  return sum;
};

/** Maps an input (which is standardised in place) into the kernel's approximated space. */
const mapInput = (
  machine: Omit<ClassMachine, 'planes'>,
  input: Float64Array,
  out: Float64Array,
): void => {
  const width = machine.mean.length;
  for (let i = 0; i < width; i++) {
    const value = ((input[i] ?? NaN) - (machine.mean[i] ?? 0)) / (machine.scale[i] ?? 1);
    input[i] = Number.isNaN(value) ? 0 : Math.max(-5, Math.min(5, value));
  }
  for (let m = 0; m < mappedFeatures; m++) {
    let sum = machine.phases[m] ?? 0;
    const from = m * width;
    for (let i = 0; i < width; i++) sum += (machine.frequencies[from + i] ?? 0) * (input[i] ?? 0);
    out[m] = Math.sqrt(2 / mappedFeatures) * Math.cos(sum);
  }
  out[mappedFeatures] = 1;
};

const fitPlanes = (
  maps: readonly Float64Array[],
  classes: readonly number[],
  servers: number,
  random: () => number,
  outOfTime: () => boolean,
): Float32Array => {
  const planes = new Float64Array(servers * (mappedFeatures + 1));
  const order = Int32Array.from(maps, (_, i) => i);
  let step = 0;
  for (let epoch = 0; epoch < epochs && (epoch === 0 || !outOfTime()); epoch++)
    for (const i of shuffle(order, random)) {
      const map = maps[i];
      if (map === undefined) continue;
      const rate = 2 / (1 + step++ / maps.length);
      for (let server = 0; server < servers; server++) {
        const side = classes[i] === server ? 1 : -1;
        if (side * marginOf(planes, server, map) >= 1) continue;
        const from = server * (mappedFeatures + 1);
        for (let m = 0; m <= mappedFeatures; m++)
          planes[from + m] =
            (planes[from + m] ?? 0) * (1 - rate * regularisation) + rate * side * (map[m] ?? 0);
      }
    }
  return Float32Array.from(planes);
};

const momentsOf = (inputs: readonly Float64Array[], width: number) => {
  const mean = new Float32Array(width);
  const scale = new Float32Array(width).fill(1);
  for (let i = 0; i < width; i++) {
    let sum = 0;
    let square = 0;
    let known = 0;
    for (const input of inputs) {
      const value = input[i] ?? NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      square += value * value;
      known++;
    }
    if (known === 0) continue;
    mean[i] = sum / known;
    scale[i] = Math.sqrt(Math.max(1e-6, square / known - (sum / known) ** 2));
  }
  return { mean, scale };
};
