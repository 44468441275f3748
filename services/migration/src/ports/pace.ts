import type { Fence } from '@sidestep/service-kit';

/** How a worker passes time: real in the service, by hand in tests. */
export type Pace = {
  /** Resolves after so long, or at once when the worker is to stop. */
  pause(forMs: number): Promise<void>;
  /** Is the worker to stop? What it was doing is gone on with by the next one. */
  stopping(): boolean;
  /** Renews the lease until it is told to stop. */
  keepLease(fence: Fence): { stop(): void };
};
