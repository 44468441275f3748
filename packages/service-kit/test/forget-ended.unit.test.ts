import { expect, test } from 'vitest';
import { forgetEnded, type Records, sqliteRecords } from '../src/index.ts';
import { manualClock } from '../src/testing/index.ts';

type Done = { endedAtMs: number | null };
const endedBefore = (atMs: number) => (value: Done) =>
  value.endedAtMs !== null && value.endedAtMs < atMs;

async function kept(records: Records) {
  const { items } = await records.list<Done>('work', { order: 'oldest', limit: 2_000 });
  return items.map(({ id }) => id);
}

async function filled(values: readonly Done[]) {
  const records = sqliteRecords(':memory:', manualClock());
  for (const [index, value] of values.entries())
    await records.commit([{ kind: 'work', id: `w${index}`, expected: 'absent', value }]);
  await records.commit([
    { kind: 'other', id: 'o', expected: 'absent', value: { endedAtMs: 0 } satisfies Done },
  ]);
  return records;
}

test('what ended long ago is forgotten, what goes on or ended lately stays, and so does any other kind', async () => {
  const records = await filled([
    { endedAtMs: 1 },
    { endedAtMs: null },
    { endedAtMs: 50 },
    { endedAtMs: 2 },
  ]);

  const forgotten = await forgetEnded(records, 'work', endedBefore(10));

  expect(forgotten).toBe(2);
  expect(await kept(records)).toEqual(['w1', 'w2']);
  expect(await records.get('other', 'o')).toBeDefined();
});

test('many are forgotten in a few goes, past those that go on', async () => {
  const records = await filled(
    Array.from({ length: 1_300 }, (_, index) => ({ endedAtMs: index < 250 ? null : 1 })),
  );

  for (let go = 0; go < 3; go++) await forgetEnded(records, 'work', endedBefore(10));

  expect(await kept(records)).toHaveLength(250);
});

test('what is written meanwhile stays for the next time', async () => {
  const records = await filled([{ endedAtMs: 1 }]);
  const slow: Records = {
    ...records,
    list: async <T extends object>(kind: string, query: Parameters<Records['list']>[1]) => {
      const page = await records.list<T>(kind, query);
      await records.commit([{ kind, id: 'w0', expected: 1, value: { endedAtMs: null } }]);
      return page;
    },
  };

  expect(await forgetEnded(slow, 'work', endedBefore(10))).toBe(0);
  expect(await kept(records)).toEqual(['w0']);
});
