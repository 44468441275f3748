import type { HostId } from '@sidestep/fleet';
import type {
  ChainDelay,
  ReplacementMove,
  ReplacementOptions,
  ReplacementScore,
  Unimproved,
} from '@sidestep/policies';
import type { PredictedEffect } from './effects.ts';
import type { OperationState, StoredProblem } from './operation.ts';

export type OptimizationState =
  | 'computing'
  | 'proposed'
  | 'nothing'
  | 'failed'
  | 'approved'
  | 'vetoed'
  | 'expired'
  | 'completed'
  | 'partly';

/** What may follow what. `nothing`: no move would make it better. */
export const optimizationFollowers = {
  computing: ['proposed', 'nothing', 'failed', 'vetoed'],
  proposed: ['approved', 'vetoed', 'expired'],
  approved: ['completed', 'partly'],
  nothing: [],
  failed: [],
  vetoed: [],
  expired: [],
  completed: [],
  partly: [],
} as const satisfies Record<OptimizationState, readonly OptimizationState[]>;

export type OptimizationRequest = Omit<ReplacementOptions, 'seed'> & {
  /** Null: all of them. */
  chainIds: readonly string[] | null;
  /** Bound of the search; the proposal is the best found until then. */
  timeLimitMs: number;
  seed: number;
};

/** `waiting` for its turn or for a guardrail; `skipped`: what it builds on did not happen. */
export type PlannedMoveState = 'proposed' | 'waiting' | 'moving' | 'done' | 'failed' | 'skipped';

/** One move of a proposal, and how far it has come. */
export type PlannedMove = ReplacementMove & {
  state: PlannedMoveState;
  /** What it waits for, or why it was not made. */
  why: string | null;
  /** Chains that the server is in. */
  chainIds: readonly string[];
  /** The server's, by which it is known whose it is. */
  tags: readonly string[];
  projectId?: string | undefined;
  /** Of both hosts. */
  aggregates: readonly string[];
  /** The links that it crosses, and what it was expected to do; absent in proposals of before they were kept. */
  crosses?: readonly string[];
  predicted?: PredictedEffect | null;
  decisionId: string | null;
  operationId: string | null;
};

/** What a search was told, as the parameters of its decisions. */
export function parametersOf({
  weights,
  moveBudget,
  maxRisk,
  assumedDelayMs,
  maxIterations,
}: OptimizationRequest): Readonly<Record<string, number>> {
  const { delayMs, risk, move } = weights;
  const weighed = { delayWeight: delayMs, riskWeight: risk, moveWeight: move };
  return { ...weighed, moveBudget, maxRisk, assumedDelayMs, maxIterations };
}

/** What a search came to, and from what. */
export type OptimizationResult = {
  observedAtMs: number;
  inventoryAgeMs: number | null;
  oldestSampleAgeMs: number | null;
  modelVersion: string | null;
  fallback: string | null;
  searched: { hosts: number; servers: number; chains: number };
  iterations: number;
  durationMs: number;
  outOfTime: boolean;
  before: ReplacementScore;
  after: ReplacementScore;
  /** Those whose delay changes, and the slowest of the others. */
  chains: readonly ChainDelay[];
  unimproved: readonly Unimproved[];
};

/** A search for better places of all VNFs, and what was done about it. */
export type Optimization = {
  id: string;
  state: OptimizationState;
  createdAtMs: number;
  updatedAtMs: number;
  requestedBy: string;
  approvedBy: string | null;
  approvedAtMs: number | null;
  request: OptimizationRequest;
  result: OptimizationResult | null;
  moves: readonly PlannedMove[];
  problem: Pick<StoredProblem, 'code' | 'detail'> | null;
  history: readonly {
    state: OptimizationState;
    atMs: number;
    by: string | null;
    reason: string | null;
  }[];
};

export class ForbiddenOptimizationState extends Error {
  override readonly name = 'ForbiddenOptimizationState';
}

export function newOptimization(
  given: Pick<Optimization, 'id' | 'requestedBy' | 'request'>,
  atMs: number,
): Optimization {
  return {
    ...given,
    state: 'computing',
    createdAtMs: atMs,
    updatedAtMs: atMs,
    approvedBy: null,
    approvedAtMs: null,
    result: null,
    moves: [],
    problem: null,
    history: [{ state: 'computing', atMs, by: given.requestedBy, reason: null }],
  };
}

/** The only writer of its state: checks the table and appends to the history. */
export function settleOptimization(
  optimization: Optimization,
  to: OptimizationState,
  entry: { atMs: number; by: string | null; reason: string | null },
): Optimization {
  const allowed: readonly OptimizationState[] = optimizationFollowers[optimization.state];
  if (!allowed.includes(to)) {
    throw new ForbiddenOptimizationState(
      `${optimization.id}: ${to} cannot follow ${optimization.state}`,
    );
  }
  return {
    ...optimization,
    state: to,
    updatedAtMs: entry.atMs,
    history: [...optimization.history, { state: to, ...entry }],
  };
}

/** Is there nothing more to be done for it? */
export function isSettled(state: OptimizationState): boolean {
  return optimizationFollowers[state].length === 0;
}

export function isMade({ state }: PlannedMove): boolean {
  return state === 'done' || state === 'failed' || state === 'skipped';
}

/** How the operation of a move ended, or that it has not. */
export function afterOperation(
  move: PlannedMove,
  operation: { state: OperationState; problem: StoredProblem | null } | undefined,
): PlannedMove {
  switch (operation?.state) {
    case 'COMPLETED':
      return { ...move, state: 'done', why: null };
    case 'FAILED':
    case 'ROLLED_BACK':
      return { ...move, state: 'failed', why: operation.problem?.detail ?? 'it was rolled back' };
    case undefined:
      return { ...move, state: 'failed', why: 'its operation is gone' };
    default:
      return move;
  }
}

/** What an earlier move means to a later one. */
export type Turn =
  | { kind: 'now' }
  | { kind: 'later'; why: string }
  | { kind: 'never'; why: string };

/**
 * Whether it is a move's turn. The order was found with each earlier move made: one that shares a host or the server has
 * to be done before, and where it did not happen this one has lost its ground.
 */
export function turnOf(moves: readonly PlannedMove[], index: number): Turn {
  const own = moves[index];
  if (own === undefined) return { kind: 'never', why: 'there is no such move' };
  const hosts: ReadonlySet<HostId> = new Set([own.from, own.to]);
  for (const [at, earlier] of moves.slice(0, index).entries()) {
    const concerns =
      earlier.serverId === own.serverId || hosts.has(earlier.from) || hosts.has(earlier.to);
    if (!concerns || earlier.state === 'done') continue;
    const named = `move ${at + 1} (${earlier.serverName} to ${earlier.to})`;
    return isMade(earlier)
      ? { kind: 'never', why: `it builds on ${named}, which was not made` }
      : { kind: 'later', why: `it waits for ${named}` };
  }
  return { kind: 'now' };
}
