import { createCandidates } from './candidates.ts';
import { type Compact, compact } from './compact.ts';
import { chainDelays, unimproved } from './explain.ts';
import { orderMoves, type Step } from './order.ts';
import { Placement } from './placement.ts';
import type {
  ReplacementMove,
  ReplacementOptions,
  ReplacementProblem,
  ReplacementProposal,
  ReplacementScore,
} from './problem.ts';
import { createRepair } from './repair.ts';
import { createRuin } from './ruin.ts';
import { createSearch } from './search.ts';

/** The code that decides what is proposed: its text tells one version of the search from another. */
export const replacementCode: readonly { toString(): string }[] = [
  compact,
  createCandidates,
  createRepair,
  createRuin,
  createSearch,
  orderMoves,
  Placement,
];

/** Rounds of a search that are made between two looks at the clock. */
const slice = 16;

/** A proposal in the making. */
export type Replacement = {
  /** Works a short while; false once there is nothing more to do. */
  work(): boolean;
  /** The best proposal so far: never worse than no move, and each move possible when its turn comes. */
  proposal(): ReplacementProposal;
};

/** Global re-placement: which moves, in which order, lower the chains' delay and the hosts' risk. */
export function startReplacement(
  problem: ReplacementProblem,
  options: ReplacementOptions,
): Replacement {
  const numbers = compact(problem, options);
  const search = createSearch(numbers);
  return {
    work: () => search.run(slice),
    proposal: () => {
      const steps = search.steps();
      const placement = new Placement(numbers);
      const before = placement.score();
      const moves = steps.map((step, at) => made(numbers, placement, step, at + 1));
      const delays = chainDelays(numbers, placement);
      const rest = { movesLeft: options.moveBudget - steps.length, blocked: search.blocked() };
      return {
        before,
        after: counted(numbers, placement, steps.length),
        moves,
        chains: delays,
        unimproved: unimproved(numbers, placement, delays, rest),
        iterations: search.rounds(),
      };
    },
  };
}

/** The whole of it at once; `shouldStop` is asked now and then. */
export function replaceAll(
  problem: ReplacementProblem,
  options: ReplacementOptions,
  shouldStop: () => boolean = () => false,
): ReplacementProposal {
  const replacement = startReplacement(problem, options);
  while (!shouldStop() && replacement.work());
  return replacement.proposal();
}

/** Each move counts, those too that only make way. */
function counted({ options }: Compact, placement: Placement, moves: number): ReplacementScore {
  const score = placement.score();
  const more = moves - score.moves;
  return { ...score, moves, objective: score.objective + options.weights.move * more };
}

function made(
  numbers: Compact,
  placement: Placement,
  { server, from, to, detour }: Step,
  moves: number,
): ReplacementMove {
  placement.take(server);
  placement.put(server, to);
  const { id = '', name = '' } = numbers.servers[server] ?? {};
  return {
    serverId: id,
    serverName: name,
    from: numbers.hosts[from]?.id ?? '',
    to: numbers.hosts[to]?.id ?? '',
    objectiveAfter: counted(numbers, placement, moves).objective,
    destinationRisk: Number.isNaN(placement.riskOf(to)) ? null : placement.riskOf(to),
    detour,
  };
}
