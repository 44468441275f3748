import type { Forest } from './learners/forest.ts';
import type { Member } from './learners/member.ts';
import type { DenseLayer, Network } from './learners/network.ts';
import { isRecord } from './model-file.ts';

type Arrays = Readonly<Record<string, Float32Array>>;
type Fault = { readonly fault: string };

/** Members as JSON plus named arrays. */
export const packMembers = (members: readonly Member[]) => {
  const arrays: Record<string, Float32Array> = {};
  const packed = members.map((member, m) => {
    const { kind, weight, maxWeight } = member;
    if (member.kind === 'boosted-trees') {
      packForest(member.risk, `${m}.risk`, arrays);
      packForest(member.max, `${m}.max`, arrays);
      return { kind, weight, maxWeight };
    }
    arrays[`${m}.mean`] = member.network.standard.mean;
    arrays[`${m}.scale`] = member.network.standard.scale;
    member.network.layers.forEach((layer, l) => {
      arrays[`${m}.${l}.weights`] = layer.weights;
      arrays[`${m}.${l}.biases`] = layer.biases;
    });
    return {
      kind,
      weight,
      maxWeight,
      layers: member.network.layers.map(({ inputs, outputs }) => [inputs, outputs]),
    };
  });
  return { members: packed, arrays };
};

// Every number of a forest fits a float32 exactly, so one kind of array serves the whole file.
const packForest = (forest: Forest, name: string, arrays: Record<string, Float32Array>) => {
  arrays[`${name}.base`] = Float32Array.of(forest.base);
  arrays[`${name}.starts`] = Float32Array.from(forest.starts);
  arrays[`${name}.features`] = Float32Array.from(forest.features);
  arrays[`${name}.borders`] = forest.borders;
  arrays[`${name}.left`] = Float32Array.from(forest.left);
  arrays[`${name}.right`] = Float32Array.from(forest.right);
  arrays[`${name}.unknownLeft`] = Float32Array.from(forest.unknownLeft);
  arrays[`${name}.values`] = forest.values;
};

const isWeight = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= mostWeight;

/** Members from a model file's header and arrays, or what is wrong with them. */
export const unpackMembers = (
  packed: unknown,
  arrays: Arrays,
  width: number,
): readonly Member[] | Fault => {
  if (!Array.isArray(packed) || packed.length === 0) return { fault: 'no members' };
  const members: Member[] = [];
  for (const [m, entry] of packed.entries()) {
    if (!isRecord(entry)) return { fault: `member ${m} is not an object` };
    const { kind, weight, maxWeight } = entry;
    if (!isWeight(weight) || !isWeight(maxWeight)) return { fault: `member ${m} has no weight` };
    if (kind === 'boosted-trees') {
      const risk = unpackForest(`${m}.risk`, arrays, width);
      const max = unpackForest(`${m}.max`, arrays, width);
      if ('fault' in risk) return risk;
      if ('fault' in max) return max;
      members.push({ kind, weight, maxWeight, risk, max });
    } else if (kind === 'logistic' || kind === 'neural') {
      const network = unpackNetwork(entry.layers, arrays, m, width);
      if ('fault' in network) return network;
      members.push({ kind, weight, maxWeight, network });
    } else return { fault: `member ${m} is of unknown kind` };
  }
  return members;
};

// Far beyond what training gives, and too little to overflow 32-bit floats on the way through a network.
const mostWeight = 1e5;

const areWeights = (values: Float32Array, most = mostWeight): boolean =>
  values.every((value) => Math.abs(value) <= most);

const unpackForest = (name: string, arrays: Arrays, width: number): Forest | Fault => {
  const part = (what: string) => arrays[`${name}.${what}`] ?? new Float32Array(0);
  const forest: Forest = {
    base: part('base')[0] ?? NaN,
    starts: Int32Array.from(part('starts')),
    features: Int32Array.from(part('features')),
    borders: part('borders'),
    left: Int32Array.from(part('left')),
    right: Int32Array.from(part('right')),
    unknownLeft: Uint8Array.from(part('unknownLeft')),
    values: part('values'),
  };
  const nodes = forest.features.length;
  const sizes = [forest.borders, forest.left, forest.right, forest.unknownLeft, forest.values];
  if (Number.isNaN(forest.base) || sizes.some(({ length }) => length !== nodes))
    return { fault: `${name} is not a forest` };
  if (!areWeights(forest.values) || !(Math.abs(forest.base) <= mostWeight))
    return { fault: `${name} holds values that are no numbers` };
  if ((forest.starts[0] ?? -1) !== 0 || forest.starts[forest.starts.length - 1] !== nodes)
    return { fault: `${name} has trees without nodes` };
  return isSound(forest, width) ? forest : { fault: `${name} has a node that leads nowhere` };
};

// Children behind their parent and inside their tree: no walk can loop or leave the arrays.
const isSound = (forest: Forest, width: number): boolean => {
  for (let tree = 0; tree < forest.starts.length - 1; tree++) {
    const first = forest.starts[tree] ?? 0;
    const size = (forest.starts[tree + 1] ?? 0) - first;
    if (size < 1) return false;
    for (let node = 0; node < size; node++) {
      const feature = forest.features[first + node] ?? width;
      if (feature >= width || feature < -1) return false;
      const children = [forest.left[first + node] ?? 0, forest.right[first + node] ?? 0];
      if (feature >= 0 && children.some((child) => child <= node || child >= size)) return false;
    }
  }
  return true;
};

const unpackNetwork = (
  shapes: unknown,
  arrays: Arrays,
  m: number,
  width: number,
): Network | Fault => {
  const mean = arrays[`${m}.mean`];
  const scale = arrays[`${m}.scale`];
  if (mean?.length !== width || scale?.length !== width || !Array.isArray(shapes))
    return { fault: `member ${m} was made for other features` };
  if (!mean.every(Number.isFinite) || !scale.every((value) => value > 0))
    return { fault: `member ${m} has no scale` };
  const layers: DenseLayer[] = [];
  let inputs = width;
  for (const [l, shape] of shapes.entries()) {
    const outputs: unknown = Array.isArray(shape) ? shape[1] : undefined;
    const weights = arrays[`${m}.${l}.weights`];
    const biases = arrays[`${m}.${l}.biases`];
    if (
      typeof outputs !== 'number' ||
      weights?.length !== inputs * outputs ||
      biases?.length !== outputs
    )
      return { fault: `layer ${l} of member ${m} does not fit` };
    if (!areWeights(weights) || !areWeights(biases))
      return { fault: `layer ${l} of member ${m} holds values that are no numbers` };
    layers.push({ inputs, outputs, weights, biases });
    inputs = outputs;
  }
  if (inputs !== 2) return { fault: `member ${m} has ${inputs} outputs, not 2` };
  return { standard: { mean, scale }, layers };
};
