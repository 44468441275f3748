import type { ServerId } from '@sidestep/fleet';
import type { Stored } from '@sidestep/service-kit';
import type { Operation, OperationState } from '../domain/operation.ts';
import type { Ledger, PageQuery } from './ledger.ts';

/** Pages looked through at most for one answer. */
const maxPages = 50;

/** Operations, newest first, that were changed since; a page may hold fewer than its limit, and go on. */
export async function listChangedOperations(
  ledger: Ledger,
  { sinceMs, ...where }: { state?: OperationState; serverId?: ServerId; sinceMs: number | null },
  page: PageQuery,
): Promise<{ items: Stored<Operation>[]; nextCursor: string | null }> {
  let { cursor } = page;
  for (let looked = 1; ; looked++) {
    const { items, nextCursor } = await ledger.operations(where, { limit: page.limit, cursor });
    const changed = items.filter(({ value }) => sinceMs === null || value.updatedAtMs >= sinceMs);
    if (changed.length > 0 || nextCursor === null || looked === maxPages) {
      return { items: changed, nextCursor };
    }
    cursor = nextCursor;
  }
}
