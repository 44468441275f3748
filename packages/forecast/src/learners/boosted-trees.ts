import { type Random, seededRandom } from '@sidestep/fleet';
import { type BinnedRows, maxBins } from './bins.ts';
import type { Forest } from './forest.ts';

/** How a forest is grown (gradient boosting on histograms, Friedman 2001; leaf-wise as in LightGBM). */
export type BoostingOptions = {
  readonly objective: 'log-odds' | 'value';
  readonly trees: number;
  readonly leaves: number;
  readonly learningRate: number;
  readonly minLeafRows: number;
  /** Pull of the leaves towards zero. */
  readonly lambda: number;
  /** Share of the features, and of the rows, that each tree sees. */
  readonly featureShare: number;
  readonly rowShare: number;
  readonly seed: number;
  /** The features that may be asked; all when not given. */
  readonly allowed?: Int32Array;
  /** Told after each tree; answering `stop` ends the growth in good order. */
  readonly onTree?: (done: number) => 'go-on' | 'stop';
};

/** Defaults that suit some ten thousand rows. */
export const defaultBoostingOptions: BoostingOptions = {
  objective: 'log-odds',
  trees: 120,
  leaves: 24,
  learningRate: 0.07,
  minLeafRows: 30,
  lambda: 2,
  featureShare: 0.4,
  rowShare: 0.6,
  seed: 1,
};

type Leaf = {
  node: number;
  from: number;
  to: number;
  gradient: number;
  hessian: number;
  histogram: Float64Array;
  gain: number;
  feature: number;
  /** Bins up to this go left. */
  bin: number;
  unknownLeft: boolean;
};

type Nodes = {
  features: number[];
  borders: number[];
  left: number[];
  right: number[];
  unknownLeft: number[];
  values: number[];
};

/** Grows trees on binned rows, each fitted to the gradient that the trees before it left over. */
export const growForest = (
  rows: BinnedRows,
  targets: ArrayLike<number>,
  weights: ArrayLike<number>,
  options: BoostingOptions,
): Forest => {
  const random = seededRandom(options.seed);
  const grower = createGrower(rows, options);
  const { count } = rows;
  // Rounded as a model's file keeps it, so that a model read back gives the very same output.
  const base = Math.fround(baseOutput(targets, weights, count, options.objective));
  const outputs = new Float64Array(count).fill(base);
  const gradients = new Float32Array(count);
  const hessians = new Float32Array(count);
  const starts = [0];
  const nodes: Nodes = {
    features: [],
    borders: [],
    left: [],
    right: [],
    unknownLeft: [],
    values: [],
  };
  for (let tree = 0; tree < options.trees; tree++) {
    for (let row = 0; row < count; row++) {
      const weight = weights[row] ?? 1;
      const output = outputs[row] ?? 0;
      if (options.objective === 'log-odds') {
        const p = 1 / (1 + Math.exp(-output));
        gradients[row] = weight * (p - (targets[row] ?? 0));
        hessians[row] = weight * p * (1 - p);
      } else {
        gradients[row] = weight * (output - (targets[row] ?? 0));
        hessians[row] = weight;
      }
    }
    grower.growTree(gradients, hessians, random, nodes, outputs);
    starts.push(nodes.features.length);
    if (options.onTree?.((tree + 1) / options.trees) === 'stop') break;
  }
  return {
    base,
    starts: Int32Array.from(starts),
    features: Int32Array.from(nodes.features),
    borders: Float32Array.from(nodes.borders),
    left: Int32Array.from(nodes.left),
    right: Int32Array.from(nodes.right),
    unknownLeft: Uint8Array.from(nodes.unknownLeft),
    values: Float32Array.from(nodes.values),
  };
};

const baseOutput = (
  targets: ArrayLike<number>,
  weights: ArrayLike<number>,
  count: number,
  objective: BoostingOptions['objective'],
): number => {
  let sum = 0;
  let total = 0;
  for (let row = 0; row < count; row++) {
    sum += (weights[row] ?? 1) * (targets[row] ?? 0);
    total += weights[row] ?? 1;
  }
  const mean = total === 0 ? 0 : sum / total;
  if (objective === 'value') return mean;
  const kept = Math.min(1 - 1e-4, Math.max(1e-4, mean));
  return Math.log(kept / (1 - kept));
};

