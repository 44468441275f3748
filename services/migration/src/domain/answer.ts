import { legIsOver } from './move-leg.ts';
import { type Answer, beforeArrival, type Operation, type Recovery } from './operation.ts';
import { stepToRetry } from './recovery.ts';

/** Most answers to one operation: each may add steps to its record. */
const maxAnswers = 20;

export type Answered =
  | { kind: 'taken'; operation: Operation }
  /** The same was answered before, and is being carried out or done. */
  | { kind: 'same' }
  | { kind: 'refused'; why: string };

/** Takes an operator's answer to a failure: only FAILED_TEMP waits for one (SOL003, 5.4.14 to 5.4.16). */
export function answered(operation: Operation, answer: Answer): Answered {
  const { state, answers, back, id } = operation;
  const before = answers.at(-1)?.kind;
  if (state !== 'FAILED_TEMP') {
    if (before === answer.kind) return { kind: 'same' };
    return refused(`Operation ${id} is ${state}: only one in FAILED_TEMP takes a ${answer.kind}`);
  }
  if (answers.length >= maxAnswers) {
    return refused(`Operation ${id} was answered ${maxAnswers} times: it ends by itself`);
  }
  if (answer.kind === 'retry' && back !== null) {
    return refused(`Operation ${id} was on its way back: roll it back again, or fail it`);
  }
  const isEvacuated = operation.kind === 'evacuate' && !beforeArrival(operation.step);
  if (answer.kind === 'rollback' && isEvacuated) {
    return refused(`Operation ${id} is an evacuation: its host is dead, and takes nothing back`);
  }
  return {
    kind: 'taken',
    operation: {
      ...operation,
      recovery: recoveryOf(operation, answer),
      answers: [...answers, answer],
      retries: 0,
      updatedAtMs: answer.atMs,
    },
  };
}

function recoveryOf(operation: Operation, { kind, by, atMs }: Answer): Recovery {
  switch (kind) {
    case 'retry':
      return { kind: 'retry', step: stepToRetry(operation), notBeforeMs: atMs };
    case 'rollback':
      return { kind: 'roll-back', moveBack: { by, reason: 'asked for by the API' } };
    case 'fail':
      return { kind: 'fail' };
  }
}

/** The operation with its way back begun, or begun again where Nova has ended the last try. */
export function onTheWayBack(
  operation: Operation,
  wanted: { by: string; reason: string },
  atMs: number,
): Operation {
  const { back } = operation;
  if (back !== null && !legIsOver(back)) return operation;
  const moved = back !== null && back.stage !== 'migrate';
  return {
    ...operation,
    back: moved
      ? { ...back, retries: 0 }
      : { ...wanted, atMs, stage: 'migrate', intent: null, nova: null, abort: null, retries: 0 },
  };
}

function refused(why: string): Answered {
  return { kind: 'refused', why };
}
