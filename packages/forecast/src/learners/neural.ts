import { seededRandom } from '@sidestep/fleet';
import { normalDraw, shuffle } from '../random.ts';
import { type Backend, loadBackend } from './backend.ts';
import type { DenseLayer, Network } from './network.ts';
import { type LabelledRows, measureStandard, type Standard, standardise } from './rows.ts';

/** How a network is fitted. */
export type NeuralOptions = {
  readonly hidden: readonly number[];
  readonly epochs: number;
  readonly batchRows: number;
  readonly learningRate: number;
  /** Pull of the weights towards zero per step. */
  readonly weightDecay: number;
  readonly seed: number;
  /** Told after each epoch; answering `stop` ends the fit in good order. */
  readonly onEpoch?: (done: number, loss: number) => 'go-on' | 'stop';
};

/** Defaults that fit a small fleet's hours of history within seconds. */
export const defaultNeuralOptions: NeuralOptions = {
  hidden: [48, 24],
  epochs: 30,
  batchRows: 256,
  learningRate: 2e-3,
  weightDecay: 1e-5,
  seed: 1,
};

/** What a network begins with: how inputs are standardised, and the layers of an earlier fit or none. */
export type NetworkStart = Network | { readonly standard: Standard; readonly layers: readonly [] };

/** Weight of the future-maximum error beside the crossing error. */
const maxErrorWeight = 2;

/** Fits a multilayer perceptron with tfjs (Adam, linearly falling rate); no tensor outlives the call. */
export const trainNetwork = async (
  rows: LabelledRows,
  options: NeuralOptions,
  start: NetworkStart = { standard: measureStandard(rows), layers: [] },
): Promise<{ network: Network; backend: Backend; epochs: number }> => {
  const backend = await loadBackend();
  const { tf } = backend;
  const random = seededRandom(options.seed);
  const { standard } = start;
  const inputs = standardRows(rows, standard);
  const sizes = [rows.width, ...options.hidden, 2];
  const variables = sizes.slice(1).map((outputs, depth) => {
    const size = sizes[depth] ?? 1;
    const given = start.layers[depth];
    const kernel = given
      ? transposed(given.weights, outputs, size)
      : Float32Array.from(
          { length: size * outputs },
          () =>
            normalDraw(random) * Math.sqrt(2 / size) * (depth === options.hidden.length ? 0.3 : 1),
        );
    return {
      kernel: tf.variable(tf.tensor2d(kernel, [size, outputs])),
      bias: tf.variable(tf.tensor1d(given ? given.biases : new Float32Array(outputs))),
    };
  });
  const optimizer = tf.train.adam(options.learningRate);
  const order = Int32Array.from({ length: rows.count }, (_, i) => i);
  const batch = Math.min(options.batchRows, rows.count);
  const x = new Float32Array(batch * rows.width);
  const y = new Float32Array(batch * 3);
  let epoch = 0;
  try {
    for (; epoch < options.epochs; epoch++) {
      shuffle(order, random);
      Object.assign(optimizer, {
        learningRate: options.learningRate * (1 - (0.9 * epoch) / options.epochs),
      });
      let loss = NaN;
      let batches = 0;
      for (let from = 0; from + batch <= rows.count; from += batch) {
        gather(rows, inputs, order, from, batch, x, y);
        tf.tidy(() => {
          const xs = tf.tensor2d(x, [batch, rows.width]);
          const ys = tf.tensor2d(y, [batch, 3]);
          const [crossed, max, weights] = tf.split(ys, 3, 1);
          const cost = optimizer.minimize(() => {
            let current = xs;
            variables.forEach(({ kernel, bias }, depth) => {
              const sum = tf.add(tf.matMul(current, kernel), bias);
              current = (depth === variables.length - 1 ? sum : tf.relu(sum)) as typeof xs;
            });
            const [logit, level] = tf.split(current, 2, 1);
            if (!crossed || !max || !weights || !logit || !level)
              throw new Error('the network has not two outputs');
            // softplus(z) − y·z is the cross entropy of a probability sigmoid(z).
            const entropy = tf.sub(
              tf.add(tf.relu(logit), tf.log1p(tf.exp(tf.neg(tf.abs(logit))))),
              tf.mul(crossed, logit),
            );
            const miss = tf.mul(maxErrorWeight, tf.square(tf.sub(level, max)));
            const fit = tf.mean(tf.mul(weights, tf.add(entropy, miss)));
            const pull = tf.addN(variables.map(({ kernel }) => tf.sum(tf.square(kernel))));
            return tf.add(fit, tf.mul(options.weightDecay, pull)).asScalar();
          }, true);
          if (cost && from === 0) loss = cost.dataSync()[0] ?? NaN;
        });
        batches++;
        // Lets timers and the abort signal through while a long fit runs.
        if (batches % 16 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      if (options.onEpoch?.((epoch + 1) / options.epochs, loss) === 'stop') {
        epoch++;
        break;
      }
    }
    const layers: DenseLayer[] = [];
    for (const { kernel, bias } of variables) {
      const [size, outputs] = kernel.shape as [number, number];
      layers.push({
        inputs: size,
        outputs,
        weights: transposed(await kernel.data<'float32'>(), size, outputs),
        biases: Float32Array.from(await bias.data()),
      });
    }
    return { network: { standard, layers }, backend, epochs: epoch };
  } finally {
    for (const { kernel, bias } of variables) {
      kernel.dispose();
      bias.dispose();
    }
    optimizer.dispose();
  }
};

const standardRows = (rows: LabelledRows, standard: Standard): Float32Array => {
  const out = new Float32Array(rows.count * rows.width);
  for (let row = 0; row < rows.count; row++)
    standardise(standard, rows.data, row * rows.width, out, row * rows.width);
  return out;
};

const gather = (
  rows: LabelledRows,
  inputs: Float32Array,
  order: Int32Array,
  from: number,
  batch: number,
  x: Float32Array,
  y: Float32Array,
) => {
  const { width } = rows;
  for (let i = 0; i < batch; i++) {
    const row = order[from + i] ?? 0;
    x.set(inputs.subarray(row * width, (row + 1) * width), i * width);
    y[i * 3] = rows.crossed[row] ?? 0;
    y[i * 3 + 1] = (rows.futureMax[row] ?? 0) / 100;
    y[i * 3 + 2] = rows.weights[row] ?? 1;
  }
};

const transposed = (values: Float32Array, rows: number, columns: number): Float32Array => {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      out[column * rows + row] = values[row * columns + column] ?? 0;
  return out;
};
