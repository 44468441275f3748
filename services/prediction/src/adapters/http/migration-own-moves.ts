import type { MigrationClient, migration } from '@sidestep/contracts';
import type { OwnMove } from '../../domain/own-moves.ts';
import type { FinishedMove, OwnMovesSource } from '../../ports/own-moves-source.ts';
import { upstream } from './upstream.ts';

type Operation = migration.components['schemas']['Operation'];

const pageLimit = 1_000;
/** More pages than this are a fault of the other side, not a history. */
const maxPages = 1_000;

/** Own moves by Migration's contract. */
export function migrationOwnMoves(client: MigrationClient): OwnMovesSource {
  const operationsSince = async (atMs: number): Promise<Operation[]> => {
    const operations: Operation[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < maxPages; page++) {
      const answered: { operations: Operation[]; nextCursor: string | null } = await upstream(
        'migration',
        client.GET('/operations', {
          params: {
            query: {
              updatedSince: new Date(atMs).toISOString(),
              limit: pageLimit,
              ...(cursor === null ? {} : { cursor }),
            },
          },
        }),
      );
      operations.push(...answered.operations);
      cursor = answered.nextCursor;
      if (cursor === null) break;
    }
    return operations;
  };
  return {
    movesSince: async (atMs) => (await operationsSince(atMs)).flatMap(moveOf),
    finishedSince: async (atMs) =>
      (await operationsSince(atMs))
        .flatMap(finishedOf)
        .toSorted((a, b) => a.endedAtMs - b.endedAtMs),
  };
}

/** Nothing moves on its own where no Migration is connected. */
export const noOwnMoves: OwnMovesSource = {
  movesSince: async () => [],
  finishedSince: async () => [],
};

// Until Nova is asked nothing changes on either host, so an operation without a request is no move.
function moveOf(operation: Operation): OwnMove[] {
  if (operation.nova === null) return [];
  const migrate = operation.steps.find(({ name }) => name === 'migrate');
  return [
    {
      sourceHostId: operation.sourceHostId,
      destinationHostId: operation.destinationHostId,
      startedAtMs: Date.parse(migrate?.startedAt ?? operation.createdAt),
      endedAtMs: operation.endedAt === null ? null : Date.parse(operation.endedAt),
    },
  ];
}

function finishedOf(operation: Operation): FinishedMove[] {
  const migrate = operation.steps.find(({ name }) => name === 'migrate');
  // What was made anew elsewhere copied no memory: it teaches nothing about live migrations.
  const isAlive = operation.kind === 'live-migration';
  const isDone = isAlive && operation.state === 'COMPLETED' && migrate?.outcome === 'done';
  if (!isDone || migrate.endedAt === null || operation.nova === null) return [];
  const { memoryTotalBytes } = operation.nova;
  return [
    {
      operationId: operation.id,
      serverId: operation.serverId,
      sourceHostId: operation.sourceHostId,
      destinationHostId: operation.destinationHostId,
      startedAtMs: Date.parse(migrate.startedAt),
      endedAtMs: Date.parse(migrate.endedAt),
      memoryMiB: memoryTotalBytes === null ? null : memoryTotalBytes / 1024 ** 2,
    },
  ];
}
