import { forgetEnded, type Records } from '@sidestep/service-kit';

/** Kinds that earlier versions wrote and that nothing reads any more. */
const formerKinds = ['link-reservation'] as const;

/** Forgets documents of layouts that are no longer in use, whatever they hold. Answers how many. */
export async function forgetOldLayouts(records: Records): Promise<number> {
  let forgotten = 0;
  for (const kind of formerKinds) forgotten += await forgetEnded(records, kind, () => true);
  return forgotten;
}
