import type { Forest } from './forest.ts';

/** Adds a forest's output of each row to `out`: the very sums of `forestOutput`. */
export type ForestBatch = (rows: FilledRows, out: Float64Array) => void;

/** Rows that go down a tree side by side; their number is always a multiple of this. */
const sideBySide = 4;

/** Rows, each twice: first with −∞, then with +∞ in place of what cannot be known. */
export type FilledRows = {
  readonly data: Float32Array;
  readonly stride: number;
  /** As many as were given, and up to three copies of the last. */
  readonly count: number;
};

/** Room for so many filled rows. */
export const roomForRows = (count: number, width: number): Float32Array =>
  new Float32Array(Math.ceil(count / sideBySide) * sideBySide * 2 * width);

/** Writes rows twice, so that a tree need not ask whether a value is known. */
export const fillRows = (
  data: Float32Array,
  width: number,
  count: number,
  out: Float32Array,
): FilledRows => {
  const filled = count === 0 ? 0 : Math.ceil(count / sideBySide) * sideBySide;
  for (let row = 0; row < filled; row++) {
    const from = Math.min(row, count - 1) * width;
    const low = row * 2 * width;
    for (let i = 0; i < width; i++) {
      const value = data[from + i] ?? NaN;
      const known = !Number.isNaN(value);
      out[low + i] = known ? value : -Infinity;
      out[low + width + i] = known ? value : Infinity;
    }
  }
  return { data: out, stride: 2 * width, count: filled };
};

/** A forest in which each step is one comparison and one sum: no branch that a processor could guess wrong. */
type Layout = {
  /** First node and depth of each tree. */
  readonly roots: Int32Array;
  readonly depths: Int32Array;
  readonly columns: Int32Array;
  readonly borders: Float32Array;
  /** The left child, the right one lies behind it; a leaf's "right" one is itself, and all go right there. */
  readonly children: Int32Array;
  readonly values: Float32Array;
};

const layOut = (forest: Forest, width: number): Layout => {
  const nodes = forest.features.length;
  const trees = forest.starts.length - 1;
  const roots = new Int32Array(trees);
  const depths = new Int32Array(trees);
  const columns = new Int32Array(nodes);
  const borders = new Float32Array(nodes);
  const children = new Int32Array(nodes);
  const values = new Float32Array(nodes);
  let from = 0;
  for (let tree = 0; tree < trees; tree++) {
    const first = forest.starts[tree] ?? 0;
    const queue = [{ node: first, depth: 0 }];
    roots[tree] = from;
    for (let place = 0; place < queue.length; place++) {
      const { node, depth } = queue[place] ?? { node: first, depth: 0 };
      const at = from + place;
      const feature = forest.features[node] ?? -1;
      depths[tree] = Math.max(depths[tree] ?? 0, depth);
      values[at] = forest.values[node] ?? 0;
      if (feature < 0) {
        borders[at] = -Infinity;
        children[at] = at - 1;
        continue;
      }
      columns[at] = feature + (forest.unknownLeft[node] === 1 ? 0 : width);
      borders[at] = forest.borders[node] ?? 0;
      children[at] = from + queue.length;
      for (const child of [forest.left[node] ?? 0, forest.right[node] ?? 0])
        queue.push({ node: first + child, depth: depth + 1 });
    }
    from += queue.length;
  }
  return { roots, depths, columns, borders, children, values };
};

/** Makes a forest ready for many rows of a width. */
export const createForestBatch = (forest: Forest, width: number): ForestBatch => {
  const { roots, depths, columns, borders, children, values } = layOut(forest, width);
  return ({ data, stride, count }, out) => {
    for (let row = 0; row < count; row++) out[row] = (out[row] ?? 0) + forest.base;
    for (let tree = 0; tree < roots.length; tree++) {
      const root = roots[tree] ?? 0;
      const depth = depths[tree] ?? 0;
      for (let row = 0; row < count; row += sideBySide) {
        const r0 = row * stride;
        const r1 = r0 + stride;
        const r2 = r1 + stride;
        const r3 = r2 + stride;
        let n0 = root;
        let n1 = root;
        let n2 = root;
        let n3 = root;
        // Four walks at once: while one waits for memory the others go on.
        for (let step = 0; step < depth; step++) {
          const v0 = data[r0 + (columns[n0] ?? 0)] ?? 0;
          const v1 = data[r1 + (columns[n1] ?? 0)] ?? 0;
          const v2 = data[r2 + (columns[n2] ?? 0)] ?? 0;
          const v3 = data[r3 + (columns[n3] ?? 0)] ?? 0;
          n0 = (children[n0] ?? 0) + Number(v0 >= (borders[n0] ?? 0));
          n1 = (children[n1] ?? 0) + Number(v1 >= (borders[n1] ?? 0));
          n2 = (children[n2] ?? 0) + Number(v2 >= (borders[n2] ?? 0));
          n3 = (children[n3] ?? 0) + Number(v3 >= (borders[n3] ?? 0));
        }
        out[row] = (out[row] ?? 0) + (values[n0] ?? 0);
        out[row + 1] = (out[row + 1] ?? 0) + (values[n1] ?? 0);
        out[row + 2] = (out[row + 2] ?? 0) + (values[n2] ?? 0);
        out[row + 3] = (out[row + 3] ?? 0) + (values[n3] ?? 0);
      }
    }
  };
};
