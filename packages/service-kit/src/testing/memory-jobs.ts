import type { Job, JobOptions, Jobs } from '../jobs.ts';

export type MemoryJobs = Jobs & {
  /** Everything that was put in, oldest first. */
  readonly enqueued: readonly (Job & JobOptions & { queue: string })[];
  /** Hands every waiting job to its worker, delays passed over, until none waits. */
  drain(): Promise<void>;
  /** Forgets what waits, as a wiped Redis does. */
  wipe(): void;
  /** From now on the queue's server is away, or back. */
  away(isAway: boolean): void;
};

export function memoryJobs(): MemoryJobs {
  const enqueued: (Job & JobOptions & { queue: string })[] = [];
  let waiting: (Job & JobOptions & { queue: string })[] = [];
  const workers = new Map<string, (job: Job) => Promise<void>>();
  let isAway = false;
  return {
    enqueued,
    enqueue: async (queue, job, options = {}) => {
      if (isAway) throw new Error('the queue is away');
      if (
        options.jobId !== undefined &&
        waiting.some((w) => w.queue === queue && w.jobId === options.jobId)
      )
        return;
      const entry = { queue, ...job, ...options };
      enqueued.push(entry);
      waiting.push(entry);
    },
    work: (queue, process) => {
      workers.set(queue, process);
      return { close: async () => void workers.delete(queue) };
    },
    ping: async () => (isAway ? { ok: false, detail: 'away' } : { ok: true, detail: null }),
    close: async () => workers.clear(),
    drain: async () => {
      for (let rounds = 0; rounds < 10_000; rounds++) {
        const index = waiting.findIndex((job) => workers.has(job.queue));
        const [job] = index < 0 ? [] : waiting.splice(index, 1);
        if (job === undefined) return;
        await workers.get(job.queue)?.({ name: job.name, data: job.data });
      }
      throw new Error('the queue never runs dry');
    },
    wipe: () => {
      waiting = [];
    },
    away: (nowAway) => {
      isAway = nowAway;
    },
  };
}
