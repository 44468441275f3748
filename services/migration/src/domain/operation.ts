import type { HostId, ServerId } from '@sidestep/fleet';

/** SOL003, LcmOperationStateType. */
export type OperationState =
  | 'STARTING'
  | 'PROCESSING'
  | 'COMPLETED'
  | 'FAILED_TEMP'
  | 'FAILED'
  | 'ROLLING_BACK'
  | 'ROLLED_BACK';

/** What may follow what: the only authority. */
export const followers = {
  STARTING: ['PROCESSING', 'ROLLED_BACK'],
  PROCESSING: ['COMPLETED', 'FAILED_TEMP'],
  FAILED_TEMP: ['PROCESSING', 'ROLLING_BACK', 'FAILED'],
  ROLLING_BACK: ['ROLLED_BACK', 'FAILED_TEMP'],
  COMPLETED: [],
  ROLLED_BACK: [],
  FAILED: [],
} as const satisfies Record<OperationState, readonly OperationState[]>;

export const operationStates = Object.keys(followers) as readonly OperationState[];

export const stepNames = [
  'reserve',
  'precheck',
  'drain',
  'migrate',
  'verify',
  'repath',
  'probe',
  'undrain',
  'settle',
] as const;
export type StepName = (typeof stepNames)[number];
export type StepOutcome = 'running' | 'done' | 'skipped' | 'failed';

export type StepRecord = {
  /** `go-back`: the server, once arrived, is moved back to where it was. */
  name: StepName | 'go-back';
  startedAtMs: number;
  endedAtMs: number | null;
  outcome: StepOutcome;
  detail: string | null;
};

/** RFC 9457 object, stored as the API shows it. */
export type StoredProblem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  traceId: string;
};

/** What was saved before Nova was called: by it a later worker tells our live migration from any other. */
export type MoveIntent = {
  /** When the newest call was about to be made. */
  atMs: number;
  /** Calls that may have reached Nova, this one included. */
  calls: number;
  /** May the newest call have reached Nova, its answer being unknown? */
  outstanding: boolean;
  /** Request ids of the server's instance actions before the first call. */
  knownRequestIds: readonly string[];
  /** Ids of the server's migration records before the first call. */
  knownMigrationIds: readonly number[];
};

/** Nova's own view of the live migration. */
export type NovaMove = {
  /** When Nova was last asked. */
  requestedAtMs: number;
  requestId: string | null;
  migrationId: number | null;
  status: string | null;
  memoryTotalBytes: number | null;
  memoryProcessedBytes: number | null;
  memoryRemainingBytes: number | null;
  /** The least that was ever left to copy; null before Nova counted. */
  leastRemainingBytes: number | null;
  /** When its status last changed, or less was left to copy than ever before. */
  advancedAtMs: number;
  /** When Nova was told to complete it by force; null without. */
  forcedAtMs: number | null;
  /** When its record was first seen in its final state. */
  endedAtMs: number | null;
};

/** What Prediction foretold of a live migration before it began. */
export type ExpectedMove = {
  /** How it was foretold: pre-copy-formula, regression. */
  method: string;
  expectedMs: number;
  /** 90 % interval; null where the method gives none. */
  lowMs: number | null;
  highMs: number | null;
  downtimeMs: number;
  converges: boolean;
};

export type RepathRecord = {
  state: 'running' | 'completed' | 'failed' | 'not-needed' | 'not-available';
  hops: number;
  gapMs: number | null;
};

/** A server taken out of its stateless hops before a move, and put back after it. */
export type DrainRecord = {
  /** The NFVO's drain; null before it is asked for. */
  id: string | null;
  /**
   * `none`: no hop may lose the server. `planned`: it is to be asked for. `asked`: it may have begun. `out`: done.
   * `back`: the server is in its hops again. `stuck`: it could not be put back.
   */
  state: 'none' | 'planned' | 'asked' | 'out' | 'back' | 'stuck';
  /** Hops that it was taken out of. */
  hops: number;
  detail: string | null;
};

