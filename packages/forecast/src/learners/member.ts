import { type Forest, forestContributions, forestOutput } from './forest.ts';
import { createNetworkRunner, type Network } from './network.ts';

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

/** Makes a weighted blend of learners ready; log-odds add, so contributions stay additive. */
export const createBlendRunner = (members: readonly Member[]): MemberRunner => {
  const runners = members
    .filter(({ weight, maxWeight }) => weight !== 0 || maxWeight !== 0)
    .map((member) => ({ ...member, runner: createMemberRunner(member) }));
  return {
    run(data, from) {
      let logit = 0;
      let maxPercent = 0;
      for (const { runner, weight, maxWeight } of runners) {
        const own = runner.run(data, from);
        logit += weight * own.logit;
        maxPercent += maxWeight * own.maxPercent;
      }
      return { logit, maxPercent };
    },
    contribute(data, from, weight, out) {
      for (const { runner, weight: share } of runners)
        runner.contribute(data, from, weight * share, out);
    },
  };
};
