import { packRows, unpackRows } from '../domain/score-chunk.ts';
import type { Documents } from '../ports/documents.ts';
import type { HonestyKeeper } from './keep-honest.ts';

type Watched = { id: string; keeper: Pick<HonestyKeeper, 'book'> };
type ChunkCalls = 'saveScoreChunk' | 'listScoreChunks' | 'removeScoreChunks';

/** Writes what was judged since the last time; what the book has forgotten goes. */
export async function saveScores(
  documents: Pick<Documents, ChunkCalls>,
  watched: readonly Watched[],
): Promise<void> {
  for (const { id, keeper } of watched) {
    const { book } = keeper;
    const rows = book.unsaved();
    if (rows.length === 0) continue;
    const { censoredRows, unjudgedRows } = book;
    await documents.saveScoreChunk(packRows({ outlook: id, censoredRows, unjudgedRows }, rows));
    book.savedThrough(rows.at(-1)?.atMs ?? 0);
    await documents.removeScoreChunks(id, book.oldestSettledAtMs ?? 0);
  }
}

/** At start: what was judged before goes on counting. */
export async function restoreScores(
  documents: Pick<Documents, ChunkCalls>,
  watched: readonly Watched[],
): Promise<void> {
  for (const { id, keeper } of watched) {
    for await (const chunk of documents.listScoreChunks(id)) {
      keeper.book.restore(unpackRows(chunk));
      keeper.book.censoredRows = chunk.censoredRows;
      keeper.book.unjudgedRows = chunk.unjudgedRows;
    }
  }
}