/** Percent of a host's CPU, before the call and while it settled; null where no sample was there. */
export type LoadEffect = { cpuPercentBefore: number | null; cpuPercentAfter: number | null };

/** What a move did to its hosts, measured for the settle time. */
export type MoveEffects = {
  measuredFromMs: number;
  measuredToMs: number;
  source: LoadEffect;
  destination: LoadEffect;
  /** Percentage points of CPU that the source fell by; null where unknown. */
  sourceReliefPercent: number | null;
  /** Percentage points of CPU that the destination rose by; null where unknown. */
  destinationRisePercent: number | null;
  /** Samples of the server from its new place; `unknown` where Monitoring does not answer. */
  serverMetrics: 'flowing' | 'silent' | 'unknown';
};

/** Null where no sample was there. */
export type ChainQuality = { requestsPerSecond: number | null; responseTimeMs: number | null };
export type ChainEffect = {
  chainId: string;
  before: ChainQuality | null;
  during: ChainQuality | null;
  after: ChainQuality | null;
};

/** A live migration that somebody wanted stopped. */
export type Abort = { atMs: number; by: string; reason: string; askedNova: boolean };

/** Who wants the server back where it was although it has arrived, and how far that has come. */
export type WayBack = {
  atMs: number;
  by: string;
  reason: string;
  stage: 'migrate' | 'verify' | 'repath';
  intent: MoveIntent | null;
  nova: NovaMove | null;
  abort: Abort | null;
  /** How often the re-path on the source was tried again. */
  retries: number;
};

/** What an operator may answer while an operation is in FAILED_TEMP (SOL003: retry, rollback, fail). */
export const answerKinds = ['retry', 'rollback', 'fail'] as const;
export type AnswerKind = (typeof answerKinds)[number];
export type Answer = { kind: AnswerKind; atMs: number; by: string };

/** What comes after FAILED_TEMP. */
export type Recovery =
  | { kind: 'retry'; step: StepName; notBeforeMs: number }
  /** `moveBack`: the server is brought back even from where it has arrived. */
  | { kind: 'roll-back'; moveBack: { by: string; reason: string } | null }
  | { kind: 'fail' }
  /** An operator is asked; where nobody answers in time, this follows. */
  | { kind: 'wait'; untilMs: number; otherwise: 'roll-back' | 'fail' };

/** How a server leaves: alive, or made anew elsewhere because its host is dead. */
export type OperationKind = 'live-migration' | 'evacuate';

/** What empties the source, and so shares it among several operations. */
export type HostWork = { kind: 'host-drain' | 'host-incident'; id: string };

/** One move of one server: the truth about it, whatever happens to queues and workers. */
export type Operation = {
  id: string;
  kind: OperationKind;
  /** Null for a move that has its source for itself. */
  work: HostWork | null;
  decisionId: string;
  serverId: ServerId;
  serverName: string;
  from: HostId;
  to: HostId;
  state: OperationState;
  step: StepName;
  /** How often a worker was woken for it. */
  attempt: number;
  wokenAtMs: number;
  createdAtMs: number;
  updatedAtMs: number;
  endedAtMs: number | null;
  /** When the oldest alarm behind it was raised; null without one. */
  raisedAtMs: number | null;
  /** The links that it crosses; absent where they were not looked at. */
  crosses?: readonly string[];
  steps: readonly StepRecord[];
  /** Frozen before the call; null where Prediction did not tell. */
  expected: ExpectedMove | null;
  intent: MoveIntent | null;
  nova: NovaMove | null;
  drain: DrainRecord | null;
  repath: RepathRecord | null;
  /** How often a re-path that was done has been done anew, as a chain did not pass its probe. */
  repathRounds: number;
  effects: MoveEffects | null;
  chains: readonly ChainEffect[];
  /** What came of live migrations of this operation that ended before it was begun again. */
  earlierMoves: readonly NovaMove[];
  back: WayBack | null;
  abort: Abort | null;
  recovery: Recovery | null;
  /** What operators answered to its failures, oldest first. */
  answers: readonly Answer[];
  /** How often a step was begun again after it failed. */
  retries: number;
  problem: StoredProblem | null;
};

