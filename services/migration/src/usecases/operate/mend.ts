import { type ProblemError, VersionConflict } from '@sidestep/service-kit';
import { onTheWayBack } from '../../domain/answer.ts';
import {
  beforeArrival,
  beginStep,
  endStep,
  isOut,
  type Operation,
  type OperationState,
  type Recovery,
} from '../../domain/operation.ts';
import { afterWaiting, begunAgain, type Remedy, recoveryFor } from '../../domain/recovery.ts';
import { rollBack } from './roll-back.ts';
import type { Change, StepContext } from './step.ts';

/** How long the next turn has to wait; 'ended' when there is none; 'parked' until an operator answers or time is up. */
export type Turn = { waitMs: number } | 'ended' | 'parked';

type Run = {
  context: StepContext;
  enter(operation: Operation, to: OperationState, change?: Change): Promise<Operation>;
  end(to: 'COMPLETED' | 'FAILED' | 'ROLLED_BACK', change?: Change): Promise<unknown>;
  /** Saves a change that changes something. */
  saveIfChanged(change: Change): Promise<void>;
  problemOf(error: unknown): NonNullable<Operation['problem']>;
};

/** What a worker does about an operation's failures. */
export type Mending = {
  /** Writes a failure down and says what is to follow it. */
  fail(
    operation: Operation,
    problem: ProblemError | Error,
    remedy: Remedy,
    change?: Change,
  ): Promise<Turn>;
  /** One turn in FAILED_TEMP. */
  recover(operation: Operation): Promise<Turn>;
  /** One turn in ROLLING_BACK. */
  goBack(operation: Operation): Promise<Turn>;
  /** Outside systems stayed away for longer than our patience. */
  giveUp(operation: Operation, error: ProblemError | Error): Promise<Turn>;
};

export function mending({ context, enter, end, saveIfChanged, problemOf }: Run): Mending {
  const { limits, now, save } = context;

  const fail: Mending['fail'] = async (operation, problem, remedy, change = same) => {
    const broken: Change = (newest) => ({
      ...endStep(change(newest), 'failed', problem.message, now()),
      problem: problemOf(problem),
    });
    if (operation.state === 'STARTING') {
      await end('ROLLED_BACK', broken);
      return 'ended';
    }
    await enter(operation, 'FAILED_TEMP', (newest) => {
      const failed = broken(newest);
      const recovery = recoveryFor(failed, remedy, limits, now());
      const retries = newest.retries + (recovery.kind === 'retry' ? 1 : 0);
      return { ...failed, recovery, retries };
    });
    return { waitMs: 0 };
  };

  /** No end leaves a server out of its hops. */
  const putBack = async ({ drain }: Operation): Promise<void> => {
    if (drain === null || drain.id === null || !isOut(drain)) return;
    await context.chains.undrain(drain.id);
    await save((newest) => ({ ...newest, drain: { ...drain, state: 'back' } }));
  };

  const recover: Mending['recover'] = async (operation) => {
    const recovery: Recovery = operation.recovery ?? { kind: 'fail' };
    const unlessAnswered = unanswered(operation);
    switch (recovery.kind) {
      case 'fail':
        await putBack(operation);
        await end('FAILED', unlessAnswered);
        return 'ended';
      case 'roll-back': {
        const { moveBack } = recovery;
        await enter(operation, 'ROLLING_BACK', (newest) => {
          unlessAnswered(newest);
          if (moveBack === null) return newest;
          return beginStep(onTheWayBack(newest, moveBack, now()), now(), 'go-back');
        });
        await context.onPoint('go-back:before', operation.id);
        return { waitMs: 0 };
      }
      case 'retry': {
        const waitMs = recovery.notBeforeMs - now();
        if (waitMs > 0) return { waitMs };
        await enter(operation, 'PROCESSING', (newest) =>
          begunAgain(unlessAnswered(newest), recovery.step),
        );
        return { waitMs: 0 };
      }
      case 'wait': {
        if (now() < recovery.untilMs) return 'parked';
        const next = afterWaiting(recovery.otherwise);
        await save((newest) => ({ ...unlessAnswered(newest), recovery: next }));
        return { waitMs: 0 };
      }
    }
  };

  const lost = async (
    operation: Operation,
    detail: string,
    remedy: Remedy,
    change: Change = same,
  ): Promise<Turn> => {
    await enter(operation, 'FAILED_TEMP', (newest) => {
      const failed = endStep(change(newest), 'failed', detail, now());
      const recovery = recoveryFor(failed, remedy, limits, now());
      return { ...failed, recovery, problem: withMore(newest, detail) };
    });
    return { waitMs: 0 };
  };

  const goBack: Mending['goBack'] = async (operation) => {
    const outcome = await rollBack(operation, context);
    switch (outcome.kind) {
      case 'wait':
        if (outcome.change !== undefined) await saveIfChanged(outcome.change);
        return { waitMs: outcome.forMs };
      case 'back':
        await putBack(operation);
        await context.onPoint('go-back:after', operation.id);
        await end('ROLLED_BACK', (newest) => endStep(newest, 'done', outcome.detail, now()));
        return 'ended';
      case 'arrived':
        await enter(operation, 'FAILED_TEMP', (newest) => ({
          ...newest,
          recovery: { kind: 'retry', step: 'verify', notBeforeMs: now() },
        }));
        return { waitMs: 0 };
      case 'lost':
        return lost(operation, outcome.detail, outcome.forGood ? 'fail' : 'ask', outcome.change);
    }
  };

  /** The server could not be put back, and nobody is left to ask: the record says so. */
  const leaveOut = async (operation: Operation, error: Error): Promise<Turn> => {
    const { drain } = operation;
    if (drain === null || !isOut(drain)) throw error;
    const detail = `the server is not back in its hops (drain ${drain.id}): ${error.message}`;
    await save((newest) => ({
      ...newest,
      drain: { ...drain, state: 'stuck', detail },
      problem: withMore(newest, detail),
    }));
    return { waitMs: 0 };
  };

  return {
    fail,
    recover,
    goBack,
    giveUp: async (operation, error) => {
      if (operation.state === 'ROLLING_BACK') return lost(operation, error.message, 'ask');
      if (operation.state === 'FAILED_TEMP') return leaveOut(operation, error);
      return fail(operation, error, beforeArrival(operation.step) ? 'roll-back' : 'ask');
    },
  };
}

const same: Change = (operation) => operation;

/** Nothing is written over an answer that came meanwhile: the turn is taken anew. */
function unanswered(read: Operation): Change {
  return (newest) => {
    if (newest.answers.length !== read.answers.length) {
      throw new VersionConflict('operation', read.id);
    }
    return newest;
  };
}

function withMore({ problem }: Operation, detail: string): Operation['problem'] {
  return problem === null ? null : { ...problem, detail: `${problem.detail}; ${detail}` };
}
