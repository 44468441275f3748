import {
  type FleetView,
  freezeView,
  type HostClass,
  type HostId,
  hostOf,
  isKnown,
  type Known,
  type PairRisk,
  pairRiskOf,
  type Server,
  type ServerId,
  serversOn,
  type Topology,
  topologyOf,
} from '@sidestep/fleet';
import type { DestinationPlan, Policy } from '@sidestep/policies';
import { type ConstraintContext, destinationsFor, type Occupied } from './constraints.ts';
import type { Decision, DecisionStayReason, RankedHost, RejectedHost, Victim } from './decision.ts';
import { linkObjection } from './link-slots.ts';
import type { MoveRules } from './movability.ts';
import type { OperationKind } from './operation.ts';
import {
  bestPair,
  furtherPairs,
  type MoveCosts,
  maxWeighed,
  type Scales,
  type ScoredPair,
  scorePairs,
} from './pair-scores.ts';
import { maxShortlistedHosts, maxVictims, shortlistHosts } from './shortlist.ts';
import { assumedSharePercent, comingPercent, leavingPercent, type Traffic } from './traffic.ts';
import { orderVictims, type VictimCandidate } from './victims.ts';

/** What is asked: a hot host, perhaps one server of it. */
export type MoveQuestion = {
  hostId: HostId;
  serverId: ServerId | null;
  policy: Policy;
  seed: number;
  context: ConstraintContext;
  /** Servers that rest, each with why. */
  resting: ReadonlyMap<ServerId, string>;
  rules: MoveRules;
  /** Of the policy; each one's default where it is not given. */
  params: Readonly<Record<string, number>>;
  /** Default: alive. */
  how?: OperationKind;
};

/** A pair to be scored in stage two. */
export type PairToScore = {
  serverId: ServerId;
  hostId: HostId;
  /** The server's share of the host's CPU, with what is on its way there already. */
  addedCpuPercent: number;
  /** When the load would be there: after the move. Default: now. */
  startsInMs?: number;
};

/** Stage one's result: who may leave, where each could go, and what is to be scored. */
export type Shortlist = {
  question: MoveQuestion;
  victims: readonly (VictimCandidate & {
    candidates: readonly HostId[];
    rejected: readonly RejectedHost[];
  })[];
  excluded: readonly Victim[];
  pairs: readonly PairToScore[];
};

/** What is planned, with everything that the decision's record tells. */
export type MovePlan = Pick<
  Decision,
  | 'serverId'
  | 'serverName'
  | 'destinationHostId'
  | 'victims'
  | 'candidates'
  | 'rejected'
  | 'omitted'
  | 'furtherMoves'
> & { stayReason: DecisionStayReason | null };

/** How much is looked at. */
export type Bounds = { victims: number; hosts: number; weighed: number };

const usual: Bounds = { victims: maxVictims, hosts: maxShortlistedHosts, weighed: maxWeighed };
/** Everything is: what the two stages are measured against. */
export const unbounded: Bounds = {
  victims: Number.POSITIVE_INFINITY,
  hosts: Number.POSITIVE_INFINITY,
  weighed: Number.POSITIVE_INFINITY,
};

/** Stage one: hard constraints, then few servers and few hosts by the risk of the last tick. */
export function shortlist(question: MoveQuestion, bounds: Bounds = usual): Shortlist {
  const { context, hostId } = question;
  const host = hostOf(context.view, hostId);
  if (host === undefined) return { question, victims: [], excluded: [], pairs: [] };
  const asked = serversOn(context.view, hostId).filter(
    ({ id }) => question.serverId === null || id === question.serverId,
  );
  const believed = context.signedOnly ? asked.map(withoutUnsigned) : asked;
  const ordered = orderVictims(host, believed, question);
  const feasible = ordered.candidates
    .slice(0, bounds.victims)
    .map((victim) => ({ ...victim, ...destinationsFor(victim.server.id, context) }));
  const reachable = new Set(feasible.flatMap((victim) => victim.candidates));
  // Only what is scored pair by pair needs to be few; by another measure the pruning could drop the best.
  const scored = question.policy.needs.includes('forecast.failureRisk');
  const listed = scored
    ? new Set(shortlistHosts(context.view, reachable, bounds.hosts))
    : reachable;
  const detail = `${listed.size} hosts of lower risk at the last tick were looked at`;
  // One for all victims: in a storm of alarms there are hundreds of thousands of them.
  const passedOver = new Map<HostId, RejectedHost>();
  for (const id of reachable) {
    if (!listed.has(id)) passedOver.set(id, { hostId: id, why: 'not-shortlisted', detail });
  }
  const victims = feasible.map((victim) => ({
    ...victim,
    candidates: victim.candidates.filter((id) => listed.has(id)),
    rejected: [...victim.rejected, ...victim.candidates.flatMap((id) => passedOver.get(id) ?? [])],
  }));
  const pairs = scored ? pairsOf(victims, context.view) : [];
  return { question, victims, excluded: ordered.excluded, pairs };
}

