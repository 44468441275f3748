import type { GapMethod } from '../domain/hop-plan.ts';

/** What is counted for whoever watches the service. */
export type Meters = {
  /** A run of a re-render has ended; one that failed may be gone on with. */
  repathEnded(outcome: 'completed' | 'failed'): void;
  /** A hop is whole again: how long its traffic was stopped, and how long it went past. */
  hopRendered(hop: {
    readonly method: GapMethod;
    readonly gapMs: number;
    readonly bypassMs: number;
  }): void;
  /** Changes, drains, standbys and re-renders that are not ended. */
  openOperations(kind: OpenOperation, count: number): void;
  orphans(count: number): void;
};

export type OpenOperation = 'change' | 'repath' | 'drain' | 'standby';
