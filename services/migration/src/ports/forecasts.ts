import type { HostClass, HostId, Known, PairRisk, ServerId } from '@sidestep/fleet';
import type { ExpectedMove } from '../domain/operation.ts';
import type { MoveCosts } from '../domain/pair-scores.ts';
import type { PairToScore } from '../domain/plan-move.ts';

/** Who scored: a model's version, or a named fallback and why. */
export type Scorer = { modelVersion: string | null; fallback: string | null };

/** A move that is thought of. */
export type AskedMove = { serverId: ServerId; from: HostId; to: HostId };

/** What Prediction foresees. Each call throws a ProblemError (UPSTREAM_…) where Prediction does not answer. */
export type Forecasts = {
  /** Each host's risk at the last tick. */
  hostRisks(): Promise<Scorer & { risks: ReadonlyMap<HostId, Known<number>> }>;
  /** What moves would take, by `pairKey`; those that nobody can tell of are not in it. */
  moveCosts(moves: readonly AskedMove[]): Promise<MoveCosts>;
  /** The risks of hosts with a server's load added, in the order asked. */
  pairRisks(pairs: readonly PairToScore[]): Promise<Scorer & { pairRisks: readonly PairRisk[] }>;
  /** Each host's risk with so much of its CPU added, or taken away, at each step of the grid. */
  riskCurves(
    hostIds: readonly HostId[],
    gridPercent: readonly number[],
  ): Promise<Scorer & { curves: ReadonlyMap<HostId, Known<readonly number[]>> }>;
  /** The classifier's word on each host; `fallback` says why there is none. */
  hostClasses(): Promise<Scorer & { hostClasses: readonly HostClass[] }>;
  /** What a live migration would take. */
  moveCost(serverId: ServerId, from: HostId, to: HostId): Promise<ExpectedMove>;
};
