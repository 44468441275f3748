import { ProblemError, VersionConflict } from '@sidestep/service-kit';
import type { Ledger, Round } from './ledger.ts';

const maxAttempts = 5;

/** Decides from what is read now; where somebody else was quicker, once more from what they wrote. */
export async function inRound<T>(ledger: Ledger, work: (round: Round) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const round = await ledger.round();
    try {
      return await work(round);
    } catch (error) {
      if (!(error instanceof VersionConflict)) throw error;
      if (attempt < maxAttempts) continue;
      const detail = 'Others decide at the same time: try again';
      throw new ProblemError('VERSION_CONFLICT', detail, { cause: error });
    }
  }
}
