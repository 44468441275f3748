import { seededRandom } from '@sidestep/fleet';
import { sigmoid } from '../calibration.ts';
import { normalDraw, shuffle } from '../random.ts';
import { sampleAt } from '../series.ts';
import type { Part } from './row-store.ts';
import type { WalkingModel } from './walking-blend.ts';

/** Ticks of the window, as the benchmark's reproduction of the paper has it. */
const windowTicks = 12;
/** Random Fourier features that stand in for the RBF kernel (Rahimi & Recht 2007). */
const mapped = 300;
const epochs = 6;
const regularisation = 1e-4;

type CellMachine = {
  readonly mean: Float64Array;
  readonly scale: Float64Array;
  readonly frequencies: Float32Array;
  readonly phases: Float32Array;
  /** One hyperplane per server of the cell. */
  readonly planes: Float64Array;
};

/**
 * The paper's classifier: from the window of all servers of a cell to the server with the lowest future maximum
 * (one-versus-rest hinge loss on an approximated RBF kernel). Its risk of a host is how little it is that server.
 */
export const svmWalker = (
  part: Part,
  cells: readonly (readonly number[])[],
  horizonTicks: number,
  seed: number,
): WalkingModel => {
  const { series } = part.prepared;
  const machines: (CellMachine | undefined)[] = cells.map(() => undefined);
  const margins = new Map<number, { tick: number; values: number[] }>();
  const read = (cell: readonly number[], tick: number, out: Float64Array) => {
    let at = 0;
    for (let lag = 0; lag < windowTicks; lag++)
      for (const host of cell)
        for (let metric = 0; metric < series.metrics.length; metric++) {
          const value = tick - lag < 0 ? NaN : sampleAt(series, tick - lag, host, metric);
          out[at++] = Number.isNaN(value)
            ? NaN
            : metric === 0
              ? value
              : Math.log1p(Math.max(0, value));
        }
  };
  return {
    async refit(tick) {
      margins.clear();
      // The paper trains once; a refit at every walk's step would take its only virtue, simplicity.
      if (machines.some((machine) => machine !== undefined)) return;
      cells.forEach((cell, c) => {
        machines[c] = fitCell(part, cell, tick - horizonTicks, read, seed);
      });
    },
    learnFrom: () => undefined,
    foresee(_, host, tick) {
      const c = cells.findIndex((cell) => cell.includes(host));
      const cell = cells[c];
      const machine = machines[c];
      if (cell === undefined || machine === undefined) return { risk: 0.5, maxPercent: 50 };
      let known = margins.get(c);
      if (known?.tick !== tick) {
        const input = new Float64Array(machine.mean.length);
        read(cell, tick, input);
        const map = new Float64Array(mapped + 1);
        mapInput(machine, input, map);
        known = { tick, values: cell.map((_server, k) => margin(machine.planes, k, map)) };
        margins.set(c, known);
      }
      const own = known.values[cell.indexOf(host)] ?? 0;
      const risk = sigmoid(-2 * own - 2);
      return { risk, maxPercent: 100 * risk };
    },
    state: () => `${cells.length} cells, one classifier each`,
  };
};

const margin = (planes: Float64Array, server: number, map: Float64Array): number => {
  let sum = 0;
  const from = server * (mapped + 1);
  for (let i = 0; i <= mapped; i++) sum += (planes[from + i] ?? 0) * (map[i] ?? 0);
  return sum;
};

const mapInput = (
  machine: Omit<CellMachine, 'planes'>,
  input: Float64Array,
  out: Float64Array,
): void => {
  const width = machine.mean.length;
  for (let i = 0; i < width; i++) {
    const value = ((input[i] ?? NaN) - (machine.mean[i] ?? 0)) / (machine.scale[i] ?? 1);
    input[i] = Number.isNaN(value) ? 0 : Math.max(-5, Math.min(5, value));
  }
  for (let m = 0; m < mapped; m++) {
    let sum = machine.phases[m] ?? 0;
    const from = m * width;
    for (let i = 0; i < width; i++) sum += (machine.frequencies[from + i] ?? 0) * (input[i] ?? 0);
    out[m] = Math.sqrt(2 / mapped) * Math.cos(sum);
  }
  out[mapped] = 1;
};

const fitCell = (
  { prepared, labels }: Part,
  cell: readonly number[],
  until: number,
  read: (cell: readonly number[], tick: number, out: Float64Array) => void,
  seed: number,
): CellMachine => {
  const { series } = prepared;
  const width = windowTicks * cell.length * series.metrics.length;
  const random = seededRandom(seed);
  const ticks: number[] = [];
  const classes: number[] = [];
  for (let tick = windowTicks; tick < until; tick++) {
    const maxima = cell.map((host) =>
      labels.crossed[host * series.ticks + tick] === 255
        ? NaN
        : (labels.futureMax[host * series.ticks + tick] ?? NaN),
    );
    if (maxima.some(Number.isNaN)) continue;
    ticks.push(tick);
    classes.push(maxima.indexOf(Math.min(...maxima)));
  }
  const inputs = ticks.map((tick) => {
    const input = new Float64Array(width);
    read(cell, tick, input);
    return input;
  });
  const { mean, scale } = momentsOf(inputs, width);
  // The usual "scale" width: a kernel of variance width for standardised inputs.
  const frequencies = Float32Array.from(
    { length: mapped * width },
    () => normalDraw(random) * Math.sqrt(2 / width),
  );
  const phases = Float32Array.from({ length: mapped }, () => 2 * Math.PI * random());
  const machine = { mean, scale, frequencies, phases };
  const maps = inputs.map((input) => {
    const map = new Float64Array(mapped + 1);
    mapInput(machine, input, map);
    return map;
  });
  return { ...machine, planes: fitPlanes(maps, classes, cell.length, random) };
};

const fitPlanes = (
  maps: readonly Float64Array[],
  classes: readonly number[],
  servers: number,
  random: () => number,
): Float64Array => {
  const planes = new Float64Array(servers * (mapped + 1));
  const order = Int32Array.from(maps, (_, i) => i);
  let step = 0;
  for (let epoch = 0; epoch < epochs; epoch++)
    for (const i of shuffle(order, random)) {
      const map = maps[i];
      if (map === undefined) continue;
      const rate = 2 / (1 + step++ / maps.length);
      for (let server = 0; server < servers; server++) {
        const side = classes[i] === server ? 1 : -1;
        if (side * margin(planes, server, map) >= 1) continue;
        const from = server * (mapped + 1);
        for (let m = 0; m <= mapped; m++)
          planes[from + m] =
            (planes[from + m] ?? 0) * (1 - rate * regularisation) + rate * side * (map[m] ?? 0);
      }
    }
  return planes;
};

const momentsOf = (inputs: readonly Float64Array[], width: number) => {
  const mean = new Float64Array(width);
  const scale = new Float64Array(width).fill(1);
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
