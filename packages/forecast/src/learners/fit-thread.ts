import { parentPort } from 'node:worker_threads';
import { runFitJob } from './fit-jobs.ts';
import type { FitOrder } from './fit-pool.ts';

/** A thread of the pool: each order is one fit, its answer what the fit made. */
parentPort?.on('message', async ({ job, rows, binned }: FitOrder) => {
  parentPort?.postMessage(await runFitJob(job, { rows, binned: () => binned }));
});
