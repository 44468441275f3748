import type { OwnMove } from '../domain/own-moves.ts';

/** A live migration of ours that was completed. */
export type FinishedMove = {
  operationId: string;
  serverId: string;
  sourceHostId: string;
  destinationHostId: string;
  /** Of the migration itself, without what is done before and after it. */
  startedAtMs: number;
  endedAtMs: number;
  /** As Nova tells it; null where it did not. */
  memoryMiB: number | null;
};

/** Migration, as Prediction needs it: which moves were our own. */
export type OwnMovesSource = {
  /** Moves that changed at or after a moment; throws when it gets no answer. */
  movesSince(atMs: number): Promise<OwnMove[]>;
  /** The completed ones among them, oldest first; throws when it gets no answer. */
  finishedSince(atMs: number): Promise<FinishedMove[]>;
};
