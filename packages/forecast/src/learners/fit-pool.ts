import { Worker } from 'node:worker_threads';
import type { BinnedRows } from './bins.ts';
import { type FitJob, type FitRows, type Fitted, runFitJob } from './fit-jobs.ts';
import type { LabelledRows } from './rows.ts';

/** Does fits side by side; their order and their threads change nothing in what they make. */
export type FitPool = {
  /** What the jobs made, in their order. */
  fit(jobs: readonly FitJob[], rows: FitRows): Promise<Fitted[]>;
  close(): Promise<void>;
};

/** What a thread is told: rows in shared memory, which costs no copy. */
export type FitOrder = {
  readonly job: FitJob;
  readonly rows: LabelledRows;
  readonly binned: BinnedRows;
};

/** Fits one after another in the thread that asks. */
export const inlineFits: FitPool = {
  async fit(jobs, rows) {
    const made: Fitted[] = [];
    for (const job of jobs) made.push(await runFitJob(job, rows));
    return made;
  },
  close: async () => undefined,
};

/** Fits in so many threads; what a thread could not do, the asking one does itself. */
export const threadedFits = (
  threads: number,
  program = new URL('./fit-thread.ts', import.meta.url),
): FitPool => {
  const workers = Array.from(
    { length: threads },
    // No environment: a thread gets what it needs in its orders.
    () => new Worker(program, { env: {} }),
  );
  const alive = new Set(workers);
  for (const worker of workers) {
    worker.unref();
    const gone = () => alive.delete(worker);
    worker.on('error', gone);
    worker.on('exit', gone);
  }
  return {
    async fit(jobs, rows) {
      const binned = rows.binned();
      const made = new Map<number, Fitted>();
      let next = 0;
      const work = async (worker: Worker) => {
        while (next < jobs.length && alive.has(worker)) {
          const at = next++;
          const job = jobs[at];
          if (job === undefined) return;
          const answer = await ask(worker, { job, rows: rows.rows, binned });
          if (answer === 'broken') return;
          made.set(at, answer);
        }
      };
      await Promise.all([...alive].map(work));
      const all: Fitted[] = [];
      for (const [at, job] of jobs.entries())
        all.push(made.get(at) ?? (await runFitJob(job, rows)));
      return all;
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
};

// A thread that breaks off says so by its error or its end, never by silence.
const ask = (worker: Worker, order: FitOrder): Promise<Fitted | 'broken'> =>
  new Promise((resolve) => {
    const settle = (answer: Fitted | 'broken') => {
      worker.off('message', settle);
      worker.off('error', broken);
      worker.off('exit', broken);
      worker.unref();
      resolve(answer);
    };
    const broken = () => settle('broken');
    worker.on('message', settle);
    worker.on('error', broken);
    worker.on('exit', broken);
    worker.ref();
    worker.postMessage(order);
  });
