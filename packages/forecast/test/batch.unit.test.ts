import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Forest, forestOutput } from '../src/learners/forest.ts';
import { createForestBatch, fillRows, roomForRows } from '../src/learners/forest-batch.ts';
import { createNetworkRunner, type Network } from '../src/learners/network.ts';
import { createNetworkBatch } from '../src/learners/network-batch.ts';

const width = 5;

type Grown = { feature: number; border: number; unknownLeft: boolean } & {
  low: Grown | number;
  high: Grown | number;
};

/** Any tree over the features, of up to six levels. */
const tree: fc.Arbitrary<Grown | number> = fc.letrec<{
  tree: Grown | number;
  node: Grown | number;
}>((tie) => ({
  node: fc.record({
    feature: fc.integer({ min: 0, max: width - 1 }),
    border: fc.float({ min: -9, max: 9, noNaN: true }),
    unknownLeft: fc.boolean(),
    low: tie('tree'),
    high: tie('tree'),
  }),
  tree: fc.oneof({ maxDepth: 6 }, fc.float({ min: -1, max: 1, noNaN: true }), tie('node')),
})).tree;

const forestOf = (trees: readonly (Grown | number)[]): Forest => {
  const starts = [0];
  const nodes: {
    feature: number;
    border: number;
    left: number;
    right: number;
    unknown: number;
    value: number;
  }[] = [];
  for (const each of trees) {
    const first = nodes.length;
    const add = (grown: Grown | number): number => {
      const own = { feature: -1, border: 0, left: 0, right: 0, unknown: 0, value: 0 };
      const at = nodes.push(own) - 1;
      if (typeof grown === 'number') own.value = grown;
      else {
        own.feature = grown.feature;
        own.border = grown.border;
        own.unknown = grown.unknownLeft ? 1 : 0;
        own.left = add(grown.low) - first;
        own.right = add(grown.high) - first;
      }
      return at;
    };
    add(each);
    starts.push(nodes.length);
  }
  const column = (of: (node: (typeof nodes)[number]) => number) => nodes.map(of);
  return {
    base: 0.25,
    starts: Int32Array.from(starts),
    features: Int32Array.from(column(({ feature }) => feature)),
    borders: Float32Array.from(column(({ border }) => border)),
    left: Int32Array.from(column(({ left }) => left)),
    right: Int32Array.from(column(({ right }) => right)),
    unknownLeft: Uint8Array.from(column(({ unknown }) => unknown)),
    values: Float32Array.from(column(({ value }) => value)),
  };
};

const cells = fc.array(fc.oneof(fc.float({ min: -9, max: 9, noNaN: true }), fc.constant(NaN)), {
  minLength: width,
  maxLength: 11 * width,
});

test('many rows at once get the very outputs that each gets alone, unknown values included', () => {
  fc.assert(
    fc.property(fc.array(tree, { minLength: 1, maxLength: 8 }), cells, (trees, values) => {
      const forest = forestOf(trees);
      const count = Math.floor(values.length / width);
      const data = Float32Array.from(values);
      const filled = fillRows(data, width, count, roomForRows(count, width));
      const out = new Float64Array(filled.count);

      createForestBatch(forest, width)(filled, out);

      for (let row = 0; row < count; row++)
        expect(out[row]).toBe(forestOutput(forest, data, row * width));
    }),
    { numRuns: 300, seed: 11 },
  );
});

test('a network gives many rows the very outputs that each gets alone', () => {
  const layer = (inputs: number, outputs: number, phase: number) => ({
    inputs,
    outputs,
    weights: Float32Array.from({ length: inputs * outputs }, (_, i) => Math.sin(i * 1.7 + phase)),
    biases: Float32Array.from({ length: outputs }, (_, i) => Math.cos(i + phase)),
  });
  const network: Network = {
    standard: {
      mean: Float32Array.of(1, 0, -2, 0, 3),
      // The fourth feature is hidden from it.
      scale: Float32Array.of(1, 2, 0.5, Infinity, 4),
    },
    layers: [layer(width, 6, 0), layer(6, 5, 1), layer(5, 2, 2)],
  };
  const alone = createNetworkRunner(network);
  fc.assert(
    fc.property(cells, (values) => {
      const count = Math.floor(values.length / width);
      const data = Float32Array.from(values);
      const logits = new Float64Array(count);
      const maxima = new Float64Array(count);

      createNetworkBatch(network)(data, count, logits, maxima);

      for (let row = 0; row < count; row++)
        expect({ logit: logits[row], maxPercent: maxima[row] }).toEqual(
          alone.run(data, row * width),
        );
    }),
    { numRuns: 100, seed: 12 },
  );
});
