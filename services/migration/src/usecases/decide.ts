import { randomUUID } from 'node:crypto';
import { chainsOf, type HostId, type ServerId, seedOf } from '@sidestep/fleet';
import type { Policy } from '@sidestep/policies';
import { type Occupied, sourceObjection } from '../domain/constraints.ts';
import type { Decision, DecisionStayReason, Mode, Trigger } from '../domain/decision.ts';
import type { MoveRules } from '../domain/movability.ts';
import type { OperationKind } from '../domain/operation.ts';
import {
  type MovePlan,
  type PairToScore,
  planMove,
  type Shortlist,
  shortlist,
  withoutOccupied,
} from '../domain/plan-move.ts';
import type { Forecasts, Scorer } from '../ports/forecasts.ts';
import { type Situation, withoutPrediction } from './gather.ts';

/** A host that a decision is wanted for. */
export type Wanted = {
  hostId: HostId;
  serverId: ServerId | null;
  trigger: Trigger;
  policy: Policy;
  mode: Mode;
  /** Default: from the decision's id. */
  seed: number | null;
  /** How the server is to leave. Default: alive. */
  how?: OperationKind;
  /** The host has to be left whatever was moved lately. */
  mustLeave?: boolean;
};

export type DecideOptions = {
  forecasts: Forecasts;
  situation: Situation;
  alarmed: ReadonlySet<HostId>;
  /** Hosts that somebody keeps free, each with why. */
  kept: ReadonlyMap<HostId, string>;
  rules: MoveRules;
  /** Servers that no plan is to be made for, each with why. */
  resting: ReadonlyMap<ServerId, string>;
  maxInventoryAgeMs: number;
};

/** None rests where the host has to be left. */
const nobody: ReadonlyMap<ServerId, string> = new Map();

/** Most pairs of one request to Prediction, by its contract. */
const maxPairs = 1_024;

/**
 * Decides for each host in turn: one question to Prediction for all, then each plan with the hosts of the plans before
 * it taken. `occupied` grows by what is planned.
 */
export async function decide(
  wanted: readonly Wanted[],
  occupied: Map<HostId, string>,
  options: DecideOptions,
): Promise<Decision[]> {
  const { situation, alarmed, kept, rules } = options;
  const { view } = situation;
  const prepared = wanted.map((each) => {
    const id = randomUUID();
    const seed = each.seed ?? seedOf(id);
    // Where somebody has to approve, they see what the data is worth.
    const signedOnly = each.mode === 'auto' && each.trigger.kind === 'alarm';
    const context = { view, alarmed, kept, occupied: occupied as Occupied, signedOnly };
    const { hostId, serverId, policy, how = 'live-migration' } = each;
    const resting = each.mustLeave === true ? nobody : options.resting;
    const list = shortlist({ hostId, serverId, policy, seed, context, resting, rules, how });
    return { each, id, seed, list };
  });
  const pairs = prepared.flatMap(({ list }) => list.pairs);
  const scores = await scored(pairs, options.forecasts, situation.scorer);
  return prepared.map(({ each, id, seed, list }) => {
    const plan = planned(withoutOccupied(list, occupied), scores, options);
    const decision = decisionOf(each, { id, seed }, plan, scores, situation);
    if (decision.destinationHostId !== null) {
      const move = `${decision.serverName ?? decision.serverId} is to move from ${each.hostId} to ${decision.destinationHostId}`;
      occupied.set(each.hostId, move);
      occupied.set(decision.destinationHostId, move);
    }
    return decision;
  });
}

type Scores = Scorer & Awaited<ReturnType<Forecasts['pairRisks']>>;

async function scored(
  pairs: readonly PairToScore[],
  forecasts: Forecasts,
  scorer: Scorer,
): Promise<Scores> {
  if (pairs.length === 0) return { ...scorer, pairRisks: [] };
  const chunks = Array.from({ length: Math.ceil(pairs.length / maxPairs) }, (_, i) =>
    pairs.slice(i * maxPairs, (i + 1) * maxPairs),
  );
  try {
    const answers = await Promise.all(chunks.map((chunk) => forecasts.pairRisks(chunk)));
    const [first] = answers;
    return {
      modelVersion: first?.modelVersion ?? null,
      fallback: first?.fallback ?? null,
      pairRisks: answers.flatMap((each) => each.pairRisks),
    };
  } catch (error) {
    return { modelVersion: null, fallback: withoutPrediction(error), pairRisks: [] };
  }
}

function planned(list: Shortlist, scores: Scores, options: DecideOptions): MovePlan {
  const { inventoryAgeMs } = options.situation;
  if (inventoryAgeMs === null || inventoryAgeMs > options.maxInventoryAgeMs) {
    return nothing('inventory-stale');
  }
  const { hostId, context } = list.question;
  const objection = sourceObjection(hostId, context);
  return objection === null ? planMove(list, scores) : nothing(objection);
}

function nothing(stayReason: DecisionStayReason): MovePlan {
  return {
    serverId: null,
    serverName: null,
    destinationHostId: null,
    stayReason,
    victims: [],
    candidates: [],
    rejected: [],
  };
}

function decisionOf(
  wanted: Wanted,
  { id, seed }: { id: string; seed: number },
  plan: MovePlan,
  scores: Scores,
  situation: Situation,
): Decision {
  const state = plan.stayReason === null ? 'proposed' : 'stay';
  const { atMs } = situation;
  return {
    ...plan,
    id,
    state,
    createdAtMs: atMs,
    updatedAtMs: atMs,
    trigger: wanted.trigger,
    hostId: wanted.hostId,
    mode: wanted.mode,
    policy: wanted.policy.name,
    seed,
    chainIds: chainsOf(situation.view, plan.serverId ?? '').map((chain) => chain.id),
    data: {
      observedAtMs: atMs,
      inventoryAgeMs: situation.inventoryAgeMs,
      oldestSampleAgeMs: situation.oldestSampleAgeMs,
    },
    modelVersion: scores.modelVersion,
    fallback: scores.fallback,
    guardrails: [],
    heldBack: null,
    operationId: null,
    history: [{ state, atMs, by: wanted.trigger.requestedBy, reason: plan.stayReason }],
  };
}
