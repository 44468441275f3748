import { randomUUID } from 'node:crypto';
import {
  chainsOf,
  type HostId,
  type ServerId,
  seedOf,
  type Topology,
  topologyOf,
} from '@sidestep/fleet';
import { type Policy, parametersOf, policies } from '@sidestep/policies';
import { type Occupied, sourceObjection } from '../domain/constraints.ts';
import { type Choice, choicesOf } from '../domain/counterfactual.ts';
import type {
  Decision,
  DecisionStayReason,
  Mode,
  RejectedHost,
  Trigger,
} from '../domain/decision.ts';
import { mustLeave } from '../domain/hosts/must-leave.ts';
import { crossedLinks } from '../domain/link-slots.ts';
import { anyOperator } from '../domain/modes.ts';
import type { MoveRules } from '../domain/movability.ts';
import type { OperationKind } from '../domain/operation.ts';
import {
  type MovePlan,
  planMove,
  type Shortlist,
  shortlist,
  type Weighing,
  withoutFullLinks,
  withoutPlace,
  withoutTaken,
} from '../domain/plan-move.ts';
import { policyVersion } from '../domain/policy-version.ts';
import { fullHosts, type PlacedMove, type Traffic } from '../domain/traffic.ts';
import type { Forecasts } from '../ports/forecasts.ts';
import type { Places } from '../ports/places.ts';
import { askClasses, askCosts, askRisks, type Scores } from './ask-prediction.ts';
import { objectionsTo } from './confirm-places.ts';
import type { Situation } from './gather.ts';

/** A host that a decision is wanted for. */
export type Wanted = {
  hostId: HostId;
  serverId: ServerId | null;
  trigger: Trigger;
  policy: Policy;
  /** Of the policy; each one's default where it is not given. */
  params?: Readonly<Record<string, number>>;
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
  places: Places;
  situation: Situation;
  alarmed: ReadonlySet<HostId>;
  /** Hosts that somebody keeps free, each with why. */
  kept: ReadonlyMap<HostId, string>;
  rules: MoveRules;
  /** Servers that no plan is to be made for, each with why. */
  resting: ReadonlyMap<ServerId, string>;
  maxInventoryAgeMs: number;
  /** Hosts that cannot be destinations, each with why, whatever moves. */
  occupied: ReadonlyMap<HostId, string>;
  /** What is planned and in flight; the situation's view counts it already. */
  traffic: Traffic;
  /** Told, of each decision, how to find what every policy would have chosen from the same list. */
  watch?(decisionId: string, choices: () => readonly Choice[]): void;
};

/**
 * Decides for each host in turn: one question to Prediction for all, then each plan with the hosts of the plans before
 * it taken, and Placement asked for the place of each; what it refuses is planned anew. However many slots a host has,
 * a round plans one move for it: the next round asks what the host is worth with that one counted.
 */
export async function decide(
  wanted: readonly Wanted[],
  options: DecideOptions,
): Promise<Decision[]> {
  const { situation, alarmed, kept, rules, occupied, traffic } = options;
  const { view } = situation;
  const full = fullHosts(traffic);
  const moving = new Map(traffic.moves.map(({ serverId, words }) => [serverId, words]));
  const resting = new Map([...options.resting, ...moving]);
  const prepared = wanted.map((each) => {
    const id = randomUUID();
    const seed = each.seed ?? seedOf(id);
    // Where somebody has to approve, they see what the data is worth.
    const signedOnly = each.mode === 'auto' && each.trigger.kind === 'alarm';
    const context = { view, alarmed, kept, occupied, full, signedOnly };
    const { hostId, serverId, policy, params = {}, how = 'live-migration' } = each;
    const list = shortlist({
      hostId,
      serverId,
      policy: each.mustLeave === true ? mustLeave(policy) : policy,
      seed,
      context,
      // What rests leaves all the same where the host has to be left; what is on its way is no longer to be moved.
      resting: each.mustLeave === true ? moving : resting,
      rules,
      params,
      how,
    });
    return { each, id, seed, list };
  });
  const lists = prepared.map(({ list }) => list);
  const costs = await askCosts(lists, options.forecasts);
  const scores: Scores = {
    ...(await askRisks(lists, costs, options.forecasts, situation.scorer)),
    ...(await askClasses(lists, options.forecasts)),
  };
  const topology = topologyOf(view.links);
  const weighing = { topology, costs };
  const drafts = prepared.map(
    (each): Draft => ({
      ...each,
      seen: each.list,
      plan: nothing('no-destination'),
      move: null,
    }),
  );
  let open = drafts;
  for (let look = 1; open.length > 0; look++) {
    for (const draft of open) {
      const others = drafts.flatMap((other) => (other === draft ? [] : (other.move ?? [])));
      draft.seen = withoutTaken(draft.list, takenBy(others));
      if (draft.each.how !== 'evacuate') {
        const moves = [...traffic.moves, ...others];
        draft.seen = withoutFullLinks(draft.seen, { ...traffic, moves }, topology);
      }
      draft.plan = planned(draft.seen, scores, weighing, options);
      draft.move = moveOf(draft, topology);
    }
    const again = new Set(await refused(open, options, look < maxLooks));
    const taken = takenBy(drafts.flatMap(({ move }) => move ?? []));
    // A host that falls free is one that somebody else may have wanted.
    open = drafts.filter(
      (draft) => again.has(draft) || (look < maxLooks && missed(draft, taken, full)),
    );
  }
  for (const { id, seen } of drafts) {
    options.watch?.(id, () => choicesOf(seen, scores, policies, weighing));
  }
  return drafts.map(({ each, id, seed, plan, move }) => ({
    ...decisionOf(each, { id, seed }, plan, scores, situation),
    ...(move === null || each.how === 'evacuate' ? {} : { crosses: move.crosses }),
  }));
}