/** A load that anybody could have sent is unknown. */
function withoutUnsigned(server: Server): Server {
  return server.trusted ? server : { ...server, cpuPercent: 'unknown' };
}

function pairsOf(victims: Shortlist['victims'], view: FleetView): PairToScore[] {
  const hosts = new Map(view.hosts.map((host) => [host.id, host]));
  return victims.flatMap(({ server, candidates }) =>
    candidates.flatMap((hostId) => {
      const host = hosts.get(hostId);
      if (host === undefined) return [];
      // What is on its way there is in no sample that Prediction has.
      const addedCpuPercent = Math.min(
        100,
        assumedSharePercent(server, host) + comingPercent(view, host),
      );
      return [{ serverId: server.id, hostId, addedCpuPercent }];
    }),
  );
}

/** The shortlist without hosts that other plans of the same round take. */
export function withoutTaken(list: Shortlist, taken: Occupied): Shortlist {
  if (taken.size === 0) return list;
  return {
    ...list,
    victims: list.victims.map((victim) => ({
      ...victim,
      candidates: victim.candidates.filter((hostId) => !taken.has(hostId)),
      rejected: [
        ...victim.rejected,
        ...victim.candidates.flatMap((hostId) => {
          const detail = taken.get(hostId);
          return detail === undefined ? [] : [{ hostId, why: 'host-slots', detail }];
        }),
      ],
    })),
  };
}

/** The shortlist without the places whose way is full. */
export function withoutFullLinks(list: Shortlist, traffic: Traffic, topology: Topology): Shortlist {
  if (traffic.slots.perLink === null || traffic.moves.length === 0) return list;
  const from = list.question.hostId;
  return {
    ...list,
    victims: list.victims.map((victim) => {
      const full = victim.candidates.flatMap(
        (to) => linkObjection(traffic, topology, { from, to }) ?? [],
      );
      const refused = new Set(full.map(({ hostId }) => hostId));
      return {
        ...victim,
        candidates: victim.candidates.filter((hostId) => !refused.has(hostId)),
        rejected: [...victim.rejected, ...full],
      };
    }),
  };
}

/** The shortlist without one server's place that the cloud refused. */
export function withoutPlace(
  list: Shortlist,
  serverId: ServerId,
  refused: RejectedHost,
): Shortlist {
  return {
    ...list,
    victims: list.victims.map((victim) =>
      victim.server.id === serverId
        ? {
            ...victim,
            candidates: victim.candidates.filter((hostId) => hostId !== refused.hostId),
            rejected: [...victim.rejected, refused],
          }
        : victim,
    ),
  };
}

/** What Prediction says of pairs and, where it was asked, the classifier of hosts. */
export type MoveScores = {
  pairRisks: readonly PairRisk[];
  modelVersion: string | null;
  classes?: { hostClasses: readonly HostClass[] };
};

/** What pairs are weighed with besides their risks. */
export type Weighing = { topology: Topology; costs: MoveCosts; bounds?: Bounds };

type Look = {
  victim: Shortlist['victims'][number];
  plan: DestinationPlan;
  pairs: readonly ScoredPair[];
  rejected: readonly RejectedHost[];
};

/**
 * Stage two: the policy ranks the hosts for each server, and the pairs are weighed against each other: what the host
 * is worth, what overload stays on the source, what the move takes, what it does to the chains' delays. A policy that
 * weighs nothing moves the server of the largest share that it finds a host for.
 */
export function planMove(
  { question, victims, excluded }: Shortlist,
  scores: MoveScores,
  { topology, costs, bounds = usual }: Weighing = { topology: topologyOf([]), costs: new Map() },
): MovePlan {
  const { policy, seed, params, hostId } = question;
  const { pairRisks, modelVersion, classes } = scores;
  const asked = classes === undefined ? {} : { hostClasses: classes.hostClasses };
  const hosts = withoutLeaving(question.context.view, hostId);
  const view = freezeView({ ...question.context.view, hosts, pairRisks, modelVersion, ...asked });
  const sourcePercent = hostOf(view, hostId)?.cpuPercent ?? 'unknown';
  const scales: Scales = { view, topology, costs, policy, params, sourcePercent };
  const looks = victims.map((victim): Look => {
    const { server, candidates } = victim;
    const plan = policy.plan(view, { serverId: server.id, candidates, seed, params });
    const { pairs, rejected } = scorePairs(
      victim,
      plan.kind === 'migrate' ? plan.ranking.slice(0, bounds.weighed) : [],
      scales,
    );
    return { victim, plan, pairs, rejected: [...victim.rejected, ...plan.rejected, ...rejected] };
  });
  const pairs = looks.flatMap((look) => look.pairs);
  const best = bestPair(pairs);
  const told = looks.find(({ victim }) => victim.server.id === best?.victim.server.id) ?? looks[0];
  const candidates = told === undefined ? [] : candidatesOf(told, view);
  const rejected = told?.rejected ?? [];
  const further =
    best === undefined || question.serverId !== null ? [] : furtherPairs(best, pairs, scales);
  return {
    serverId: best?.victim.server.id ?? null,
    serverName: best?.victim.server.name ?? null,
    destinationHostId: best?.ranked.hostId ?? null,
    stayReason: best === undefined ? stayReasonOf(looks[0]) : null,
    victims: [...looks.map((look) => lookedAt(look, best)), ...excluded],
    candidates: candidates.slice(0, maxTold.candidates),
    rejected: rejected.slice(0, maxTold.rejected),
    omitted: {
      candidates: Math.max(0, candidates.length - maxTold.candidates),
      rejected: Math.max(0, rejected.length - maxTold.rejected),
    },
    furtherMoves: further.map(({ victim, ranked }) => ({
      serverId: victim.server.id,
      name: victim.server.name,
      hostId: ranked.hostId,
    })),
  };
}