export type NewOperation = Pick<
  Operation,
  'id' | 'kind' | 'work' | 'decisionId' | 'serverId' | 'serverName' | 'from' | 'to' | 'raisedAtMs'
> & { chainIds: readonly string[]; crosses?: readonly string[] };

export function newOperation({ chainIds, ...given }: NewOperation, atMs: number): Operation {
  return {
    ...given,
    state: 'STARTING',
    step: 'reserve',
    attempt: 1,
    wokenAtMs: atMs,
    createdAtMs: atMs,
    updatedAtMs: atMs,
    endedAtMs: null,
    steps: [],
    expected: null,
    intent: null,
    nova: null,
    drain: null,
    repath: null,
    repathRounds: 0,
    effects: null,
    chains: chainIds.map((chainId) => ({ chainId, before: null, during: null, after: null })),
    earlierMoves: [],
    back: null,
    abort: null,
    recovery: null,
    answers: [],
    retries: 0,
    problem: null,
  };
}

export class ForbiddenTransition extends Error {
  override readonly name = 'ForbiddenTransition';
}

export function isTerminal(state: OperationState): boolean {
  return followers[state].length === 0;
}

/** The only writer of state: checks the table and stamps the time. */
export function advance(operation: Operation, to: OperationState, atMs: number): Operation {
  const allowed: readonly OperationState[] = followers[operation.state];
  if (!allowed.includes(to)) {
    throw new ForbiddenTransition(`${operation.id}: ${to} cannot follow ${operation.state}`);
  }
  return {
    ...operation,
    state: to,
    updatedAtMs: atMs,
    endedAtMs: isTerminal(to) ? atMs : null,
    recovery: to === 'FAILED_TEMP' ? operation.recovery : null,
  };
}

/** Opens the record of a step, the current one if none is named, unless it is open already. */
export function beginStep(
  operation: Operation,
  atMs: number,
  name: StepRecord['name'] = operation.step,
): Operation {
  const last = operation.steps.at(-1);
  if (last?.name === name && last.endedAtMs === null) return operation;
  const record: StepRecord = {
    name,
    startedAtMs: atMs,
    endedAtMs: null,
    outcome: 'running',
    detail: null,
  };
  return { ...operation, steps: [...operation.steps, record], updatedAtMs: atMs };
}

/** Closes the current step's record. */
export function endStep(
  operation: Operation,
  outcome: Exclude<StepOutcome, 'running'>,
  detail: string | null,
  atMs: number,
): Operation {
  return {
    ...operation,
    steps: operation.steps.map((step, i) =>
      i === operation.steps.length - 1 && step.endedAtMs === null
        ? { ...step, endedAtMs: atMs, outcome, detail }
        : step,
    ),
    updatedAtMs: atMs,
  };
}

/** When the current step was begun, milliseconds since the epoch. */
export function stepStartedAtMs(operation: Operation): number {
  return operation.steps.at(-1)?.startedAtMs ?? operation.createdAtMs;
}

/**
 * May it still be stopped? Before the call it is simply not begun; while Nova copies, Nova is asked. An evacuation that
 * Nova was asked for cannot be.
 */
export function canAbort({ kind, intent, state, step }: Operation): boolean {
  if (state !== 'STARTING' && state !== 'PROCESSING') return false;
  if (!beforeArrival(step)) return false;
  return kind === 'live-migration' || intent === null;
}

/** Is the server still where it was in this step, as far as Nova has not moved it? */
export function beforeArrival(step: StepName): boolean {
  return stepNames.indexOf(step) <= stepNames.indexOf('migrate');
}

/** May the server be out of its hops? */
export function isOut(drain: DrainRecord | null): boolean {
  return drain !== null && (drain.state === 'asked' || drain.state === 'out');
}

/** Is nothing to be done until an operator answers, or the time for that is up? */
export function isParked({ state, recovery }: Operation, atMs: number): boolean {
  return state === 'FAILED_TEMP' && recovery?.kind === 'wait' && atMs < recovery.untilMs;
}
