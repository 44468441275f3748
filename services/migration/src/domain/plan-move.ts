import {
  cpuSharePercent,
  type FleetView,
  freezeView,
  type HostId,
  hostOf,
  type PairRisk,
  type Server,
  type ServerId,
  serversOn,
} from '@sidestep/fleet';
import type { Policy } from '@sidestep/policies';
import { type ConstraintContext, destinationsFor, type Occupied } from './constraints.ts';
import type { Decision, DecisionStayReason, RankedHost, RejectedHost, Victim } from './decision.ts';
import type { MoveRules } from './movability.ts';
import type { OperationKind } from './operation.ts';
import { maxVictims, shortlistHosts } from './shortlist.ts';
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
  /** Default: alive. */
  how?: OperationKind;
};

/** A pair to be scored in stage two. */
export type PairToScore = { serverId: ServerId; hostId: HostId; addedCpuPercent: number };

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
  'serverId' | 'serverName' | 'destinationHostId' | 'victims' | 'candidates' | 'rejected'
> & { stayReason: DecisionStayReason | null };

/** Stage one: hard constraints, then few servers and few hosts by the risk of the last tick. */
export function shortlist(question: MoveQuestion): Shortlist {
  const { context, hostId } = question;
  const host = hostOf(context.view, hostId);
  if (host === undefined) return { question, victims: [], excluded: [], pairs: [] };
  const asked = serversOn(context.view, hostId).filter(
    ({ id }) => question.serverId === null || id === question.serverId,
  );
  const believed = context.signedOnly ? asked.map(withoutUnsigned) : asked;
  const ordered = orderVictims(host, believed, question);
  const feasible = ordered.candidates
    .slice(0, maxVictims)
    .map((victim) => ({ ...victim, ...destinationsFor(victim.server.id, context) }));
  const reachable = new Set(feasible.flatMap((victim) => victim.candidates));
  // Only what is scored pair by pair needs to be few; by another measure the pruning could drop the best.
  const scored = question.policy.needs.includes('forecast.failureRisk');
  const listed = scored ? new Set(shortlistHosts(context.view, reachable)) : reachable;
  const victims = feasible.map((victim) => ({
    ...victim,
    candidates: victim.candidates.filter((id) => listed.has(id)),
    rejected: [
      ...victim.rejected,
      ...victim.candidates
        .filter((id) => !listed.has(id))
        .map((id) => ({
          hostId: id,
          why: 'not-shortlisted',
          detail: `${listed.size} hosts of lower risk at the last tick were looked at`,
        })),
    ],
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
      const share = cpuSharePercent(server, host);
      const whole = host.cores > 0 ? (100 * server.vcpus) / host.cores : 100;
      const addedCpuPercent = Math.min(100, share === 'unknown' ? whole : share);
      return [{ serverId: server.id, hostId, addedCpuPercent }];
    }),
  );
}

/** The shortlist without hosts that have been taken since it was made. */
export function withoutOccupied(list: Shortlist, occupied: Occupied): Shortlist {
  return {
    ...list,
    victims: list.victims.map((victim) => ({
      ...victim,
      candidates: victim.candidates.filter((hostId) => !occupied.has(hostId)),
      rejected: [
        ...victim.rejected,
        ...victim.candidates.flatMap((hostId) => {
          const detail = occupied.get(hostId);
          return detail === undefined ? [] : [{ hostId, why: 'reserved', detail }];
        }),
      ],
    })),
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

/** Stage two: the policy looks at each server in turn; the first that it would move is moved. */
export function planMove(
  { question, victims, excluded }: Shortlist,
  scores: { pairRisks: readonly PairRisk[]; modelVersion: string | null },
): MovePlan {
  const { policy, seed } = question;
  const view = freezeView({ ...question.context.view, ...scores });
  const looked: Victim[] = [];
  let first: {
    reason: DecisionStayReason;
    candidates: RankedHost[];
    rejected: RejectedHost[];
  } | null = null;
  for (const [index, victim] of victims.entries()) {
    const { server } = victim;
    const plan = policy.plan(view, { serverId: server.id, candidates: victim.candidates, seed });
    const candidates = plan.ranking.map((ranked) => described(ranked, server.id, view));
    const rejected = [...victim.rejected, ...plan.rejected];
    if (plan.kind === 'migrate') {
      return {
        serverId: server.id,
        serverName: server.name,
        destinationHostId: plan.to,
        stayReason: null,
        victims: [
          ...looked,
          named(victim, true, shareInWords(victim)),
          ...victims
            .slice(index + 1)
            .map((later) => named(later, false, 'a server before it fits a destination')),
          ...excluded,
        ],
        candidates,
        rejected,
      };
    }
    looked.push(named(victim, false, `would stay: ${plan.reason}`));
    first ??= { reason: plan.reason, candidates, rejected };
  }
  return {
    serverId: null,
    serverName: null,
    destinationHostId: null,
    stayReason: first?.reason ?? 'no-victim',
    victims: [...looked, ...excluded],
    candidates: first?.candidates ?? [],
    rejected: first?.rejected ?? [],
  };
}

function named(victim: VictimCandidate, chosen: boolean, why: string): Victim {
  const { server, sharePercent } = victim;
  return { serverId: server.id, name: server.name, cpuSharePercent: sharePercent, chosen, why };
}

function shareInWords({ sharePercent, server }: VictimCandidate): string {
  return sharePercent === null
    ? `its load is unknown and reckoned as all of its ${server.vcpus} vCPUs`
    : `the largest share that fits: ${sharePercent.toFixed(1)} % of the host's CPU`;
}

function described(
  ranked: { hostId: HostId; score: number; reasons: readonly string[] },
  serverId: ServerId,
  view: FleetView,
): RankedHost {
  const host = view.hosts.find(({ id }) => id === ranked.hostId);
  const pair = view.pairRisks.find(
    (each) => each.hostId === ranked.hostId && each.serverId === serverId,
  );
  const risk = pair?.risk ?? host?.risk ?? 'unknown';
  const cpuPercent = host?.cpuPercent ?? 'unknown';
  return {
    hostId: ranked.hostId,
    score: ranked.score,
    cpuPercent: cpuPercent === 'unknown' ? null : cpuPercent,
    risk: risk === 'unknown' ? null : risk,
    reasons: ranked.reasons,
  };
}
