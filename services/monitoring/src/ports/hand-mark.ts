/** What was in hand at a time: samples in memory, on their way to the store. */
export interface InHand {
  /** ms since the epoch. */
  readonly atMs: number;
  readonly samples: number;
}

/** A note of what is in hand that outlives the process, so that the next one can tell what a kill has cost. */
export interface HandMark {
  /** What the last process noted last; undefined where it ended in order, or there was none. */
  read(): InHand | undefined;
  write(inHand: InHand): void;
  /** The process ends in order: nothing is in hand. */
  clear(): void;
}
