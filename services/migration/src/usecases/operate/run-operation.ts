import {
  type Fence,
  FenceLost,
  ProblemError,
  toProblem,
  update,
  VersionConflict,
} from '@sidestep/service-kit';
import {
  advance,
  beginStep,
  endStep,
  isTerminal,
  type Operation,
  type StepName,
  stepNames,
} from '../../domain/operation.ts';
import type { Pace } from '../../ports/pace.ts';
import { operationWrite } from '../ledger.ts';
import { drain, undrain } from './drain.ts';
import { endOperation } from './end-operation.ts';
import { computeOf } from './fenced-compute.ts';
import { mending, type Turn } from './mend.ts';
import { migrate } from './migrate.ts';
import { precheck } from './precheck.ts';
import { precheckEvacuation } from './precheck-evacuation.ts';
import { probe } from './probe.ts';
import { repath } from './repath.ts';
import { reserve } from './reserve.ts';
import { settle } from './settle.ts';
import type { Change, Step, StepContext, StepResult } from './step.ts';
import { verify } from './verify.ts';

export type RunOptions = Omit<StepContext, 'save' | 'commit'> & {
  /** Who holds the leases; a name of this worker alone. */
  worker: string;
  pace: Pace;
};

const steps: Record<StepName, Step> = {
  reserve,
  precheck,
  drain,
  migrate,
  verify,
  repath,
  probe,
  undrain,
  settle,
};
/** What an evacuation does otherwise. */
const evacuationSteps: Record<StepName, Step> = { ...steps, precheck: precheckEvacuation };
const stepsOf = ({ kind }: Operation) => (kind === 'evacuate' ? evacuationSteps : steps);

/**
 * Works an operation until it has ended, the worker is to stop, or another worker has it. Answers whether it had the
 * lease. Whatever it was doing when it was cut off, the next worker goes on from the record.
 */
export async function runOperation(operationId: string, options: RunOptions): Promise<boolean> {
  const { ledger, limits, worker, pace, log } = options;
  const fence = await ledger.records.acquireLease(lease(operationId), worker, limits.leaseMs);
  if (fence === undefined) return false;
  const heart = pace.keepLease(fence);
  const run = operationRun(operationId, fence, options);
  try {
    while (!pace.stopping()) {
      const turn = await run.turn();
      if (turn === 'ended' || turn === 'parked') break;
      if (turn.waitMs > 0) await pace.pause(turn.waitMs);
    }
  } catch (error) {
    if (!(error instanceof FenceLost)) throw error;
    log.warn({ operationId }, 'Another worker has taken the operation over');
  } finally {
    heart.stop();
    await ledger.records.releaseLease(fence);
  }
  return true;
}

export function lease(operationId: string): string {
  return `operation:${operationId}`;
}

