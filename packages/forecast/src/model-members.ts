import type { Member } from './learners/member.ts';
import type { DenseLayer, Network } from './learners/network.ts';
import { isRecord } from './model-file.ts';

/** Members as JSON plus named arrays. */
export const packMembers = (members: readonly Member[]) => {
  const arrays: Record<string, Float32Array> = {};
  const packed = members.map((member, m) => {
    arrays[`${m}.mean`] = member.network.standard.mean;
    arrays[`${m}.scale`] = member.network.standard.scale;
    member.network.layers.forEach((layer, l) => {
      arrays[`${m}.${l}.weights`] = layer.weights;
      arrays[`${m}.${l}.biases`] = layer.biases;
    });
    return {
      kind: member.kind,
      weight: member.weight,
      maxWeight: member.maxWeight,
      layers: member.network.layers.map(({ inputs, outputs }) => [inputs, outputs]),
    };
  });
  return { members: packed, arrays };
};

/** Members from a model file's header and arrays, or what is wrong with them. */
export const unpackMembers = (
  packed: unknown,
  arrays: Readonly<Record<string, Float32Array>>,
  width: number,
): readonly Member[] | { fault: string } => {
  if (!Array.isArray(packed) || packed.length === 0) return { fault: 'no members' };
  const members: Member[] = [];
  for (const [m, entry] of packed.entries()) {
    if (!isRecord(entry)) return { fault: `member ${m} is not an object` };
    const { kind, weight, maxWeight } = entry;
    if (kind !== 'logistic' && kind !== 'neural')
      return { fault: `member ${m} is of unknown kind` };
    if (typeof weight !== 'number' || typeof maxWeight !== 'number')
      return { fault: `member ${m} has no weight` };
    const network = unpackNetwork(entry.layers, arrays, m, width);
    if ('fault' in network) return network;
    members.push({ kind, weight, maxWeight, network });
  }
  return members;
};

const unpackNetwork = (
  shapes: unknown,
  arrays: Readonly<Record<string, Float32Array>>,
  m: number,
  width: number,
): Network | { fault: string } => {
  const mean = arrays[`${m}.mean`];
  const scale = arrays[`${m}.scale`];
  if (mean?.length !== width || scale?.length !== width || !Array.isArray(shapes))
    return { fault: `member ${m} was made for other features` };
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
    layers.push({ inputs, outputs, weights, biases });
    inputs = outputs;
  }
  if (inputs !== 2) return { fault: `member ${m} has ${inputs} outputs, not 2` };
  return { standard: { mean, scale }, layers };
};
