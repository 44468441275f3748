import { ProblemError } from '@sidestep/service-kit';

/** One page of items in the order of their keys, after the key that the cursor names. */
export function pageOf<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  { limit = 100, cursor }: { limit?: number | undefined; cursor?: string | null | undefined },
): { page: T[]; nextCursor: string | null } {
  const after = cursor === undefined || cursor === null ? undefined : keyOfCursor(cursor);
  const keyed = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = keyed.slice(0, limit);
  const last = page.at(-1);
  return {
    page: page.map(({ item }) => item),
    nextCursor: keyed.length > limit && last !== undefined ? cursorOfKey(last.key) : null,
  };
}

const cursorOfKey = (key: string): string => Buffer.from(key).toString('base64url');

function keyOfCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (cursorOfKey(key) !== cursor) {
    const detail = 'is no nextCursor of an earlier page';
    throw new ProblemError('INVALID_REQUEST', `cursor ${detail}`, {
      errors: [{ pointer: 'query/cursor', detail }],
    });
  }
  return key;
}