/** The hosts, the hot one without the load that is on its way from it: another move is for what stays. */
function withoutLeaving(view: FleetView, hostId: HostId): FleetView['hosts'] {
  const source = hostOf(view, hostId);
  if (source === undefined || source.cpuPercent === 'unknown') return view.hosts;
  const leaving = leavingPercent(view, source);
  if (leaving === 0) return view.hosts;
  const cpuPercent = Math.max(0, source.cpuPercent - leaving);
  return view.hosts.map((host) => (host.id === hostId ? { ...host, cpuPercent } : host));
}

/** What a record keeps at most: of a large cloud it would else be megabytes a decision. */
const maxTold = { candidates: 64, rejected: 256 };

function stayReasonOf(first: Look | undefined): DecisionStayReason {
  if (first === undefined) return 'no-victim';
  return first.plan.kind === 'stay' ? first.plan.reason : 'would-not-help';
}

function lookedAt({ victim, plan, pairs }: Look, best: ScoredPair | undefined): Victim {
  const { server, sharePercent } = victim;
  const chosen = best?.victim.server.id === server.id;
  const own = bestPair(pairs);
  const told = { serverId: server.id, name: server.name, cpuSharePercent: sharePercent, chosen };
  const score = own?.score?.total;
  return { ...told, ...(score === undefined ? {} : { score }), why: why() };

  function why(): string {
    if (chosen) return shareInWords(victim);
    if (plan.kind === 'stay') return `would stay: ${plan.reason}`;
    if (own === undefined) return "every host would break a chain's promise";
    if (score === undefined) return 'a server before it fits a destination';
    return `scores ${score.toFixed(3)} at ${own.ranked.hostId}, the chosen one ${best?.score?.total.toFixed(3)}`;
  }
}

function shareInWords({ sharePercent, server }: VictimCandidate): string {
  return sharePercent === null
    ? `its load is unknown and reckoned as all of its ${server.vcpus} vCPUs`
    : `relieves the host of ${sharePercent.toFixed(1)} % of its CPU`;
}

/** The hosts for one server, the least score first; those that were not weighed come last. */
function candidatesOf({ victim, plan, pairs }: Look, view: FleetView): RankedHost[] {
  const weighed = new Set(pairs.map(({ ranked }) => ranked.hostId));
  const ordered = pairs.toSorted((a, b) => (a.score?.total ?? 0) - (b.score?.total ?? 0));
  return [
    ...ordered.map((pair) => ({
      ...described(pair.ranked, victim.server.id, view),
      ...weight(pair),
    })),
    ...plan.ranking
      .filter(({ hostId }) => !weighed.has(hostId) && plan.kind === 'stay')
      .map((ranked) => described(ranked, victim.server.id, view)),
  ];
}

const orNull = <T>(value: Known<T>): T | null => (isKnown(value) ? (value as T) : null);

function weight({ score, cost, facts }: ScoredPair): Pick<RankedHost, 'terms' | 'cost' | 'chains'> {
  return {
    ...(score === null ? {} : { terms: score }),
    cost: orNull(cost),
    chains: facts.chains.map(({ beforeMs, afterMs, ...chain }) => ({
      ...chain,
      beforeMs: orNull(beforeMs),
      afterMs: orNull(afterMs),
    })),
  };
}

function described(
  ranked: { hostId: HostId; score: number; reasons: readonly string[] },
  serverId: ServerId,
  view: FleetView,
): RankedHost {
  const host = hostOf(view, ranked.hostId);
  return {
    hostId: ranked.hostId,
    score: ranked.score,
    cpuPercent: orNull(host?.cpuPercent ?? 'unknown'),
    risk: orNull(pairRiskOf(view, serverId, ranked.hostId)?.risk ?? host?.risk ?? 'unknown'),
    reasons: ranked.reasons,
  };
}
