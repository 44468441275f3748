import { ProblemError } from '@sidestep/service-kit';
import { slotWrites } from './reserve-slots.ts';
import type { Step } from './step.ts';

/** Takes the server for this operation alone, and a slot of each host and link, all or none. */
export const reserve: Step = async (operation, { ledger, limits, commit }) => {
  try {
    const writes = await slotWrites(operation, limits.slots, ledger);
    if (writes.length === 0) return { kind: 'skipped', detail: 'reserved already' };
    await commit(writes);
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code !== 'CONFLICT') throw error;
    return { kind: 'failed', problem: error, remedy: 'roll-back' };
  }
  return { kind: 'done', detail: `${operation.from} and ${operation.to} are reserved` };
};
