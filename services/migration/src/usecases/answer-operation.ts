import { Conflict, NotFound, update } from '@sidestep/service-kit';
import { answered } from '../domain/answer.ts';
import type { AnswerKind, Operation } from '../domain/operation.ts';
import { type Ledger, operationWrite } from './ledger.ts';

type Needs = {
  ledger: Ledger;
  now(): number;
  wake(operation: Operation): Promise<void>;
};

/** Takes an operator's answer to an operation in FAILED_TEMP, and wakes a worker for it. */
export async function answerOperation(
  { ledger, now, wake }: Needs,
  operationId: string,
  { kind, by }: { kind: AnswerKind; by: string },
): Promise<Operation> {
  let fresh = false;
  const changed = await update<Operation>(ledger.records, 'operation', operationId, (operation) => {
    if (operation === undefined) throw new NotFound('operation', operationId);
    const outcome = answered(operation, { kind, by, atMs: now() });
    if (outcome.kind === 'refused') throw new Conflict(outcome.why);
    fresh = outcome.kind === 'taken';
    if (outcome.kind === 'same') return undefined;
    // A new attempt has a new job: nobody has the operation while it waits.
    const { attempt } = outcome.operation;
    const value = { ...outcome.operation, attempt: attempt + 1, wokenAtMs: now() };
    return { value, keys: operationWrite(value, 'absent').keys ?? {} };
  });
  if (changed === undefined) throw new NotFound('operation', operationId);
  if (fresh) await wake(changed);
  return changed;
}
