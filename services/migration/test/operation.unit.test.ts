import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionFollowers, isOpen } from '../src/domain/decision.ts';
import {
  advance,
  beginStep,
  endStep,
  ForbiddenTransition,
  followers,
  isTerminal,
  newOperation,
  type OperationState,
  operationStates,
} from '../src/domain/operation.ts';
import { ownMove, ownRequestId } from '../src/domain/own-move.ts';

const fresh = () =>
  newOperation(
    {
      id: 'o1',
      kind: 'live-migration',
      work: null,
      decisionId: 'd1',
      serverId: 's1',
      serverName: 'fw-1',
      from: 'h1',
      to: 'h2',
      raisedAtMs: null,
      chainIds: [],
    },
    1_000,
  );

test('the states and their followers are those of SOL003', () => {
  expect(followers).toEqual({
    STARTING: ['PROCESSING', 'ROLLED_BACK'],
    PROCESSING: ['COMPLETED', 'FAILED_TEMP'],
    FAILED_TEMP: ['PROCESSING', 'ROLLING_BACK', 'FAILED'],
    ROLLING_BACK: ['ROLLED_BACK', 'FAILED_TEMP'],
    COMPLETED: [],
    ROLLED_BACK: [],
    FAILED: [],
  });
});

test('advance takes what the table allows and refuses all else, whatever came before', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...operationStates), { maxLength: 20 }), (path) => {
      let operation = fresh();
      for (const [i, to] of path.entries()) {
        const allowed: readonly OperationState[] = followers[operation.state];
        if (!allowed.includes(to)) {
          expect(() => advance(operation, to, i)).toThrow(ForbiddenTransition);
          continue;
        }
        operation = advance(operation, to, 2_000 + i);
        expect(operation.state).toBe(to);
        expect(operation.updatedAtMs).toBe(2_000 + i);
        expect(operation.endedAtMs).toBe(isTerminal(to) ? 2_000 + i : null);
      }
    }),
  );
});

test('a step is opened once and closed once', () => {
  const begun = beginStep(beginStep(fresh(), 1), 2);

  const ended = endStep(endStep(begun, 'done', 'it is', 5), 'failed', 'too late', 9);

  expect(ended.steps).toEqual([
    { name: 'reserve', startedAtMs: 1, endedAtMs: 5, outcome: 'done', detail: 'it is' },
  ]);
});

test('every decision that has ended has no follower', () => {
  const open = Object.keys(decisionFollowers).filter((state) =>
    isOpen(state as keyof typeof decisionFollowers),
  );

  expect(open).toEqual(['proposed', 'approved']);
});

const intent = {
  atMs: 0,
  calls: 1,
  outstanding: true,
  knownRequestIds: ['req-old'],
  knownMigrationIds: [4],
};
const record = (id: number, to: string | null, status = 'running') => ({
  id,
  to,
  status,
  memoryTotalBytes: null,
  memoryProcessedBytes: null,
  memoryRemainingBytes: null,
});

test.each([
  ['none but the ones known before', [record(4, 'h2', 'completed')], { kind: 'none' }],
  ['one without a host yet', [record(5, null, 'accepted'), record(4, 'h2')], { kind: 'running' }],
  ['ours, still running', [record(5, 'h2')], { kind: 'running' }],
  ['ours, ended', [record(5, 'h2', 'failed')], { kind: 'ended' }],
  ['one to another host', [record(5, 'h3')], { kind: 'elsewhere' }],
  [
    'ours and a later one to another host',
    [record(6, 'h3'), record(5, 'h2', 'completed')],
    { kind: 'ended' },
  ],
])('of the migration records, %s', (_case, records, expected) => {
  expect(ownMove(records, intent, 'h2')).toMatchObject(expected);
});

test('of the requests, ours is the oldest that was not known', () => {
  expect(ownRequestId(['req-old'], intent)).toBeNull();
  expect(ownRequestId(['req-b', 'req-a', 'req-old'], intent)).toBe('req-a');
});
