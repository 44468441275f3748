import { ProblemError, type Write } from '@sidestep/service-kit';
import { isTerminal } from '../../domain/operation.ts';
import { reservationKeys } from '../ledger.ts';
import type { Step } from './step.ts';

/** Takes the server and both hosts for this operation alone, all or none. */
export const reserve: Step = async (operation, { ledger, commit }) => {
  const writes: Write[] = [];
  for (const key of reservationKeys(operation)) {
    const held = await ledger.reservation(key);
    if (held?.value.operationId === operation.id) continue;
    if (held !== undefined) {
      const holder = await ledger.operation(held.value.operationId);
      if (holder !== undefined && !isTerminal(holder.value.state)) {
        return {
          kind: 'failed',
          problem: new ProblemError('CONFLICT', `${key} is part of operation ${holder.id}`),
          remedy: 'roll-back',
        };
      }
    }
    writes.push({
      kind: 'reservation',
      id: key,
      expected: held?.version ?? 'absent',
      value: { operationId: operation.id },
    });
  }
  if (writes.length === 0) return { kind: 'skipped', detail: 'reserved already' };
  await commit(writes);
  return { kind: 'done', detail: `${operation.from} and ${operation.to} are reserved` };
};
