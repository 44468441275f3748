import type { OwnMove } from '../domain/own-moves.ts';

/** Migration, as Prediction needs it: which moves were our own. */
export type OwnMovesSource = {
  /** Moves that changed at or after a moment; throws when it gets no answer. */
  movesSince(atMs: number): Promise<OwnMove[]>;
};
