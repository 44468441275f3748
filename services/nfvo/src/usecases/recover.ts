import { ProblemError } from '@sidestep/service-kit';
import type { Context } from './context.ts';
import { allOf, type Change, kinds } from './documents.ts';
import { resumeDrain } from './drain.ts';
import { openDrains } from './drain-document.ts';
import { resumeRepath } from './repath.ts';
import { openRepaths } from './repath-document.ts';
import { changeLease, resumeChange } from './run-change.ts';
import { undoSfcr } from './sfcrs.ts';
import { undoVnf } from './vnfs.ts';

/**
 * Ends what was broken off: chains first, as a re-render may wait for them. What somebody works on is left alone, what
 * fails is asked for again the next time. Answers how many are
 * still to be ended; a drain stays until its server is back.
 */
export async function recover(context: Context): Promise<number> {
  const { records, locks, clock } = context;
  for (const { id, value } of await allOf<Change>(records, kinds.change)) {
    await quietly(context, id, () =>
      locks.holding([changeLease(id), ...value.locks], 0, async (held) => {
        const stored = await records.get<Change>(kinds.change, id);
        if (stored === undefined) return;
        const change = stored.value;
        if (change.verb === 'create-sfcr') await undoSfcr(context, id, change, held);
        else if (change.verb === 'create-vnf') await undoVnf(context, id, held);
        else await resumeChange(context, id, change, held);
      }),
    );
  }
  for (const { id, value } of await openRepaths(records)) {
    if (value.retry !== null && value.retry.notBeforeMs > clock.now()) continue;
    await quietly(context, id, () => resumeRepath(context, id, 0));
  }
  for (const { id, value } of await openDrains(records)) {
    if (value.state === 'running') await quietly(context, id, () => resumeDrain(context, id, 0));
  }
  const drains = await openDrains(records);
  const changes = (await allOf(records, kinds.change)).length;
  const repaths = (await openRepaths(records)).length;
  context.meters.openOperations('change', changes);
  context.meters.openOperations('repath', repaths);
  context.meters.openOperations('drain', drains.length);
  return changes + repaths + drains.filter(({ value }) => value.state === 'running').length;
}

async function quietly({ log }: Context, id: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const busy = error instanceof ProblemError && error.code === 'VERSION_CONFLICT';
    if (!busy) log.warn({ id, error }, 'what was broken off is not ended yet');
  }
}
