import type { FleetView, HostId, ServerId } from '@sidestep/fleet';

/** Why nothing moves. */
export type StayReason =
  | 'policy-never-moves'
  | 'no-candidate'
  | 'no-destination'
  | 'would-not-help';

/** A host that was looked at and left out. */
export type Rejection = { hostId: HostId; why: string; detail: string };

/** A host that a policy would take; the lower the score the better. */
export type Ranked = { hostId: HostId; score: number; reasons: readonly string[] };

/** What a policy plans for one server: where to, or why not. */
export type DestinationPlan =
  | { kind: 'migrate'; to: HostId; ranking: readonly Ranked[]; rejected: readonly Rejection[] }
  | {
      kind: 'stay';
      reason: StayReason;
      ranking: readonly Ranked[];
      rejected: readonly Rejection[];
    };

/** What a policy is asked: a server, and the hosts that the constraints leave over. */
export type DestinationQuestion = {
  serverId: ServerId;
  /** Hosts that have room, are up and enabled, and keep the server groups' rules. */
  candidates: readonly HostId[];
  /** Breaks ties. */
  seed: number;
  /** Values of the policy's parameters; each one's default where it is not given. */
  params?: Readonly<Record<string, number>>;
};

/** JSON schema of one parameter. */
export type ParamSchema = {
  type: 'number';
  description: string;
  minimum: number;
  maximum: number;
  default: number;
};

/**
 * Where should a server go? A pure function of a frozen view: the same in the service, in replay and in experiments.
 * A policy plans; it never acts.
 */
export type Policy = {
  name: string;
  goal: string;
  summary: string;
  /** Metrics without which it cannot judge a host. */
  needs: readonly string[];
  /** Whether it judges by the classifier, which is asked only where such a policy decides. */
  asksClasses?: boolean;
  params: Readonly<Record<string, ParamSchema>>;
  /** A host's score that is as bad as certain failure, so that scores can be weighed against what a move costs. */
  worstScore: number;
  plan(view: FleetView, question: DestinationQuestion): DestinationPlan;
};
