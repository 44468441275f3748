/** A wake-up: it carries ids, never the truth. */
export type Job = { name: string; data: Record<string, string | number | boolean> };

export type JobOptions = {
  /** A job of the same id that still waits is the same job. */
  jobId?: string;
  delayMs?: number;
};

export type Worker = { close(): Promise<void> };

/** Wake-ups, retries and schedules. What is lost here is rebuilt from Records. */
export type Jobs = {
  enqueue(queue: string, job: Job, options?: JobOptions): Promise<void>;
  /** Works the queue's jobs, at most `concurrency` at once. A job that throws is tried again by its owner's reconciling, not here. */
  work(
    queue: string,
    process: (job: Job) => Promise<void>,
    options: { concurrency: number },
  ): Worker;
  /** Is the queue's server there? */
  ping(): Promise<{ ok: boolean; detail: string | null }>;
  close(): Promise<void>;
};
