import { Worker as BullWorker, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import type { Jobs, Worker } from './jobs.ts';
import type { Log } from './log.ts';

export type BullJobsOptions = {
  redisUrl: string;
  /** Of all keys in Redis: those of other prefixes are others' queues. */
  prefix: string;
  log: Log;
  /** How long putting a job in may take; default 1,000. */
  enqueueTimeoutMs?: number;
  /** How long a running job may go on after close; default 5,000. */
  closeTimeoutMs?: number;
};

/** Jobs on BullMQ. While Redis is away an enqueue fails within its limit and the workers go on trying to reconnect. */
export function bullmqJobs(options: BullJobsOptions): Jobs {
  const { log, prefix } = options;
  const enqueueTimeoutMs = options.enqueueTimeoutMs ?? 1_000;
  const closeTimeoutMs = options.closeTimeoutMs ?? 5_000;
  const queues = new Map<string, Queue>();
  const workers = new Map<BullWorker, Redis>();
  const quiet = onceAMinute((error: Error) =>
    log.warn({ error: error.message }, 'Redis is not reachable'),
  );

  const connection = (blocking: boolean): Redis => {
    const redis = new Redis(options.redisUrl, {
      // BullMQ's workers block on Redis for long; anything else is to fail fast rather than to pile up.
      maxRetriesPerRequest: blocking ? null : 1,
      enableOfflineQueue: blocking,
      connectTimeout: 2_000,
      retryStrategy: (times) => Math.min(100 * times, 2_000),
    });
    redis.on('error', quiet);
    return redis;
  };
  const producer = connection(false);

  const queueOf = (name: string): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const queue = new Queue(name, { connection: producer, prefix, skipWaitingForReady: true });
    queue.on('error', quiet);
    queues.set(name, queue);
    return queue;
  };

  return {
    enqueue: async (queue, job, jobOptions = {}) => {
      await within(
        enqueueTimeoutMs,
        ready(producer, enqueueTimeoutMs).then(() =>
          queueOf(queue).add(job.name, job.data, {
            ...(jobOptions.jobId === undefined ? {} : { jobId: jobOptions.jobId }),
            ...(jobOptions.delayMs === undefined ? {} : { delay: jobOptions.delayMs }),
            attempts: 1,
            removeOnComplete: true,
            removeOnFail: { count: 100 },
          }),
        ),
      );
    },

    work: (queue, process, { concurrency }): Worker => {
      const blocking = connection(true);
      const worker = new BullWorker(
        queue,
        async (job) => {
          await process({
            name: job.name,
            data: job.data as Record<string, string | number | boolean>,
          });
        },
        { connection: blocking, prefix, concurrency },
      );
      worker.on('error', quiet);
      worker.on('failed', (job, error) =>
        log.error({ queue, job: job?.name, error }, 'A job failed'),
      );
      workers.set(worker, blocking);
      return {
        close: async () => {
          workers.delete(worker);
          await closeWorker(worker, blocking, closeTimeoutMs);
        },
      };
    },

    ping: async () => {
      try {
        await within(
          enqueueTimeoutMs,
          ready(producer, enqueueTimeoutMs).then(() => producer.ping()),
        );
        return { ok: true, detail: null };
      } catch (error) {
        return { ok: false, detail: error instanceof Error ? error.message : String(error) };
      }
    },

    close: async () => {
      await Promise.all(
        [...workers].map(([worker, blocking]) => closeWorker(worker, blocking, closeTimeoutMs)),
      );
      await Promise.all([...queues.values()].map((queue) => queue.close().catch(quiet)));
      producer.disconnect();
    },
  };
}

/**
 * Lets a worker's running job end. Where Redis never answered, BullMQ waits for it for ever: the limit cuts that, and
 * dropping the connection ends what is left.
 */
async function closeWorker(worker: BullWorker, connection: Redis, withinMs: number): Promise<void> {
  await within(withinMs, worker.close()).catch(() => undefined);
  connection.disconnect();
}

/** Waits for the connection's first hello; a command sent earlier would be refused. */
function ready(redis: Redis, withinMs: number): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      redis.off('ready', onReady);
      finish();
    };
    const onReady = () => settle(resolve);
    const timer = setTimeout(
      () => settle(() => reject(new Error(`Redis did not answer within ${withinMs} ms`))),
      withinMs,
    );
    redis.on('ready', onReady);
  });
}

async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Redis did not answer within ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function onceAMinute<T>(act: (value: T) => void): (value: T) => void {
  let last = Number.NEGATIVE_INFINITY;
  return (value) => {
    const now = performance.now();
    if (now - last < 60_000) return;
    last = now;
    act(value);
  };
}
