import {
  chainDelayMs,
  chainsOf,
  type FleetView,
  type HostId,
  type Known,
  type ServerId,
  type Topology,
  usualCriticality,
} from '@sidestep/fleet';
import {
  breaksPromise,
  type MoveCost,
  type MoveFacts,
  type MoveScore,
  type MoveWeights,
  moveWeights,
  type Policy,
  parametersOf,
  type Ranked,
  scoreMove,
  type TouchedChain,
} from '@sidestep/policies';
import type { RejectedHost } from './decision.ts';
import type { VictimCandidate } from './victims.ts';

/** What a pair would cost, by `pairKey`. */
export type MoveCosts = ReadonlyMap<string, MoveCost>;

export const pairKey = (serverId: ServerId, hostId: HostId) => `${serverId} ${hostId}`;

/** What pairs are weighed with. */
export type Scales = {
  view: FleetView;
  topology: Topology;
  costs: MoveCosts;
  sourcePercent: Known<number>;
  policy: Policy;
  params: Readonly<Record<string, number>>;
};

/** A pair with its score and what the score rests on. */
export type ScoredPair = {
  victim: VictimCandidate;
  ranked: Ranked;
  /** Null: the policy alone decides, and nothing was weighed. */
  score: MoveScore | null;
  /** Unknown where nobody was asked, or nobody answered. */
  cost: Known<MoveCost>;
  facts: MoveFacts;
};

/** Most hosts of a policy's ranking that are weighed for one server. */
export const maxWeighed = 64;

/** The policy's weights; null for one that weighs nothing. */
export function weightsOf({
  policy,
  params,
}: Pick<Scales, 'policy' | 'params'>): MoveWeights | null {
  if (!('reliefWeight' in policy.params)) return null;
  const names = Object.keys(moveWeights);
  const given = Object.fromEntries(Object.entries(params).filter(([name]) => names.includes(name)));
  return parametersOf(moveWeights, given);
}

/** A server's ranked hosts as scored pairs; those that would break a chain's promise are left out and named. */
export function scorePairs(
  victim: VictimCandidate,
  ranking: readonly Ranked[],
  scales: Scales,
): { pairs: ScoredPair[]; rejected: RejectedHost[] } {
  const { view, topology, costs, policy, sourcePercent } = scales;
  const { server } = victim;
  const weights = weightsOf(scales);
  const dearest = dearestOf(costs);
  const chains = chainsOf(view, server.id).map((chain) => ({
    chain,
    beforeMs: chainDelayMs(view, chain, topology),
  }));
  const pairs: ScoredPair[] = [];
  const rejected: RejectedHost[] = [];
  for (const ranked of ranking) {
    const touched = chains.map(({ chain, beforeMs }): TouchedChain => {
      const moved = { serverId: server.id, to: ranked.hostId };
      return {
        chainId: chain.id,
        beforeMs,
        afterMs: chainDelayMs(view, chain, topology, moved),
        promisedMs: chain.promise?.delayMs ?? null,
        criticality: chain.promise?.criticality ?? usualCriticality,
      };
    });
    const broken = touched.find(breaksPromise);
    if (broken !== undefined) {
      const detail = `chain ${broken.chainId} promises ${broken.promisedMs} ms and would take ${broken.afterMs}`;
      rejected.push({ hostId: ranked.hostId, why: 'sla-delay', detail });
      continue;
    }
    const cost: Known<MoveCost> = costs.get(pairKey(server.id, ranked.hostId)) ?? 'unknown';
    const facts: MoveFacts = {
      placeRatio: ranked.score / policy.worstScore,
      sourcePercent,
      sharePercent: victim.sharePercent ?? 'unknown',
      // Where nobody was asked, the dearest that is known of: not knowing is no advantage.
      cost: cost === 'unknown' ? dearest : cost,
      chains: touched,
    };
    const score = weights === null ? null : scoreMove(facts, weights);
    pairs.push({ victim, ranked, score, cost, facts });
  }
  return { pairs, rejected };
}

function dearestOf(costs: MoveCosts): Known<MoveCost> {
  let dearest: Known<MoveCost> = 'unknown';
  for (const cost of costs.values()) {
    if (dearest === 'unknown' || cost.expectedMs > dearest.expectedMs) dearest = cost;
  }
  return dearest;
}

/** The best pair: of least total; where nothing is weighed the first. Equals stay in the order given. */
export function bestPair(pairs: readonly ScoredPair[]): ScoredPair | undefined {
  let best: ScoredPair | undefined;
  for (const pair of pairs) {
    if (best === undefined || (pair.score?.total ?? 0) < (best.score?.total ?? 0)) best = pair;
  }
  return best;
}

/** Most moves that one decision foresees after its own. */
const maxFurther = 3;

/**
 * The moves that should follow where one alone leaves the source above calm: each the best of what is left once those
 * before it are gone. They are foreseen, not decided: after each move it is looked again.
 */
export function furtherPairs(
  best: ScoredPair,
  pairs: readonly ScoredPair[],
  scales: Scales,
): ScoredPair[] {
  const weights = weightsOf(scales);
  if (weights === null || scales.sourcePercent === 'unknown') return [];
  const chosen = [best];
  let left = scales.sourcePercent - best.victim.assumedSharePercent;
  while (left > weights.calmPercent && chosen.length <= maxFurther) {
    const sourcePercent = left;
    const taken = new Set(
      chosen.flatMap(({ victim, ranked }) => [victim.server.id, ranked.hostId]),
    );
    const open = pairs
      .filter(({ victim, ranked }) => !taken.has(victim.server.id) && !taken.has(ranked.hostId))
      .map((pair) => ({ ...pair, score: scoreMove({ ...pair.facts, sourcePercent }, weights) }));
    const next = bestPair(open);
    if (next === undefined) break;
    chosen.push(next);
    left -= next.victim.assumedSharePercent;
  }
  return chosen.slice(1);
}
