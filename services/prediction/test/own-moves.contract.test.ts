import { type migration, serviceClient } from '@sidestep/contracts';
import { type Handlers, type Listening, ProblemError } from '@sidestep/service-kit';
import { fakeService, testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrationOwnMoves } from '../src/adapters/http/migration-own-moves.ts';

type Operation = migration.components['schemas']['Operation'];
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const nova = {
  requestId: 'req-1',
  migrationId: 1,
  status: 'completed',
  memoryTotalBytes: null,
  memoryProcessedBytes: null,
  memoryRemainingBytes: null,
};
const operation = (more: Partial<Operation>): Operation => ({
  id: 'operation-1',
  kind: 'live-migration',
  work: null,
  decisionId: 'decision-1',
  serverId: 'server-1',
  serverName: 'firewall',
  sourceHostId: 'compute1',
  destinationHostId: 'compute2',
  state: 'COMPLETED',
  step: 'settle',
  attempt: 1,
  createdAt: at(0),
  updatedAt: at(3),
  endedAt: at(3),
  durationMs: 180_000,
  steps: [{ name: 'migrate', startedAt: at(1), endedAt: at(2), outcome: 'done', detail: null }],
  nova,
  repath: null,
  chains: [],
  problem: null,
  ...more,
});

const pages: Operation[][] = [
  [operation({}), operation({ id: 'operation-2', nova: null, state: 'FAILED' })],
  [
    operation({
      id: 'operation-3',
      sourceHostId: 'compute3',
      endedAt: null,
      state: 'PROCESSING',
      steps: [],
    }),
  ],
];
const asked: unknown[] = [];
let refuses = false;
let server: Listening;

beforeAll(async () => {
  const listOperations: Handlers<migration.operations>['listOperations'] = ({ query }) => {
    asked.push(query);
    if (refuses) throw new ProblemError('INTERNAL', 'The fake refuses');
    const page = query.cursor === undefined ? 0 : 1;
    return {
      status: 200,
      body: { operations: pages[page] ?? [], nextCursor: page === 0 ? 'next' : null },
    };
  };
  server = await fakeService<migration.operations>('migration', { listOperations });
});
afterAll(() => server.close(100));

const source = () =>
  migrationOwnMoves(
    serviceClient('migration', { baseUrl: server.url, token: testToken('operator') }),
  );

describe('our own moves, as Migration tells them', () => {
  test('are read page by page since a moment; what never reached Nova is no move', async () => {
    const moves = await source().movesSince(Date.UTC(2025, 11, 31));

    expect(moves).toEqual([
      {
        sourceHostId: 'compute1',
        destinationHostId: 'compute2',
        startedAtMs: Date.parse(at(1)),
        endedAtMs: Date.parse(at(3)),
      },
      {
        sourceHostId: 'compute3',
        destinationHostId: 'compute2',
        startedAtMs: Date.parse(at(0)),
        endedAtMs: null,
      },
    ]);
    expect(asked).toMatchObject([
      { updatedSince: '2025-12-31T00:00:00.000Z', limit: 1000 },
      { cursor: 'next' },
    ]);
  });

  test('that were completed are told with how long the migration itself took', async () => {
    expect(await source().finishedSince(0)).toEqual([
      {
        operationId: 'operation-1',
        serverId: 'server-1',
        sourceHostId: 'compute1',
        destinationHostId: 'compute2',
        startedAtMs: Date.parse(at(1)),
        endedAtMs: Date.parse(at(2)),
        memoryMiB: null,
      },
    ]);
  });

  test('are an upstream failure when Migration refuses', async () => {
    refuses = true;

    await expect(source().movesSince(0)).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
  });
});
