import { ProblemError, type Write } from '@sidestep/service-kit';
import { isTerminal } from '../../domain/operation.ts';
import { reservationKeys } from '../ledger.ts';
import { linkWrites } from './reserve-links.ts';
import type { Step } from './step.ts';

/** Takes the server and both hosts for this operation alone, and a slot of each link, all or none. */
export const reserve: Step = async (operation, { ledger, limits, commit }) => {
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
  try {
    writes.push(...(await linkWrites(operation, limits.linkSlots, ledger)));
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'CONFLICT') throw error;
    return { kind: 'failed', problem: error, remedy: 'roll-back' };
  }
  if (writes.length === 0) return { kind: 'skipped', detail: 'reserved already' };
  await commit(writes);
  return { kind: 'done', detail: `${operation.from} and ${operation.to} are reserved` };
};
