import { ProblemError } from '@sidestep/service-kit';
import type { Abort } from '../../domain/operation.ts';
import type { Change, StepResult } from './step.ts';

type Failed = StepResult & { kind: 'failed' };

/** To be looked at again. */
export function later(limits: { pollMs: number }, change?: Change): StepResult {
  return { kind: 'wait', forMs: limits.pollMs, ...(change ? { change } : {}) };
}

/** Nova did not carry the move out, for this reason. */
export function failed(detail: string, change?: Change): Failed {
  const problem = new ProblemError('MIGRATION_FAILED', detail);
  return { kind: 'failed', problem, remedy: 'roll-back', ...(change ? { change } : {}) };
}

/** Somebody else moves the server. */
export function overtaken(detail: string, change?: Change): Failed {
  const problem = new ProblemError('MIGRATION_OVERTAKEN', detail);
  return { kind: 'failed', problem, remedy: 'fail', ...(change ? { change } : {}) };
}

/** Nova did not come to an end in the time that it has for it. */
export function timedOut(limitMs: number, why: string, change?: Change): Failed {
  const detail = `Not over after ${Math.round(limitMs / 1_000)} s: ${why}`;
  const problem = new ProblemError('MIGRATION_TIMEOUT', detail);
  return { kind: 'failed', problem, remedy: 'roll-back', ...(change ? { change } : {}) };
}

/** The guest changes its memory faster than it can be copied. */
export function notConverging(detail: string, change?: Change): Failed {
  const problem = new ProblemError('MIGRATION_NOT_CONVERGING', detail);
  return { kind: 'failed', problem, remedy: 'roll-back', ...(change ? { change } : {}) };
}

/** Somebody wanted it stopped. */
export function aborted({ by, reason }: Abort, when: string, change?: Change): Failed {
  const detail = `Stopped ${when} by ${by}: ${reason}`;
  const problem = new ProblemError('OPERATION_ABORTED', detail);
  return { kind: 'failed', problem, remedy: 'abandon', ...(change ? { change } : {}) };
}
