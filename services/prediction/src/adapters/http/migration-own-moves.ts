import type { MigrationClient, migration } from '@sidestep/contracts';
import type { OwnMove } from '../../domain/own-moves.ts';
import type { OwnMovesSource } from '../../ports/own-moves-source.ts';
import { upstream } from './upstream.ts';

type Operation = migration.components['schemas']['Operation'];

const pageLimit = 1_000;
/** More pages than this are a fault of the other side, not a history. */
const maxPages = 1_000;

/** Own moves by Migration's contract. */
export function migrationOwnMoves(client: MigrationClient): OwnMovesSource {
  return {
    movesSince: async (atMs) => {
      const moves: OwnMove[] = [];
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
        moves.push(...answered.operations.flatMap(moveOf));
        cursor = answered.nextCursor;
        if (cursor === null) break;
      }
      return moves;
    },
  };
}

/** Nothing moves on its own where no Migration is connected. */
export const noOwnMoves: OwnMovesSource = { movesSince: async () => [] };

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
