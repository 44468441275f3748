import type { HostId, ServerId } from '@sidestep/fleet';
import type { MoveCost, MoveScore } from '@sidestep/policies';
import type { MeasuredEffect, PredictedEffect } from './effects.ts';
import type { Verdict } from './guardrails/consult.ts';
import type { Approvers, Mode, ModeSource } from './modes.ts';
import type { ObstacleName } from './movability.ts';

export type { Mode } from './modes.ts';
export type DecisionState = 'proposed' | 'approved' | 'vetoed' | 'expired' | 'executed' | 'stay';

/** What may follow what. A stay is final too: a later look that finds more to do is a decision of its own. */
export const decisionFollowers = {
  proposed: ['approved', 'vetoed', 'expired'],
  approved: ['executed', 'expired'],
  stay: [],
  vetoed: [],
  expired: [],
  executed: [],
} as const satisfies Record<DecisionState, readonly DecisionState[]>;

/** Why nothing moves: a policy's reason, or one of ours. */
export type DecisionStayReason =
  | 'policy-never-moves'
  | 'no-candidate'
  | 'no-destination'
  | 'would-not-help'
  | 'no-victim'
  | 'inventory-stale'
  | 'placement-unknown'
  | 'source-suspect'
  | 'source-unknown'
  | 'source-unsigned'
  | 'held-back'
  | 'control-group';

export type Victim = {
  serverId: ServerId;
  name: string;
  /** Percent of the host's CPU; null when unknown. */
  cpuSharePercent: number | null;
  chosen: boolean;
  /** Of its best pair, the less the better; absent where nothing was weighed. */
  score?: number;
  /** What is against moving it at all; absent where nothing is. */
  obstacle?: ObstacleName;
  why: string;
};

export type RankedHost = {
  hostId: HostId;
  score: number;
  cpuPercent: number | null;
  risk: number | null;
  reasons: readonly string[];
  /** What the pair's score is made of; absent where the policy alone decides. */
  terms?: MoveScore;
  /** What the move was expected to take; null where nobody could tell. */
  cost?: MoveCost | null;
  /** Delays of the chains that the server is in, before and after. */
  chains?: readonly ChainChange[];
};

/** One-way delay of a chain, first hop to last, milliseconds; null where it is unknown. */
export type ChainChange = {
  chainId: string;
  beforeMs: number | null;
  afterMs: number | null;
  promisedMs: number | null;
  criticality: number;
};

/** A move that should follow: foreseen, not decided. */
export type FurtherMove = { serverId: ServerId; name: string; hostId: HostId };

export type RejectedHost = { hostId: HostId; why: string; detail: string };

export type Trigger = {
  kind: 'alarm' | 'manual' | 'host-drain' | 'host-down' | 'optimization';
  alarmIds: readonly string[];
  ruleIds: readonly string[];
  requestedBy: string | null;
  /** When the oldest of the alarms was raised; null without one. */
  raisedAtMs: number | null;
  /** The optimization that it is a move of. */
  optimizationId?: string;
};

/** What a decision was made from. */
export type DataWindow = {
  observedAtMs: number;
  inventoryAgeMs: number | null;
  oldestSampleAgeMs: number | null;
};

/** What was decided for a host, and everything that it was decided by. */
export type Decision = {
  id: string;
  state: DecisionState;
  createdAtMs: number;
  updatedAtMs: number;
  trigger: Trigger;
  hostId: HostId;
  mode: Mode;
  modeFrom: ModeSource;
  /** Who may approve it, besides the owners. */
  approvers: Approvers;
  /** Whose VNF it would move. */
  owners: readonly string[];
  /** Of the hosts that it touches. */
  aggregates: readonly string[];
  /** Left without action on purpose, to see what comes of it. */
  controlGroup: boolean;
  policy: string;
  seed: number;
  serverId: ServerId | null;
  serverName: string | null;
  destinationHostId: HostId | null;
  stayReason: DecisionStayReason | null;
  victims: readonly Victim[];
  candidates: readonly RankedHost[];
  rejected: readonly RejectedHost[];
  /** How many more candidates and rejected there were than the record keeps. */
  omitted: { candidates: number; rejected: number };
  /** Moves that should follow, as this one alone does not calm the host; it is looked again after each. */
  furtherMoves: readonly FurtherMove[];
  /** The decision before it of the same alarm's time; null or absent where it is the first. */
  follows?: string | null;
  chainIds: readonly string[];
  /** The links that the planned move crosses; absent where they were not looked at. */
  crosses?: readonly string[];
  data: DataWindow;
  modelVersion: string | null;
  fallback: string | null;
  /** Tells one code of the policy from another. */
  policyVersion: string;
  /** The policy's parameters that it was made with. */
  params: Readonly<Record<string, number>>;
  /** What the planned move was expected to do; null where none is planned. */
  predicted: PredictedEffect | null;
  /** What the move did; null until its operation has ended. */
  measured: MeasuredEffect | null;
  /** How often the same was decided again. */
  looks: number;
  /** What each guardrail said to the move that was planned; empty where none was. */
  guardrails: readonly Verdict[];
  /** The move that was planned, but held back or left alone; null where there is none. */
  heldBack: { serverId: ServerId; destinationHostId: HostId } | null;
  operationId: string | null;
  history: readonly {
    state: DecisionState;
    atMs: number;
    by: string | null;
    reason: string | null;
  }[];
};

export class ForbiddenOutcome extends Error {
  override readonly name = 'ForbiddenOutcome';
}

export function isOpen(state: DecisionState): boolean {
  return decisionFollowers[state].length > 0;
}

/** The only writer of a decision's state: checks the table and appends to the history. */
export function settleDecision(
  decision: Decision,
  to: DecisionState,
  entry: { atMs: number; by: string | null; reason: string | null },
): Decision {
  const allowed: readonly DecisionState[] = decisionFollowers[decision.state];
  if (!allowed.includes(to)) {
    throw new ForbiddenOutcome(`${decision.id}: ${to} cannot follow ${decision.state}`);
  }
  return {
    ...decision,
    state: to,
    updatedAtMs: entry.atMs,
    history: [...decision.history, { state: to, ...entry }],
  };
}
