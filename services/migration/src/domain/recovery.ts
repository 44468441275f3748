import { legIsOver } from './move-leg.ts';
import type { Operation, Recovery, StepName } from './operation.ts';

/**
 * What a failed step suggests: to try the step again; to go back, as nothing has moved; to go back whatever the rule is,
 * as somebody wanted it stopped; to compensate, as the server has moved but does not do its work; to ask an operator, as
 * no rule knows better; or to leave it, as nothing can be done.
 */
export type Remedy = 'retry' | 'roll-back' | 'abandon' | 'compensate' | 'ask' | 'fail';

/** The operator's rule for failures. */
export type FailureRule = {
  /** `recover`: begin a failed move again so often, then roll it back; `wait`: ask an operator first. */
  onFailure: 'recover' | 'wait';
  /** How often a move that Nova has failed is begun again. */
  maxMoveRetries: number;
  maxRepathRetries: number;
  /**
   * What follows where a moved server does not pass verification: `repath` renders its hops anew, so often as
   * `maxCompensations` says, and then asks an operator; `move-back` brings it back instead of asking; `wait` asks at once.
   */
  onBroken: 'repath' | 'move-back' | 'wait';
  maxCompensations: number;
  /** First wait between two tries; doubled each time. */
  retryMs: number;
  /** How long an operator is waited for; 0: not at all. */
  operatorWaitMs: number;
};

const rollBack: Recovery = { kind: 'roll-back', moveBack: null };

/** What follows a failure, by the rule. */
export function recoveryFor(
  operation: Operation,
  remedy: Remedy,
  rule: FailureRule,
  atMs: number,
): Recovery {
  const waitFor = (otherwise: 'roll-back' | 'fail'): Recovery =>
    rule.operatorWaitMs > 0
      ? { kind: 'wait', untilMs: atMs + rule.operatorWaitMs, otherwise }
      : afterWaiting(otherwise);
  const again = (step: StepName): Recovery => ({
    kind: 'retry',
    step,
    notBeforeMs: atMs + rule.retryMs * 2 ** operation.retries,
  });
  switch (remedy) {
    case 'fail':
      return { kind: 'fail' };
    case 'abandon':
      return rollBack;
    case 'ask':
      return waitFor('fail');
    case 'compensate':
      if (rule.onBroken === 'wait') return waitFor('fail');
      // A hop that is rendered anew does not help a server that is not where it should be.
      if (operation.step === 'probe' && operation.repathRounds < rule.maxCompensations) {
        return { kind: 'retry', step: 'repath', notBeforeMs: atMs + rule.retryMs };
      }
      return rule.onBroken === 'move-back' && operation.kind === 'live-migration'
        ? { kind: 'roll-back', moveBack: { by: 'sidestep', reason: problemOf(operation) } }
        : waitFor('fail');
    case 'retry':
      return operation.retries < rule.maxRepathRetries ? again(operation.step) : waitFor('fail');
    case 'roll-back':
      if (rule.onFailure === 'wait') return waitFor('roll-back');
      return operation.earlierMoves.length < rule.maxMoveRetries && legIsOver(operation)
        ? again(stepToRetry(operation))
        : rollBack;
  }
}

/** What follows where no operator has answered. */
export function afterWaiting(otherwise: 'roll-back' | 'fail'): Recovery {
  return otherwise === 'fail' ? { kind: 'fail' } : rollBack;
}

/** With a move that is over all is read again before Nova is asked anew; one that may be on its way is gone on with. */
export function stepToRetry(operation: Operation): StepName {
  // A chain that does not pass its probe is rendered anew.
  if (operation.step === 'probe') return 'repath';
  return operation.step === 'migrate' && legIsOver(operation) ? 'precheck' : operation.step;
}

/** The operation, begun again at a step: what an earlier live migration came to is kept beside. */
export function begunAgain(operation: Operation, step: StepName): Operation {
  if (step === 'repath' && operation.repath?.state === 'completed') {
    return { ...operation, step, repathRounds: operation.repathRounds + 1 };
  }
  if (step !== 'reserve' && step !== 'precheck') return { ...operation, step };
  const { nova } = operation;
  return {
    ...operation,
    step,
    expected: null,
    intent: null,
    nova: null,
    abort: null,
    earlierMoves: nova === null ? operation.earlierMoves : [...operation.earlierMoves, nova],
  };
}

function problemOf({ problem }: Operation): string {
  return problem?.detail ?? 'it did not pass verification';
}
