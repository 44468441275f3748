import { expect, test } from 'vitest';
import { type Fence, FenceLost, type Records, update, VersionConflict } from '../records.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

/** What every adapter of the Records port does. */
export function describeRecords(open: (clock: ManualClock) => Promise<Records> | Records): void {
  const opened = async () => {
    const clock = manualClock();
    return { clock, records: await open(clock) };
  };

  test('a document is read back as it was written, at version 1', async () => {
    const { records } = await opened();

    await records.commit([
      { kind: 'operation', id: 'a', expected: 'absent', value: { step: 'reserve' } },
    ]);

    expect(await records.get('operation', 'a')).toEqual({
      id: 'a',
      version: 1,
      value: { step: 'reserve' },
    });
    expect(await records.get('operation', 'b')).toBeUndefined();
  });

  test('a writer that has read an older version is refused, and nothing of its commit is kept', async () => {
    const { records } = await opened();
    await records.commit([{ kind: 'k', id: 'a', expected: 'absent', value: { n: 1 } }]);
    await records.commit([{ kind: 'k', id: 'a', expected: 1, value: { n: 2 } }]);

    const late = records.commit(
      [
        { kind: 'k', id: 'new', expected: 'absent', value: {} },
        { kind: 'k', id: 'a', expected: 1, value: { n: 3 } },
      ],
      { events: [{ topic: 't', payload: {} }] },
    );

    await expect(late).rejects.toThrow(VersionConflict);
    expect(await records.get('k', 'new')).toBeUndefined();
    expect(await records.get('k', 'a')).toEqual({ id: 'a', version: 2, value: { n: 2 } });
    expect(await records.pendingEvents(10)).toEqual([]);
  });

  test('what must be absent is refused when it is there', async () => {
    const { records } = await opened();
    await records.commit([{ kind: 'k', id: 'a', expected: 'absent', value: {} }]);

    await expect(
      records.commit([{ kind: 'k', id: 'a', expected: 'absent', value: {} }]),
    ).rejects.toThrow(VersionConflict);
  });

  test('a deleted document is gone, and its keys with it', async () => {
    const { records } = await opened();
    await records.commit([
      { kind: 'k', id: 'a', expected: 'absent', value: {}, keys: { state: 'open' } },
    ]);

    await records.commit([{ kind: 'k', id: 'a', expected: 1, value: null }]);

    expect(await records.get('k', 'a')).toBeUndefined();
    expect((await records.list('k', { where: { state: 'open' }, limit: 10 })).items).toEqual([]);
  });

  test('a list is filtered by the newest keys, ordered by birth, and paged without loss or repeat', async () => {
    const { records } = await opened();
    for (let i = 0; i < 7; i++) {
      await records.commit([
        { kind: 'k', id: `d${i}`, expected: 'absent', value: { i }, keys: { state: 'open' } },
      ]);
    }
    await records.commit([
      { kind: 'k', id: 'd3', expected: 1, value: { i: 3 }, keys: { state: 'closed' } },
    ]);

    const seen: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 10; page++) {
      const { items, nextCursor } = await records.list('k', {
        where: { state: 'open' },
        limit: 2,
        cursor,
      });
      seen.push(...items.map((item) => item.id));
      if (nextCursor === null) break;
      cursor = nextCursor;
    }

    expect(seen).toEqual(['d6', 'd5', 'd4', 'd2', 'd1', 'd0']);
    expect(
      (await records.list('k', { order: 'oldest', limit: 1 })).items.map((item) => item.id),
    ).toEqual(['d0']);
  });

  test('a lease has one holder until it runs out, and each holder a higher epoch', async () => {
    const { records, clock } = await opened();

    const first = await records.acquireLease('op-1', 'worker-a', 1_000);
    expect(await records.acquireLease('op-1', 'worker-b', 1_000)).toBeUndefined();
    clock.advance(1_001);
    const second = await records.acquireLease('op-1', 'worker-b', 1_000);

    expect(second?.epoch).toBeGreaterThan((first as Fence).epoch);
    expect(await records.renewLease(first as Fence, 1_000)).toBe(false);
    expect(await records.renewLease(second as Fence, 1_000)).toBe(true);
  });

  test('a released lease is free at once', async () => {
    const { records } = await opened();
    const first = (await records.acquireLease('op-1', 'a', 60_000)) as Fence;

    await records.releaseLease(first);

    expect((await records.acquireLease('op-1', 'b', 60_000))?.epoch).toBe(first.epoch + 1);
  });

  test('a writer whose lease was taken over writes nothing', async () => {
    const { records, clock } = await opened();
    const old = (await records.acquireLease('op-1', 'a', 1_000)) as Fence;
    clock.advance(1_001);
    await records.acquireLease('op-1', 'b', 1_000);

    const late = records.commit([{ kind: 'k', id: 'a', expected: 'absent', value: {} }], {
      fence: old,
    });

    await expect(late).rejects.toThrow(FenceLost);
    expect(await records.get('k', 'a')).toBeUndefined();
  });

  test('events are kept with their commit, in order, until they are settled', async () => {
    const { records } = await opened();
    await records.commit([{ kind: 'k', id: 'a', expected: 'absent', value: {} }], {
      events: [
        { topic: 'first', payload: { n: 1 } },
        { topic: 'second', payload: { n: 2 } },
      ],
    });

    const [first] = await records.pendingEvents(10);
    await records.settleEvent(first?.sequence ?? -1);

    expect(first).toMatchObject({ topic: 'first', payload: { n: 1 } });
    expect(await records.pendingEvents(10)).toMatchObject([{ topic: 'second', payload: { n: 2 } }]);
  });

  test('update carries every writer’s change, whatever comes between', async () => {
    const { records } = await opened();
    const add = () =>
      update<{ n: number }>(records, 'k', 'sum', (now) => ({ value: { n: (now?.n ?? 0) + 1 } }));

    await Promise.all([add(), add(), add(), add()]);

    expect((await records.get('k', 'sum'))?.value).toEqual({ n: 4 });
  });
}
