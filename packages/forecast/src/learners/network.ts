import { type Standard, standardise } from './rows.ts';

/** A dense layer; `weights[out × inputs + in]`. */
export type DenseLayer = {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly biases: Float32Array;
};

/** A trained multilayer perceptron (ReLU between layers) with two outputs: log-odds of a crossing, and future maximum / 100. */
export type Network = { readonly standard: Standard; readonly layers: readonly DenseLayer[] };

const forward = (layer: DenseLayer, input: Float32Array, output: Float32Array, last: boolean) => {
  const { inputs, outputs, weights, biases } = layer;
  for (let o = 0; o < outputs; o++) {
    let sum = biases[o] ?? 0;
    const row = o * inputs;
    for (let i = 0; i < inputs; i++) sum += (weights[row + i] ?? 0) * (input[i] ?? 0);
    output[o] = last || sum > 0 ? sum : 0;
  }
};

/** Reusable buffers for evaluating a network row by row. */
export type NetworkRunner = {
  /** Log-odds and expected maximum (0–100) of the row that begins at `from`. */
  run(data: Float32Array, from: number): { logit: number; maxPercent: number };
  /** Adds `weight ×` each feature's share of the log-odds to `out` (integrated gradients, Sundararajan 2017). */
  contribute(data: Float32Array, from: number, weight: number, out: Float64Array): void;
};

/** Prepares a network for evaluation in plain typed arrays. */
export const createNetworkRunner = (network: Network): NetworkRunner => {
  const { layers, standard } = network;
  const width = standard.mean.length;
  const input = new Float32Array(width);
  const activations = layers.map((layer) => new Float32Array(layer.outputs));
  const none = new Float32Array(0);
  const pass = (from: Float32Array): Float32Array => {
    let current = from;
    layers.forEach((layer, depth) => {
      const output = activations[depth] ?? none;
      forward(layer, current, output, depth === layers.length - 1);
      current = output;
    });
    return current;
  };
  // Reused: the gradient with respect to the inputs of each layer.
  const below = layers.map((layer) => new Float32Array(layer.inputs));
  const gradient = (): Float32Array => {
    let upstream = new Float32Array(layers[layers.length - 1]?.outputs ?? 0);
    upstream[0] = 1;
    for (let depth = layers.length - 1; depth >= 0; depth--) {
      const layer = layers[depth];
      const own = below[depth] ?? none;
      if (layer === undefined) break;
      const { inputs, outputs, weights } = layer;
      own.fill(0);
      for (let o = 0; o < outputs; o++) {
        const g = upstream[o] ?? 0;
        if (g === 0) continue;
        const row = o * inputs;
        for (let i = 0; i < inputs; i++) own[i] = (own[i] ?? 0) + g * (weights[row + i] ?? 0);
      }
      const active = depth > 0 ? activations[depth - 1] : undefined;
      if (active !== undefined)
        for (let i = 0; i < own.length; i++) if ((active[i] ?? 0) <= 0) own[i] = 0;
      upstream = own;
    }
    return upstream;
  };
  return {
    run(data, from) {
      standardise(standard, data, from, input, 0);
      const output = pass(input);
      return {
        logit: output[0] ?? 0,
        maxPercent: Math.max(0, Math.min(100, 100 * (output[1] ?? 0))),
      };
    },
    contribute(data, from, weight, out) {
      const steps = 8;
      standardise(standard, data, from, input, 0);
      const partial = new Float32Array(width);
      for (let step = 0; step < steps; step++) {
        const share = (step + 0.5) / steps;
        for (let i = 0; i < width; i++) partial[i] = share * (input[i] ?? 0);
        pass(partial);
        const slope = gradient();
        for (let i = 0; i < width; i++)
          out[i] = (out[i] ?? 0) + (weight * (slope[i] ?? 0) * (input[i] ?? 0)) / steps;
      }
    },
  };
};
