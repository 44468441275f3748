import { type Forest, forestContributions, forestOutput } from './forest.ts';
import { createForestBatch, type FilledRows, fillRows, roomForRows } from './forest-batch.ts';
import { createNetworkRunner, type Network } from './network.ts';
import { createNetworkBatch } from './network-batch.ts';

/** One fitted learner inside a model and its share of the model's log-odds and expected maximum. */
export type Member = { readonly weight: number; readonly maxWeight: number } & (
  | { readonly kind: 'logistic' | 'neural'; readonly network: Network }
  | {
      readonly kind: 'boosted-trees';
      /** Log-odds of a crossing. */
      readonly risk: Forest;
      /** Future maximum, 0–100. */
      readonly max: Forest;
    }
);

/** A learner made ready to be evaluated row by row. */
export type MemberRunner = {
  /** Log-odds of a crossing and expected maximum (0–100) of the row that begins at `from`. */
  run(data: Float32Array, from: number): { logit: number; maxPercent: number };
  /** Adds `weight ×` each feature's additive share of the log-odds to `out`. */
  contribute(data: Float32Array, from: number, weight: number, out: Float64Array): void;
};

/** Makes one learner ready. */
export const createMemberRunner = (member: Member): MemberRunner =>
  member.kind === 'boosted-trees'
    ? {
        run: (data, from) => ({
          logit: forestOutput(member.risk, data, from),
          maxPercent: Math.max(0, Math.min(100, forestOutput(member.max, data, from))),
        }),
        contribute: (data, from, weight, out) =>
          forestContributions(member.risk, data, from, weight, out),
      }
    : createNetworkRunner(member.network);

/** Outputs of many rows: log-odds of a crossing, and expected maximum (0–100). */
export type Outputs = { readonly logits: Float64Array; readonly maxima: Float64Array };

/** A blend of learners made ready to be evaluated for many rows. */
export type BlendRunner = {
  /** Reads the rows one after another from the begin of `data`, and writes as many outputs. */
  run(data: Float32Array, count: number, out: Outputs): void;
  contribute: MemberRunner['contribute'];
};

/** Rows that pass through all learners together: few enough to stay in the nearest memory. */
const rowsAtOnce = 64;

type FewRows = { data: Float32Array; count: number; filled: FilledRows };

/** Overwrites the first `count` outputs. */
type BatchRunner = (rows: FewRows, out: Outputs) => void;

const createBatchRunner = (member: Member, width: number): BatchRunner => {
  if (member.kind !== 'boosted-trees') {
    const batch = createNetworkBatch(member.network);
    return ({ data, count }, { logits, maxima }) => batch(data, count, logits, maxima);
  }
  const risk = createForestBatch(member.risk, width);
  const max = createForestBatch(member.max, width);
  return ({ filled, count }, { logits, maxima }) => {
    logits.fill(0);
    maxima.fill(0);
    risk(filled, logits);
    max(filled, maxima);
    for (let row = 0; row < count; row++)
      maxima[row] = Math.max(0, Math.min(100, maxima[row] ?? 0));
  };
};

/** Makes a weighted blend of learners ready; log-odds add, so contributions stay additive. */
export const createBlendRunner = (members: readonly Member[], width: number): BlendRunner => {
  const runners = members
    .filter(({ weight, maxWeight }) => weight !== 0 || maxWeight !== 0)
    .map((member) => ({
      ...member,
      batch: createBatchRunner(member, width),
      runner: createMemberRunner(member),
    }));
  const room = roomForRows(rowsAtOnce, width);
  const own = { logits: new Float64Array(rowsAtOnce), maxima: new Float64Array(rowsAtOnce) };
  return {
    run(data, total, { logits, maxima }) {
      logits.fill(0, 0, total);
      maxima.fill(0, 0, total);
      for (let begin = 0; begin < total; begin += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, total - begin);
        const few = data.subarray(begin * width, (begin + count) * width);
        const rows = { data: few, count, filled: fillRows(few, width, count, room) };
        for (const { batch, weight, maxWeight } of runners) {
          batch(rows, own);
          for (let row = 0; row < count; row++) {
            logits[begin + row] = (logits[begin + row] ?? 0) + weight * (own.logits[row] ?? 0);
            maxima[begin + row] = (maxima[begin + row] ?? 0) + maxWeight * (own.maxima[row] ?? 0);
          }
        }
      }
    },
    contribute(data, from, weight, out) {
      for (const { runner, weight: share } of runners)
        runner.contribute(data, from, weight * share, out);
    },
  };
};
