import type { DenseLayer, Network } from './network.ts';
import { standardise } from './rows.ts';

/** Evaluates a network for many rows: log-odds and expected maximum (0–100) of each. */
export type NetworkBatch = (
  data: Float32Array,
  count: number,
  logits: Float64Array,
  maxima: Float64Array,
) => void;

/** Weights without the inputs that are always 0, as doubles: each sum is the very sum of the plain network. */
type ReadyLayer = { inputs: number; outputs: number; weights: Float64Array; biases: Float64Array };

const readyLayer = (layer: DenseLayer, used: Int32Array): ReadyLayer => ({
  inputs: used.length,
  outputs: layer.outputs,
  biases: Float64Array.from(layer.biases),
  weights: Float64Array.from(
    { length: layer.outputs * used.length },
    (_, i) =>
      layer.weights[Math.floor(i / used.length) * layer.inputs + (used[i % used.length] ?? 0)] ?? 0,
  ),
});

const atOnce = 4;

// Four sums run side by side, each in the order of its inputs: none waits for the one before.
const forward = (
  { inputs, outputs, weights, biases }: ReadyLayer,
  input: Float64Array,
  output: Float64Array,
  last: boolean,
): void => {
  let o = 0;
  for (; o + atOnce <= outputs; o += atOnce) {
    const w0 = o * inputs;
    const w1 = w0 + inputs;
    const w2 = w1 + inputs;
    const w3 = w2 + inputs;
    let s0 = biases[o] ?? 0;
    let s1 = biases[o + 1] ?? 0;
    let s2 = biases[o + 2] ?? 0;
    let s3 = biases[o + 3] ?? 0;
    for (let i = 0; i < inputs; i++) {
      const x = input[i] ?? 0;
      s0 += (weights[w0 + i] ?? 0) * x;
      s1 += (weights[w1 + i] ?? 0) * x;
      s2 += (weights[w2 + i] ?? 0) * x;
      s3 += (weights[w3 + i] ?? 0) * x;
    }
    output[o] = Math.fround(last || s0 > 0 ? s0 : 0);
    output[o + 1] = Math.fround(last || s1 > 0 ? s1 : 0);
    output[o + 2] = Math.fround(last || s2 > 0 ? s2 : 0);
    output[o + 3] = Math.fround(last || s3 > 0 ? s3 : 0);
  }
  for (; o < outputs; o++) {
    let sum = biases[o] ?? 0;
    for (let i = 0; i < inputs; i++) sum += (weights[o * inputs + i] ?? 0) * (input[i] ?? 0);
    output[o] = Math.fround(last || sum > 0 ? sum : 0);
  }
};

/** Makes a network ready for many rows. */
export const createNetworkBatch = ({ layers, standard }: Network): NetworkBatch => {
  const width = standard.mean.length;
  // An input of infinite scale is hidden from the network: its standardised value is 0.
  const used = Int32Array.from({ length: width }, (_, i) => i).filter((i) =>
    Number.isFinite(standard.scale[i] ?? NaN),
  );
  const ready = layers.map((layer, depth) =>
    readyLayer(layer, depth === 0 ? used : Int32Array.from({ length: layer.inputs }, (_, i) => i)),
  );
  const standardised = new Float32Array(width);
  const input = new Float64Array(used.length);
  const activations = ready.map(({ outputs }) => new Float64Array(outputs));
  const none = new Float64Array(2);
  return (data, count, logits, maxima) => {
    for (let row = 0; row < count; row++) {
      standardise(standard, data, row * width, standardised, 0);
      for (let i = 0; i < used.length; i++) input[i] = standardised[used[i] ?? 0] ?? 0;
      let current: Float64Array = input;
      for (let depth = 0; depth < ready.length; depth++) {
        const layer = ready[depth];
        const output = activations[depth] ?? none;
        if (layer !== undefined) forward(layer, current, output, depth === ready.length - 1);
        current = output;
      }
      logits[row] = current[0] ?? 0;
      maxima[row] = Math.max(0, Math.min(100, 100 * (current[1] ?? 0)));
    }
  };
};