function operationRun(operationId: string, fence: Fence, options: RunOptions) {
  const { ledger, limits, now, meters, log, onPoint } = options;
  /** Since when outside systems have been failing this worker. */
  let awaySinceMs: number | null = null;
  let awayTries = 0;

  const save = async (change: Change): Promise<Operation> => {
    const saved = await update<Operation>(
      ledger.records,
      'operation',
      operationId,
      (stored) => {
        if (stored === undefined) throw new Error(`operation ${operationId} is gone`);
        const value = { ...change(stored), updatedAtMs: now() };
        return { value, keys: operationWrite(value, 'absent').keys ?? {} };
      },
      { fence },
    );
    if (saved === undefined) throw new Error(`operation ${operationId} is gone`);
    return saved;
  };
  const context: StepContext = {
    ...options,
    save,
    commit: (writes) => ledger.records.commit(writes, { fence }),
  };
  const contextOf = (operation: Operation): StepContext => ({
    ...context,
    compute: computeOf(operation, context),
  });
  const enter = async (operation: Operation, to: Operation['state'], change: Change = same) => {
    const saved = await save((newest) => advance(change(newest), to, now()));
    meters.operationEntered(to);
    log.info({ operationId, step: operation.step, state: to }, 'The operation goes on');
    return saved;
  };
  const end = (to: 'COMPLETED' | 'FAILED' | 'ROLLED_BACK', change: Change = same) =>
    endOperation(operationId, to, change, fence, context);
  const problemOf = (error: unknown) =>
    toProblem(error, { instance: `/operations/${operationId}`, traceId: operationId });

  const saveIfChanged = async (change: Change) => {
    const stored = await ledger.operation(operationId);
    if (stored === undefined) return;
    if (JSON.stringify(change(stored.value)) !== JSON.stringify(stored.value)) await save(change);
  };
  const mend = mending({ context, enter, end, saveIfChanged, problemOf });

  const onward = async (
    operation: Operation,
    result: StepResult & { kind: 'done' | 'skipped' },
  ) => {
    const following = stepNames[stepNames.indexOf(operation.step) + 1];
    const closed: Change = (newest) => ({
      ...endStep((result.change ?? same)(newest), result.kind, result.detail, now()),
      problem: null,
    });
    if (following === undefined) {
      await end('COMPLETED', closed);
      return 'ended';
    }
    // The next step is opened in the same write: each one costs the way from alarm to call some milliseconds.
    const moved: Change = (newest) => beginStep({ ...closed(newest), step: following }, now());
    if (operation.state === 'STARTING' && following === 'drain') {
      await enter(operation, 'PROCESSING', moved);
    } else {
      await save(moved);
    }
    await onPoint(`${following}:before`, operationId);
    return { waitMs: 0 } as const;
  };

  const step = async (stored: Operation): Promise<Turn> => {
    const operation = await opened(stored);
    if (operation.abort !== null && operation.state === 'STARTING') {
      const detail = `Stopped before it began by ${operation.abort.by}: ${operation.abort.reason}`;
      return mend.fail(operation, new ProblemError('OPERATION_ABORTED', detail), 'abandon');
    }
    const result = await stepsOf(operation)[operation.step](operation, contextOf(operation));
    awaySinceMs = null;
    awayTries = 0;
    if (result.kind === 'wait') {
      const { change } = result;
      if (change !== undefined) await saveIfChanged(change);
      return { waitMs: result.forMs };
    }
    await onPoint(`${operation.step}:after`, operationId);
    if (result.kind === 'failed')
      return mend.fail(operation, result.problem, result.remedy, result.change);
    return onward(operation, result);
  };
  const opened = async (stored: Operation): Promise<Operation> => {
    const last = stored.steps.at(-1);
    if (last?.name === stored.step && last.endedAtMs === null) return stored;
    const begun = await save((newest) => beginStep(newest, now()));
    await onPoint(`${begun.step}:before`, operationId);
    return begun;
  };
  /** An outside system failed: wait for it within patience, then give the step up. */
  const bide = async (operation: Operation, error: ProblemError): Promise<Turn> => {
    awaySinceMs ??= now();
    awayTries += 1;
    const underWay =
      operation.back === null
        ? operation.step === 'migrate' && operation.intent !== null
        : operation.back.stage === 'migrate' && operation.back.intent !== null;
    const patienceMs = underWay ? limits.migrationTimeoutMs : limits.patienceMs;
    if (now() - awaySinceMs < patienceMs) {
      log.warn({ operationId, step: operation.step, error: error.message }, 'Waiting for it');
      return { waitMs: Math.min(limits.retryMs * 2 ** (awayTries - 1), 10 * limits.pollMs) };
    }
    awaySinceMs = null;
    return mend.giveUp(operation, error);
  };

  return {
    turn: async (): Promise<Turn> => {
      const stored = await ledger.operation(operationId);
      if (stored === undefined || isTerminal(stored.value.state)) return 'ended';
      const operation = stored.value;
      try {
        if (operation.state === 'FAILED_TEMP') return await mend.recover(operation);
        if (operation.state === 'ROLLING_BACK') {
          const turn = await mend.goBack(operation);
          awaySinceMs = null;
          return turn;
        }
        return await step(operation);
      } catch (error) {
        if (error instanceof FenceLost) throw error;
        // Somebody wrote in between (an abort): look again.
        if (error instanceof VersionConflict) return { waitMs: 0 };
        if (error instanceof ProblemError && error.retryable) return await bide(operation, error);
        if (!(error instanceof ProblemError)) log.error({ operationId, error }, 'A step broke');
        return await mend.giveUp(
          operation,
          error instanceof Error ? error : new Error(String(error)),
        );
      }
    },
  };
}

const same: Change = (operation) => operation;
