import { sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { expect, onTestFinished, test } from 'vitest';
import { advance, newOperation, type Operation } from '../src/domain/operation.ts';
import { createLedger, operationWrite } from '../src/usecases/ledger.ts';
import { LiveOperations, type StreamLimits } from '../src/usecases/live-operations.ts';

const atMs = 1_000_000;

function stream(limits: Partial<StreamLimits> = {}) {
  const records = sqliteRecords(':memory:', manualClock(atMs));
  onTestFinished(() => records.close());
  const ledger = createLedger(records, { mode: 'auto', policy: 'random' });
  const live = new LiveOperations(ledger, ({ id, state }) => ({ id, state }), {
    readers: 2,
    waiting: 3,
    caughtUp: 100,
    ...limits,
  });
  const begin = async (id: string, startedMs = atMs) => {
    const operation = newOperation(
      {
        id,
        kind: 'live-migration',
        work: null,
        decisionId: 'd1',
        serverId: 's1',
        serverName: 'fw',
        from: 'h1',
        to: 'h2',
        raisedAtMs: null,
        chainIds: [],
      },
      startedMs,
    );
    await records.commit([operationWrite(operation, 'absent')]);
    return operation;
  };
  const enter = async (operation: Operation, to: Operation['state'], version: number) => {
    const next = advance(operation, to, operation.updatedAtMs + 10);
    await records.commit([operationWrite(next, version)]);
    return next;
  };
  const read = async (sinceMs: number | null) => {
    const leave = new AbortController();
    const pieces = (await live.read(sinceMs, leave.signal))[Symbol.asyncIterator]();
    await pieces.next();
    return { next: async () => (await pieces.next()).value, leave: () => leave.abort() };
  };
  return { live, begin, enter, read };
}

test('a reader is told of each change once, and of nothing that was there before', async () => {
  const { live, begin, enter, read } = stream();
  const old = await begin('old');
  const reader = await read(null);

  await live.look();
  const running = await enter(old, 'PROCESSING', 1);
  await live.look();
  await live.look();
  const first = await reader.next();
  await enter(running, 'COMPLETED', 2);
  await live.look();

  expect(first).toBe('id: 1000010\nevent: operation\ndata: {"id":"old","state":"PROCESSING"}\n\n');
  expect(await reader.next()).toContain('"state":"COMPLETED"');
});

test('a reader that comes back is told first what changed since its last event', async () => {
  const { begin, read } = stream();
  await begin('long ago', atMs - 60_000);
  await begin('lately', atMs);

  const reader = await read(atMs);

  expect(await reader.next()).toBe(
    `id: ${atMs}\nevent: operation\ndata: {"id":"lately","state":"STARTING"}\n\n`,
  );
});

test('a slow reader misses some and is told how many', async () => {
  const { live, begin, read } = stream();
  const reader = await read(null);
  for (const id of ['a', 'b', 'c', 'd', 'e']) await begin(id);

  await live.look();

  expect(await reader.next()).toMatch(/("id":"[a-e]".*\n\n.*){3}event: dropped\ndata: 2\n\n$/s);
});

test('one reader too many is refused; who leaves makes room', async () => {
  const { read } = stream();
  const first = await read(null);
  await read(null);

  await expect(read(null)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
  first.leave();
  await expect(read(null)).resolves.toBeDefined();
});

test('a silent stream says that it is still there, and ends with the service', async () => {
  const { live, read } = stream();
  const reader = await read(null);

  live.beat();
  const comment = await reader.next();
  live.close();

  expect(comment).toBe(': still here\n\n');
  expect(await reader.next()).toBeUndefined();
});
