import { Worker } from 'node:worker_threads';
import type { OptimizationOutcome, Optimizer } from '../../ports/optimizer.ts';
import type { SearchOrder, SearchReport, ServiceAccess } from './optimizer-messages.ts';

export type ThreadedOptimizerOptions = {
  monitoring: ServiceAccess;
  prediction: ServiceAccess;
  /** Bound of the thread's JavaScript heap. */
  maxHeapMiB: number;
  /** The thread's program; given in tests. */
  program?: URL;
};

/** Searches in a thread of its own, which reads the fleet by itself: the service goes on deciding meanwhile. */
export function threadedOptimizer(options: ThreadedOptimizerOptions): Optimizer {
  const { maxHeapMiB, monitoring, prediction } = options;
  const program = options.program ?? new URL('../../optimise-worker.ts', import.meta.url);
  return {
    search: (order, signal) =>
      new Promise((resolve) => {
        const workerData: SearchOrder = { order, monitoring, prediction };
        const thread = new Worker(program, {
          workerData,
          // No environment: the thread gets what it needs in its order, and no secret beside.
          env: {},
          resourceLimits: { maxOldGenerationSizeMb: maxHeapMiB },
        });
        const settle = (outcome: OptimizationOutcome) => {
          signal.removeEventListener('abort', stop);
          resolve(outcome);
          void thread.terminate();
        };
        const failed = (detail: string) =>
          settle({ kind: 'failed', problem: { code: 'INTERNAL', detail } });
        const stop = () => failed('the search was stopped, or did not end in time');
        if (signal.aborted) stop();
        signal.addEventListener('abort', stop, { once: true });
        thread.once('message', (report: SearchReport) => settle(report));
        thread.once('error', (error) => failed(`the search broke off: ${String(error)}`));
        thread.once('exit', (code) => failed(`the search ended by itself (code ${code})`));
      }),
  };
}
