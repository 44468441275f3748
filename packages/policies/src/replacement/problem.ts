import type { Chain, HostId, Known, Server, ServerId } from '@sidestep/fleet';

/** A host as global re-placement sees it. */
export type ReplacementHost = {
  id: HostId;
  /** What Placement could still give; whole flavors are taken from it. */
  free: { vcpus: number; ramMiB: number; diskGiB: number };
  /** Physical cores. */
  cores: number;
  /** Why no server may arrive; null where one may. */
  closed: string | null;
  /** Risk of saturating, 0–1, at each step of the problem's grid of added CPU; unknown where nobody can tell. */
  risks: Known<readonly number[]>;
};

/** A server that stands on a host, and why it has to stay there; null where it may leave. */
export type ReplacementServer = Pick<
  Server,
  'id' | 'name' | 'vcpus' | 'ramMiB' | 'diskGiB' | 'cpuPercent'
> & {
  hostId: HostId;
  fixed: string | null;
  /** Hosts that it may not go to whatever room they have, e.g. those of another zone; servers alike share one set. */
  avoids?: ReadonlySet<HostId>;
};

/** Servers that must not share a host: members of one hop, or of an anti-affinity group. */
export type ApartGroup = { why: string; memberIds: readonly ServerId[] };

/** Delay between two different hosts, milliseconds one way. */
export type DelayBetween = (from: HostId, to: HostId) => Known<number>;

/** A fleet at one moment, as numbers to be improved. */
export type ReplacementProblem = {
  hosts: readonly ReplacementHost[];
  servers: readonly ReplacementServer[];
  /** The chains whose delay counts. */
  chains: readonly Chain[];
  apart: readonly ApartGroup[];
  /** Added CPU, percent of a host's, ascending; negative where load is taken away. Holds 0. */
  riskGridPercent: readonly number[];
  delayBetween: DelayBetween;
};

/** What counts for how much: the objective is their sum, the less the better. */
export type ReplacementWeights = {
  /** Of a millisecond of a chain's end-to-end delay. */
  delayMs: number;
  /** Of one host that is certain to saturate. */
  risk: number;
  /** Of a move: what a move has to bring to be worth making. */
  move: number;
};

export type ReplacementOptions = {
  weights: ReplacementWeights;
  /** Most moves, detours included. */
  moveBudget: number;
  /** No server arrives where the risk would exceed this. */
  maxRisk: number;
  /** What a leg counts between hosts whose delay nobody knows, milliseconds. */
  assumedDelayMs: number;
  seed: number;
  /** Most rounds of ruin and repair: with the seed they determine the answer. */
  maxIterations: number;
};

/** The objective and its parts. */
export type ReplacementScore = {
  objective: number;
  /** End-to-end delay summed over the chains, milliseconds. */
  totalDelayMs: number;
  /** Risks summed over the hosts of known risk: how many are expected to saturate. */
  totalRisk: number;
  moves: number;
};

/** One move, in the order in which it is possible. */
export type ReplacementMove = {
  serverId: ServerId;
  serverName: string;
  from: HostId;
  to: HostId;
  /** The objective once it is made, those before it made too. */
  objectiveAfter: number;
  /** Of the destination with everything up to this move made, 0–1; null where it is unknown. */
  destinationRisk: number | null;
  /** True where the server only makes way and moves again later. */
  detour: boolean;
};

/** A chain's delay; `assumedLegs` are legs between hosts whose delay is not known. */
export type ChainDelay = {
  chainId: string;
  name: string;
  beforeMs: number;
  afterMs: number;
  assumedLegs: number;
};

export type UnimprovedReason =
  | 'nothing-nearer'
  | 'cannot-move'
  | 'no-room'
  | 'kept-apart'
  | 'host-closed'
  | 'elsewhere'
  | 'risk-too-high'
  | 'move-budget'
  | 'no-order'
  | 'not-worth-it';

/** A chain or host that could be better but is not, and what stands against it. */
export type Unimproved = {
  kind: 'chain' | 'host';
  id: string;
  reason: UnimprovedReason;
  detail: string;
};

export type ReplacementProposal = {
  before: ReplacementScore;
  after: ReplacementScore;
  moves: readonly ReplacementMove[];
  chains: readonly ChainDelay[];
  unimproved: readonly Unimproved[];
  /** Rounds that were made; fewer than asked where the time ran out. */
  iterations: number;
};
