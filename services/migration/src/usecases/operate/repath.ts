import { ProblemError } from '@sidestep/service-kit';
import type { RepathRecord } from '../../domain/operation.ts';
import type { Change, Step } from './step.ts';

/** Has NFVO re-render the hops that the server is a member of: networking-sfc goes on sending to the old host until then. */
export const repath: Step = async (operation, { chains }) => {
  try {
    const { id, repathRounds } = operation;
    // One that is done is only told of by the same id.
    const repathId = repathRounds === 0 ? id : `${id}-${repathRounds}`;
    const outcome = await chains.repath(repathId, operation.serverId);
    switch (outcome.kind) {
      case 'completed': {
        const { hops, gapMs } = outcome;
        const change = recorded({ state: 'completed', hops, gapMs });
        return { kind: 'done', detail: `${hops} hops are rendered anew`, change };
      }
      case 'not-needed': {
        const change = recorded({ state: 'not-needed', hops: 0, gapMs: null });
        return { kind: 'skipped', detail: 'the server is in no chain', change };
      }
      case 'not-available': {
        const change = recorded({ state: 'not-available', hops: 0, gapMs: null });
        return { kind: 'skipped', detail: outcome.detail, change };
      }
    }
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return {
      kind: 'failed',
      problem: new ProblemError('REPATH_FAILED', error.message, { cause: error }),
      remedy: 'retry',
      change: recorded({ state: 'failed', hops: 0, gapMs: null }),
    };
  }
};

function recorded(repathRecord: RepathRecord): Change {
  return (operation) => ({ ...operation, repath: repathRecord });
}
