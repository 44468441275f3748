import type { Log, ProblemError, Write } from '@sidestep/service-kit';
import type { ConvergenceRule } from '../../domain/copy-watch.ts';
import type { MoveRules } from '../../domain/movability.ts';
import type { Operation, StepName } from '../../domain/operation.ts';
import type { FailureRule, Remedy } from '../../domain/recovery.ts';
import type { Slots } from '../../domain/traffic.ts';
import type { Chains } from '../../ports/chains.ts';
import type { Compute } from '../../ports/compute.ts';
import type { Forecasts } from '../../ports/forecasts.ts';
import type { Hosts } from '../../ports/hosts.ts';
import type { Meters } from '../../ports/meters.ts';
import type { Places } from '../../ports/places.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { Ledger } from '../ledger.ts';

/** How long things may take, milliseconds. */
export type OperateLimits = FailureRule &
  ConvergenceRule & {
    /** A lease runs out so long after its holder's last sign of life. */
    leaseMs: number;
    slots: Slots;
    /** Between two looks at something that goes on. */
    pollMs: number;
    /** Limit of the live-migration call; a later worker waits it out before it believes that none was made. */
    callTimeoutMs: number;
    /** Most calls for one operation, counting those that got lost. */
    maxCalls: number;
    /** From the call to the record's end; then Nova is asked to abort. */
    migrationTimeoutMs: number;
    /** How long Nova's conductor may take to begin with what it was asked for. */
    conductorTimeoutMs: number;
    /** A move that comes no nearer to its end for so long has its source's compute looked at. */
    stallMs: number;
    /** How long an aborted migration may take to end. */
    abortTimeoutMs: number;
    /** How long the server may take to read ACTIVE with its ports bound, once the record ended. */
    verifyTimeoutMs: number;
    /** How long outside systems may be away before a step gives up. */
    patienceMs: number;
    /** How long a chain may take to pass its probe, once it was re-pathed. */
    probeTimeoutMs: number;
    /** How long the chains and hosts are watched before and after. */
    settleMs: number;
    /** A host rests so long after an operation from it. */
    hostRestMs: number;
  };

/** Places of an operation where a test may stop the worker dead. */
export const workerPoints = [
  'reserve:before',
  'reserve:after',
  'precheck:before',
  'precheck:after',
  'drain:before',
  'drain:after',
  'migrate:before',
  /** The intent is saved, Nova not asked yet. */
  'migrate:intent',
  /** Nova was asked, its answer not saved yet. */
  'migrate:called',
  'migrate:after',
  'verify:before',
  'verify:after',
  'repath:before',
  'repath:after',
  'probe:before',
  'probe:after',
  'undrain:before',
  'undrain:after',
  'settle:before',
  'settle:after',
] as const satisfies readonly (`${StepName}:before` | `${StepName}:after` | `migrate:${string}`)[];
/** The same where the server is taken out of its hops: the drain is noted, and NFVO not asked yet; and its answer is not noted yet. */
export const drainPoints = ['drain:asked', 'drain:called'] as const;
/** The same on the way back. */
export const backPoints = [
  'go-back:before',
  'go-back:intent',
  'go-back:called',
  'go-back:after',
] as const;
export type WorkerPoint =
  | (typeof workerPoints)[number]
  | (typeof drainPoints)[number]
  | (typeof backPoints)[number];
export type OnPoint = (point: WorkerPoint, operationId: string) => Promise<void> | void;

export type StepContext = {
  now(): number;
  ledger: Ledger;
  compute: Compute;
  hosts: Hosts;
  chains: Chains;
  telemetry: Telemetry;
  places: Places;
  forecasts: Pick<Forecasts, 'moveCost'>;
  meters: Meters;
  log: Log;
  limits: OperateLimits;
  rules: MoveRules;
  /** Metrics whose alarms, raised on a host, ask for a move from it. */
  triggerMetrics: ReadonlySet<string>;
  onPoint: OnPoint;
  /** Writes a change under the lease and answers what is stored then; throws FenceLost when the lease is gone. */
  save(change: (operation: Operation) => Operation): Promise<Operation>;
  /** Writes other documents under the lease. */
  commit(writes: readonly Write[]): Promise<void>;
};

/** What a step came to. Its change is written together with what follows from it. */
export type StepResult =
  | { kind: 'done' | 'skipped'; detail: string; change?: Change }
  | { kind: 'wait'; forMs: number; change?: Change }
  | {
      kind: 'failed';
      problem: ProblemError;
      remedy: Remedy;
      change?: Change;
    };
export type Change = (operation: Operation) => Operation;

/** One step: looks before it acts, so that running it twice is harmless. */
export type Step = (operation: Operation, context: StepContext) => Promise<StepResult>;
