import { type Records, VersionConflict, type Write } from './records.ts';

const pageSize = 200;
/** Pages that are looked through in one go: what is left waits for the next. */
const maxPages = 5;

/**
 * Forgets the oldest documents of a kind that nobody needs any more, so that a service that runs for years does not keep
 * them all. Answers how many were forgotten; one that is changed meanwhile stays.
 */
export async function forgetEnded<T extends object>(
  records: Records,
  kind: string,
  isOver: (value: T) => boolean | Promise<boolean>,
): Promise<number> {
  let forgotten = 0;
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const { items, nextCursor } = await records.list<T>(kind, {
      order: 'oldest',
      limit: pageSize,
      cursor,
    });
    const gone: Write[] = [];
    for (const { id, version, value } of items) {
      if (await isOver(value)) gone.push({ kind, id, expected: version, value: null });
    }
    if (gone.length > 0) forgotten += await committed(records, gone);
    if (nextCursor === null) break;
    cursor = nextCursor;
  }
  return forgotten;
}

async function committed(records: Records, writes: readonly Write[]): Promise<number> {
  try {
    await records.commit(writes);
    return writes.length;
  } catch (error) {
    if (error instanceof VersionConflict) return 0;
    throw error;
  }
}