const createGrower = (rows: BinnedRows, options: BoostingOptions) => {
  const { bins, count, width } = rows;
  const allowed = options.allowed ?? Int32Array.from({ length: width }, (_, i) => i);
  const order = new Int32Array(count);
  const spare = new Int32Array(count);
  const leftOut = new Int32Array(count);
  const orderedGradients = new Float32Array(count);
  const orderedHessians = new Float32Array(count);
  const perFeature = maxBins * 2;
  const pool: Float64Array[] = [];

  const fillHistogram = (
    from: number,
    to: number,
    used: Int32Array,
    gradients: Float32Array,
    hessians: Float32Array,
  ): Float64Array => {
    const histogram = pool.pop() ?? new Float64Array(width * perFeature);
    for (let i = from; i < to; i++) {
      const row = order[i] ?? 0;
      orderedGradients[i] = gradients[row] ?? 0;
      orderedHessians[i] = hessians[row] ?? 0;
    }
    // Two features at a time share the look-up of each row.
    for (let u = 0; u < used.length; u += 2) {
      const one = used[u] ?? 0;
      const other = used[u + 1] ?? one;
      const oneAt = one * perFeature;
      const otherAt = other * perFeature;
      histogram.fill(0, oneAt, oneAt + perFeature);
      histogram.fill(0, otherAt, otherAt + perFeature);
      const oneColumn = one * count;
      const otherColumn = other * count;
      const isPair = other !== one;
      for (let i = from; i < to; i++) {
        const row = order[i] ?? 0;
        const gradient = orderedGradients[i] ?? 0;
        const hessian = orderedHessians[i] ?? 0;
        const at = oneAt + ((bins[oneColumn + row] ?? 0) << 1);
        histogram[at] = (histogram[at] ?? 0) + gradient;
        histogram[at + 1] = (histogram[at + 1] ?? 0) + hessian;
        if (!isPair) continue;
        const there = otherAt + ((bins[otherColumn + row] ?? 0) << 1);
        histogram[there] = (histogram[there] ?? 0) + gradient;
        histogram[there + 1] = (histogram[there + 1] ?? 0) + hessian;
      }
    }
    return histogram;
  };

  const findSplit = (leaf: Leaf, used: Int32Array, minHessian: number) => {
    leaf.gain = 0;
    const { gradient, hessian, histogram } = leaf;
    const { lambda } = options;
    const parent = (gradient * gradient) / (hessian + lambda);
    for (let u = 0; u < used.length; u++) {
      const feature = used[u] ?? 0;
      const at = feature * perFeature;
      const last = rows.borders[feature]?.length ?? 0;
      const unknownG = histogram[at] ?? 0;
      const unknownH = histogram[at + 1] ?? 0;
      let leftG = 0;
      let leftH = 0;
      for (let bin = 1; bin <= last; bin++) {
        leftG += histogram[at + 2 * bin] ?? 0;
        leftH += histogram[at + 2 * bin + 1] ?? 0;
        for (let side = unknownH > 0 ? 0 : 1; side < 2; side++) {
          const g = side === 0 ? leftG + unknownG : leftG;
          const h = side === 0 ? leftH + unknownH : leftH;
          const otherH = hessian - h;
          if (h < minHessian || otherH < minHessian) continue;
          const otherG = gradient - g;
          const gain = (g * g) / (h + lambda) + (otherG * otherG) / (otherH + lambda) - parent;
          if (gain > leaf.gain) {
            leaf.gain = gain;
            leaf.feature = feature;
            leaf.bin = bin;
            leaf.unknownLeft = side === 0;
          }
        }
      }
    }
  };

  const partition = (leaf: Leaf): number => {
    const column = leaf.feature * count;
    let left = leaf.from;
    let right = 0;
    for (let i = leaf.from; i < leaf.to; i++) {
      const row = order[i] ?? 0;
      const bin = bins[column + row] ?? 0;
      if (bin === 0 ? leaf.unknownLeft : bin <= leaf.bin) order[left++] = row;
      else spare[right++] = row;
    }
    order.set(spare.subarray(0, right), left);
    return left;
  };

  const growTree = (
    gradients: Float32Array,
    hessians: Float32Array,
    random: Random,
    nodes: Nodes,
    outputs: Float64Array,
  ): void => {
    const first = nodes.features.length;
    const used = sampleFeatures(allowed, options.featureShare, random);
    let taken = 0;
    let left = 0;
    for (let row = 0; row < count; row++)
      if (options.rowShare >= 1 || random() < options.rowShare) order[taken++] = row;
      else leftOut[left++] = row;
    let gradient = 0;
    let hessian = 0;
    for (let i = 0; i < taken; i++) {
      gradient += gradients[order[i] ?? 0] ?? 0;
      hessian += hessians[order[i] ?? 0] ?? 0;
    }
    // A leaf's least size is told in rows; the hessian is what the histograms hold.
    const minHessian =
      options.objective === 'value'
        ? options.minLeafRows
        : Math.max(1e-3, (options.minLeafRows * hessian) / Math.max(1, taken) / 4);
    const addNode = (g: number, h: number): number => {
      nodes.features.push(-1);
      nodes.borders.push(0);
      nodes.left.push(0);
      nodes.right.push(0);
      nodes.unknownLeft.push(0);
      nodes.values.push((-options.learningRate * g) / (h + options.lambda));
      return nodes.features.length - 1;
    };
    const makeLeaf = (
      node: number,
      from: number,
      to: number,
      g: number,
      h: number,
      histogram: Float64Array,
    ): Leaf => {
      const leaf = {
        node,
        from,
        to,
        gradient: g,
        hessian: h,
        histogram,
        gain: 0,
        feature: -1,
        bin: 0,
        unknownLeft: false,
      };
      findSplit(leaf, used, minHessian);
      return leaf;
    };
    const leaves = [
      makeLeaf(
        addNode(gradient, hessian),
        0,
        taken,
        gradient,
        hessian,
        fillHistogram(0, taken, used, gradients, hessians),
      ),
    ];
    while (leaves.length < options.leaves) {
      const best = leaves.reduce((a, b) => (b.gain > a.gain ? b : a));
      if (!(best.gain > 1e-6)) break;
      const border = partition(best);
      const [g, h] = leftSums(best);
      const leftNode = addNode(g, h);
      const rightNode = addNode(best.gradient - g, best.hessian - h);
      nodes.features[best.node] = best.feature;
      nodes.borders[best.node] = rows.borders[best.feature]?.[best.bin - 1] ?? Infinity;
      nodes.left[best.node] = leftNode - first;
      nodes.right[best.node] = rightNode - first;
      nodes.unknownLeft[best.node] = best.unknownLeft ? 1 : 0;
      // The smaller child is counted, the larger one is what remains of the parent.
      const leftSmaller = border - best.from < best.to - border;
      const counted = leftSmaller
        ? fillHistogram(best.from, border, used, gradients, hessians)
        : fillHistogram(border, best.to, used, gradients, hessians);
      const remaining = best.histogram;
      for (let u = 0; u < used.length; u++) {
        const at = (used[u] ?? 0) * perFeature;
        for (let i = at; i < at + perFeature; i++)
          remaining[i] = (remaining[i] ?? 0) - (counted[i] ?? 0);
      }
      leaves.splice(
        leaves.indexOf(best),
        1,
        makeLeaf(leftNode, best.from, border, g, h, leftSmaller ? counted : remaining),
        makeLeaf(
          rightNode,
          border,
          best.to,
          best.gradient - g,
          best.hessian - h,
          leftSmaller ? remaining : counted,
        ),
      );
    }
    for (const { histogram, node, from, to } of leaves) {
      pool.push(histogram);
      const value = nodes.values[node] ?? 0;
      for (let i = from; i < to; i++) {
        const row = order[i] ?? 0;
        outputs[row] = (outputs[row] ?? 0) + value;
      }
    }
    addOutputs(first, nodes, outputs, left);
  };

  const leftSums = (leaf: Leaf): [number, number] => {
    const at = leaf.feature * perFeature;
    let g = leaf.unknownLeft ? (leaf.histogram[at] ?? 0) : 0;
    let h = leaf.unknownLeft ? (leaf.histogram[at + 1] ?? 0) : 0;
    for (let bin = 1; bin <= leaf.bin; bin++) {
      g += leaf.histogram[at + 2 * bin] ?? 0;
      h += leaf.histogram[at + 2 * bin + 1] ?? 0;
    }
    return [g, h];
  };

  // Rows left out of a tree's sample move on too: they are sent down the tree.
  const addOutputs = (first: number, nodes: Nodes, outputs: Float64Array, rowsLeft: number) => {
    const size = nodes.features.length - first;
    const feature = Int32Array.from(nodes.features.slice(first));
    const left = Int32Array.from(nodes.left.slice(first));
    const right = Int32Array.from(nodes.right.slice(first));
    const unknownLeft = Uint8Array.from(nodes.unknownLeft.slice(first));
    const values = Float64Array.from(nodes.values.slice(first));
    const splitBin = new Int32Array(size);
    for (let node = 0; node < size; node++) {
      const own = rows.borders[feature[node] ?? 0];
      if ((feature[node] ?? -1) >= 0 && own !== undefined)
        splitBin[node] = own.indexOf(Math.fround(nodes.borders[first + node] ?? 0)) + 1;
    }
    for (let i = 0; i < rowsLeft; i++) {
      const row = leftOut[i] ?? 0;
      let node = 0;
      let asked = feature[0] ?? -1;
      while (asked >= 0) {
        const bin = bins[asked * count + row] ?? 0;
        const goesLeft = bin === 0 ? unknownLeft[node] === 1 : bin <= (splitBin[node] ?? 0);
        node = goesLeft ? (left[node] ?? 0) : (right[node] ?? 0);
        asked = feature[node] ?? -1;
      }
      outputs[row] = (outputs[row] ?? 0) + (values[node] ?? 0);
    }
  };

  return { growTree };
};

const sampleFeatures = (allowed: Int32Array, share: number, random: Random): Int32Array => {
  const drawn = allowed.slice();
  const wanted = Math.max(1, Math.round(share * drawn.length));
  for (let i = 0; i < wanted; i++) {
    const j = i + Math.floor(random() * (drawn.length - i));
    const kept = drawn[i] ?? 0;
    drawn[i] = drawn[j] ?? 0;
    drawn[j] = kept;
  }
  return drawn.slice(0, wanted).sort();
};
