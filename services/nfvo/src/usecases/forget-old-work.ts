import { forgetEnded, type Records } from '@sidestep/service-kit';
import { kinds } from './documents.ts';
import type { DrainDocument } from './drain-document.ts';
import { type RepathDocument, repathKeys } from './repath-document.ts';
import { isOpen, type StandbyDocument } from './standby-document.ts';

/** Forgets re-renders, drains and standbys that ended before; what is still to be gone on with stays. Answers how many. */
export async function forgetOldWork(records: Records, beforeMs: number): Promise<number> {
  const isOld = ({ endedAtMs }: { readonly endedAtMs: number | null }) =>
    endedAtMs !== null && endedAtMs < beforeMs;
  const counts = [
    await forgetEnded<RepathDocument>(
      records,
      kinds.repath,
      (each) => isOld(each) && repathKeys(each).open === undefined,
    ),
    await forgetEnded<DrainDocument>(
      records,
      kinds.drain,
      (each) => isOld(each) && each.state === 'restored',
    ),
    await forgetEnded<StandbyDocument>(
      records,
      kinds.standby,
      (each) => isOld(each) && !isOpen(each),
    ),
  ];
  return counts.reduce((sum, count) => sum + count, 0);
}
