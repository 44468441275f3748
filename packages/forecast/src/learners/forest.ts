/** A sum of decision trees in flat arrays; node 0 of each tree is its root. */
export type Forest = {
  readonly base: number;
  /** First node of each tree, and one past the last. */
  readonly starts: Int32Array;
  /** Feature asked at a node; −1 = leaf. */
  readonly features: Int32Array;
  /** Values below it go left. */
  readonly borders: Float32Array;
  /** Child nodes, counted from the tree's first node. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  /** 1 = an unknown value goes left. */
  readonly unknownLeft: Uint8Array;
  /** Mean output of the rows that reached the node (at a leaf: what it adds). */
  readonly values: Float32Array;
};

/** A forest without trees: it always answers 0. */
export const emptyForest: Forest = {
  base: 0,
  starts: Int32Array.of(0),
  features: new Int32Array(0),
  borders: new Float32Array(0),
  left: new Int32Array(0),
  right: new Int32Array(0),
  unknownLeft: new Uint8Array(0),
  values: new Float32Array(0),
};

const nextNode = (forest: Forest, first: number, node: number, value: number): number => {
  const goesLeft = Number.isNaN(value)
    ? forest.unknownLeft[node] === 1
    : value < (forest.borders[node] ?? 0);
  return first + (goesLeft ? (forest.left[node] ?? 0) : (forest.right[node] ?? 0));
};

/** The forest's output for the row that begins at `from`. */
export const forestOutput = (forest: Forest, data: Float32Array, from: number): number => {
  let sum = forest.base;
  const trees = forest.starts.length - 1;
  for (let tree = 0; tree < trees; tree++) {
    const first = forest.starts[tree] ?? 0;
    let node = first;
    let feature = forest.features[node] ?? -1;
    while (feature >= 0) {
      node = nextNode(forest, first, node, data[from + feature] ?? NaN);
      feature = forest.features[node] ?? -1;
    }
    sum += forest.values[node] ?? 0;
  }
  return sum;
};

/** Adds `weight ×` each feature's share of the output: the change of the node means along the path (Saabas 2014). */
export const forestContributions = (
  forest: Forest,
  data: Float32Array,
  from: number,
  weight: number,
  out: Float64Array,
): void => {
  for (let tree = 0; tree < forest.starts.length - 1; tree++) {
    const first = forest.starts[tree] ?? 0;
    let node = first;
    let feature = forest.features[node] ?? -1;
    while (feature >= 0) {
      const next = nextNode(forest, first, node, data[from + feature] ?? NaN);
      out[feature] =
        (out[feature] ?? 0) + weight * ((forest.values[next] ?? 0) - (forest.values[node] ?? 0));
      node = next;
      feature = forest.features[node] ?? -1;
    }
  }
};
