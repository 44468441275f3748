import type { PairRisk } from '@sidestep/fleet';
import {
  type MovePlan,
  type MoveQuestion,
  type PairToScore,
  planMove,
  shortlist,
  unbounded,
  type Weighing,
} from './plan-move.ts';

/** What the two stages cost against scoring everything. */
export type PruningRegret = {
  pairs: { pruned: number; exhaustive: number };
  /** Score of the chosen pair, the less the better; null where nothing would move, or nothing is weighed. */
  pruned: number | null;
  exhaustive: number | null;
  /** By how much the pruned choice scores worse; 0 where both choose alike, null where only one of them moves anything. */
  regret: number | null;
};

/**
 * Decides a question twice: by the shortlist, and with every server and every possible host scored. `score` answers for
 * pairs as Prediction does, alike in both.
 */
export function pruningRegret(
  question: MoveQuestion,
  score: (pairs: readonly PairToScore[]) => readonly PairRisk[],
  weighing: Weighing,
): PruningRegret {
  const few = shortlist(question);
  const all = shortlist(question, unbounded);
  const decided = (list: typeof few, given: Weighing) =>
    scoreOf(planMove(list, { pairRisks: score(list.pairs), modelVersion: null }, given));
  const pruned = decided(few, weighing);
  const exhaustive = decided(all, { ...weighing, bounds: unbounded });
  const both = pruned !== null && exhaustive !== null;
  const neither = pruned === null && exhaustive === null;
  return {
    pairs: { pruned: few.pairs.length, exhaustive: all.pairs.length },
    pruned,
    exhaustive,
    regret: both ? Math.max(0, pruned - exhaustive) : neither ? 0 : null,
  };
}

const scoreOf = ({ victims }: MovePlan): number | null =>
  victims.find(({ chosen }) => chosen)?.score ?? null;
