import { Conflict, NotFound, update } from '@sidestep/service-kit';
import { canAbort, type Operation } from '../domain/operation.ts';
import { type Ledger, operationWrite } from './ledger.ts';

type Needs = { ledger: Ledger; now(): number };

/** Asks for an operation to be stopped: its worker sees it at its next turn. */
export async function abortOperation(
  { ledger, now }: Needs,
  operationId: string,
  who: { by: string; reason: string },
): Promise<Operation> {
  const changed = await update<Operation>(ledger.records, 'operation', operationId, (operation) => {
    if (operation === undefined) throw new NotFound('operation', operationId);
    if (!canAbort(operation)) {
      throw new Conflict(
        `Operation ${operationId} is ${operation.state} at ${operation.step}: it can no longer be aborted`,
      );
    }
    if (operation.abort !== null) return undefined;
    return marked(operation, { ...who, atMs: now() });
  });
  if (changed === undefined) throw new NotFound('operation', operationId);
  return changed;
}

/** Stops an operation that has not asked Nova yet; any other goes on. */
export async function abortIfNotBegun(
  { ledger, now }: Needs,
  operationId: string,
  reason: string,
): Promise<void> {
  await update<Operation>(ledger.records, 'operation', operationId, (operation) =>
    operation === undefined ||
    operation.abort !== null ||
    operation.intent !== null ||
    !canAbort(operation)
      ? undefined
      : marked(operation, { by: 'sidestep', reason, atMs: now() }),
  );
}

function marked(
  operation: Operation,
  { atMs, by, reason }: { atMs: number; by: string; reason: string },
): { value: Operation; keys: Record<string, string> } {
  const value = { ...operation, abort: { atMs, by, reason, askedNova: false }, updatedAtMs: atMs };
  return { value, keys: operationWrite(value, 'absent').keys ?? {} };
}