/** Does it stay for want of a host that was taken then and is free now? */
const missed = ({ plan }: Draft, taken: Occupied, full: Occupied) =>
  plan.destinationHostId === null &&
  plan.rejected.some(
    ({ hostId, why }) => why === 'host-slots' && !taken.has(hostId) && !full.has(hostId),
  );

/** The hosts that plans of this round take, each with whose plan it is. */
function takenBy(moves: readonly PlacedMove[]): Map<HostId, string> {
  return new Map(
    moves.flatMap(({ from, to, words }) => [
      [from, words],
      [to, words],
    ]),
  );
}

/** A decision as far as it is made. */
type Draft = {
  each: Wanted;
  id: string;
  seed: number;
  list: Shortlist;
  /** The list without the hosts that were taken when the plan was made. */
  seen: Shortlist;
  plan: MovePlan;
  /** What the planned move takes; null where none is planned. */
  move: PlacedMove | null;
};

/** Destinations of one decision that Placement is asked about before it stays. */
const maxLooks = 4;

function moveOf({ each, plan }: Draft, topology: Topology): PlacedMove | null {
  const { serverId, destinationHostId: to } = plan;
  if (serverId === null || to === null) return null;
  const { hostId: from, how } = each;
  const words = `${plan.serverName ?? serverId} is to move from ${from} to ${to}`;
  const crosses = how === 'evacuate' ? [] : crossedLinks(topology, from, to);
  return { serverId, from, to, crosses, takesSource: true, claimed: false, words };
}

/** Those of the drafts that have to be planned anew, as Placement has no place for what they planned. */
async function refused(
  drafts: readonly Draft[],
  { places, situation, traffic }: DecideOptions,
  again: boolean,
): Promise<Draft[]> {
  const asking = drafts.flatMap((draft) => {
    const { serverId, destinationHostId: to } = draft.plan;
    const asks = serverId !== null && to !== null && draft.each.how !== 'evacuate';
    return asks ? [{ draft, serverId, from: draft.each.hostId, to }] : [];
  });
  const objections = await objectionsTo(asking, {
    places,
    view: situation.view,
    moves: traffic.moves,
  });
  return asking.flatMap(({ draft, serverId }, index) => {
    const objection = objections[index];
    if (objection === undefined || objection === null) return [];
    draft.move = null;
    draft.list = withoutPlace(draft.list, serverId, objection);
    if (again && objection.why !== 'placement-unknown') return [draft];
    draft.plan = withoutMove(draft.plan, objection);
    return [];
  });
}

/** The plan as a stay, where its last destination fell away. */
function withoutMove(plan: MovePlan, objection: RejectedHost): MovePlan {
  return {
    ...plan,
    serverId: null,
    serverName: null,
    destinationHostId: null,
    stayReason: objection.why === 'placement-unknown' ? 'placement-unknown' : 'no-destination',
    victims: plan.victims.map((victim) =>
      victim.chosen ? { ...victim, chosen: false, why: objection.detail } : victim,
    ),
    candidates: plan.candidates.filter(({ hostId }) => hostId !== objection.hostId),
    rejected: [...plan.rejected, objection],
  };
}

function planned(
  list: Shortlist,
  scores: Scores,
  weighing: Weighing,
  options: DecideOptions,
): MovePlan {
  const { inventoryAgeMs } = options.situation;
  if (inventoryAgeMs === null || inventoryAgeMs > options.maxInventoryAgeMs) {
    return nothing('inventory-stale');
  }
  const { hostId, context } = list.question;
  const objection = sourceObjection(hostId, context);
  return objection === null ? planMove(list, scores, weighing) : nothing(objection);
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
    omitted: { candidates: 0, rejected: 0 },
    furtherMoves: [],
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
  const scorer = (wanted.policy.asksClasses === true ? scores.classes : undefined) ?? scores;
  return {
    ...plan,
    id,
    state,
    createdAtMs: atMs,
    updatedAtMs: atMs,
    trigger: wanted.trigger,
    hostId: wanted.hostId,
    mode: wanted.mode,
    modeFrom: { scope: 'default', id: null },
    approvers: anyOperator,
    owners: [],
    aggregates: [],
    controlGroup: false,
    policy: wanted.policy.name,
    seed,
    chainIds: chainsOf(situation.view, plan.serverId ?? '').map((chain) => chain.id),
    data: {
      observedAtMs: atMs,
      inventoryAgeMs: situation.inventoryAgeMs,
      oldestSampleAgeMs: situation.oldestSampleAgeMs,
    },
    modelVersion: scorer.modelVersion,
    fallback: scorer.fallback,
    policyVersion: policyVersion(wanted.policy),
    params: parametersOf(wanted.policy.params, wanted.params),
    predicted: null,
    measured: null,
    looks: 1,
    guardrails: [],
    heldBack: null,
    operationId: null,
    history: [{ state, atMs, by: wanted.trigger.requestedBy, reason: plan.stayReason }],
  };
}
