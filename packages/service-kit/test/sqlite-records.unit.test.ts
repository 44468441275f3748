import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test } from 'vitest';
import { sqliteRecords } from '../src/sqlite-records.ts';
import { manualClock } from '../src/testing/manual-clock.ts';
import { describeRecords } from '../src/testing/records-conformance.ts';

describe('records in a SQLite file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-records-'));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  const path = () => join(folder, `r${count++}.db`);

  describeRecords((clock) => sqliteRecords(path(), clock));

  test('what was committed is there after the file is opened anew, leases and events too', async () => {
    const file = path();
    const first = sqliteRecords(file, manualClock());
    await first.commit([{ kind: 'k', id: 'a', expected: 'absent', value: { n: 1 } }], {
      events: [{ topic: 't', payload: {} }],
    });
    await first.acquireLease('op', 'a', 60_000);
    await first.close();

    const second = sqliteRecords(file, manualClock());

    expect((await second.get('k', 'a'))?.value).toEqual({ n: 1 });
    expect(await second.pendingEvents(1)).toHaveLength(1);
    expect(await second.acquireLease('op', 'b', 60_000)).toBeUndefined();
    await second.close();
  });

  test('what rolls a commit back by itself, as a full disk does, is told as the reason', async () => {
    const file = path();
    const records = sqliteRecords(file, manualClock());
    const other = new DatabaseSync(file);
    other.exec(
      "CREATE TRIGGER full BEFORE INSERT ON documents BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END",
    );
    const write = () => records.commit([{ kind: 'k', id: 'a', expected: 'absent', value: {} }]);

    await expect(write()).rejects.toThrow('disk full');
    other.exec('DROP TRIGGER full');
    other.close();
    await write();

    expect(await records.get('k', 'a')).toBeDefined();
    await records.close();
  });
});
