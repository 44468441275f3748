import { setTimeout as sleep } from 'node:timers/promises';
import { everyMs, type Records } from '@sidestep/service-kit';
import type { Pace } from '../../ports/pace.ts';

/** Real time; `stop` wakes every worker that pauses and tells it to leave off. */
export function realPace(records: Records, leaseMs: number): Pace & { stop(): void } {
  const stopped = new AbortController();
  return {
    pause: async (forMs) => {
      await sleep(forMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    },
    stopping: () => stopped.signal.aborted,
    keepLease: (fence) => {
      // A renewal that fails is no matter: the next write under the fence finds out.
      const ticker = everyMs(
        Math.ceil(leaseMs / 3),
        async () => {
          await records.renewLease(fence, leaseMs);
        },
        () => undefined,
      );
      return { stop: () => void ticker.stop() };
    },
    stop: () => stopped.abort(),
  };
}
