import { update } from '@sidestep/service-kit';
import { isParked, isTerminal, type Operation } from '../../domain/operation.ts';
import { type Ledger, operationWrite } from '../ledger.ts';
import { lease } from './run-operation.ts';

export type RecoverOptions = {
  ledger: Ledger;
  worker: string;
  now(): number;
  wake(operation: Operation): Promise<void>;
};

/**
 * Wakes every operation that has not ended and that no worker has: what a lost queue, a dead worker or a doubled job
 * left behind. One woken or changed less than `quietMs` ago is left to the job that it may still have.
 */
export async function recoverOperations(options: RecoverOptions, quietMs: number): Promise<number> {
  const { ledger, now, worker } = options;
  const live = await ledger.live();
  let woken = 0;
  for (const { id, value } of live) {
    if (now() - Math.max(value.wokenAtMs, value.updatedAtMs) < quietMs) continue;
    if (isParked(value, now())) continue;
    const fence = await ledger.records.acquireLease(lease(id), worker, 1_000);
    if (fence === undefined) continue;
    // A new attempt has a new job id: a job of the old one may be stuck in the queue for good.
    const again = await update<Operation>(
      ledger.records,
      'operation',
      id,
      (stored) => {
        if (stored === undefined || isTerminal(stored.state)) return undefined;
        const next = { ...stored, attempt: stored.attempt + 1, wokenAtMs: now() };
        return { value: next, keys: operationWrite(next, 'absent').keys ?? {} };
      },
      { fence },
    ).finally(() => ledger.records.releaseLease(fence));
    if (again === undefined || isTerminal(again.state)) continue;
    woken += 1;
    await options.wake(again);
  }
  return woken;
}
