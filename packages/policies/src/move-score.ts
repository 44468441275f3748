import { type Known, usualCriticality } from '@sidestep/fleet';
import type { ParamSchema } from './policy.ts';

/** Parameters of each policy whose (server, host) pairs are weighed against each other; the less a pair scores the better. */
export const moveWeights = {
  calmPercent: {
    type: 'number',
    description: 'CPU that the source should come down to; what stays above counts against a move.',
    minimum: 1,
    maximum: 100,
    default: 80,
  },
  reliefWeight: {
    type: 'number',
    description: 'Weight of the overload that a move leaves on the source.',
    minimum: 0,
    maximum: 100,
    default: 0.5,
  },
  costWeight: {
    type: 'number',
    description:
      'Weight of a move that takes a minute, or stops a VNF of a usual chain for a second.',
    minimum: 0,
    maximum: 100,
    default: 0.1,
  },
  delayWeight: {
    type: 'number',
    description: "Weight of a chain's delay growing by what it promises, or by what it is now.",
    minimum: 0,
    maximum: 100,
    default: 0.2,
  },
} as const satisfies Record<string, ParamSchema>;

export type MoveWeights = { readonly [Name in keyof typeof moveWeights]: number };

/** What a live migration is expected to take. */
export type MoveCost = {
  expectedMs: number;
  downtimeMs: number;
  trafficBytes: number;
  /** Whether the copying ends by itself. */
  converges: boolean;
  /** How it was worked out. */
  method: string;
};

/** A chain that the server is in, before and after its move. */
export type TouchedChain = {
  chainId: string;
  beforeMs: Known<number>;
  afterMs: Known<number>;
  /** Null: nothing is promised. */
  promisedMs: number | null;
  /** From 1 to 5; 3 is usual. */
  criticality: number;
};

/** What is known of one (server, host) pair. */
export type MoveFacts = {
  /** The policy's score of the host, as a share of its worst. */
  placeRatio: number;
  sourcePercent: Known<number>;
  /** Percent of the source's CPU that leaves with the server. */
  sharePercent: Known<number>;
  cost: Known<MoveCost>;
  chains: readonly TouchedChain[];
};

/** A pair's score and what it is made of; each term is weighted already. */
export type MoveScore = {
  total: number;
  place: number;
  relief: number;
  cost: number;
  delay: number;
};

/** A move that would not end by itself counts as one of so many minutes. */
const endlessMinutes = 5;

/** Weighs a pair. What is unknown of relief counts as none; what is unknown of cost and delay counts for no pair. */
export function scoreMove(facts: MoveFacts, weights: MoveWeights): MoveScore {
  const place = facts.placeRatio;
  const relief = weights.reliefWeight * leftOver(facts, weights.calmPercent);
  const cost = weights.costWeight * costOf(facts);
  const delay = weights.delayWeight * facts.chains.reduce((sum, chain) => sum + growth(chain), 0);
  return { total: place + relief + cost + delay, place, relief, cost, delay };
}

/** The share of the source's overload that stays: 0 where the move alone calms it. */
function leftOver({ sourcePercent, sharePercent }: MoveFacts, calmPercent: number): number {
  if (sourcePercent === 'unknown' || sharePercent === 'unknown') return 1;
  const above = sourcePercent - sharePercent - calmPercent;
  return Math.min(1, Math.max(0, above) / Math.max(1, 100 - calmPercent));
}

/** Minutes that a move takes, and seconds that its chains stand still, the critical and the tight ones more. */
function costOf({ cost, chains }: MoveFacts): number {
  if (cost === 'unknown') return 0;
  const minutes = cost.converges
    ? Math.min(endlessMinutes, cost.expectedMs / 60_000)
    : endlessMinutes;
  const hurt = Math.max(1, ...chains.map((chain) => importance(chain) * (1 + usedUp(chain))));
  return minutes + (cost.downtimeMs / 1_000) * hurt;
}

const importance = ({ criticality }: TouchedChain) => criticality / usualCriticality;

/** Share of its promise that a chain uses already. */
function usedUp({ beforeMs, promisedMs }: TouchedChain): number {
  if (beforeMs === 'unknown' || promisedMs === null) return 0;
  return Math.min(1, beforeMs / promisedMs);
}

/** By how much of its promise (of itself, where it promises nothing) a chain's delay grows; less than 0 where it shrinks. */
function growth(chain: TouchedChain): number {
  const { beforeMs, afterMs, promisedMs } = chain;
  if (beforeMs === 'unknown' || afterMs === 'unknown') return 0;
  const against = promisedMs ?? Math.max(1, beforeMs);
  return (importance(chain) * (afterMs - beforeMs)) / against;
}

/** Would the move break a promise that is kept now? */
export function breaksPromise({ beforeMs, afterMs, promisedMs }: TouchedChain): boolean {
  if (promisedMs === null || afterMs === 'unknown') return false;
  return afterMs > promisedMs && (beforeMs === 'unknown' || beforeMs <= promisedMs);
}
