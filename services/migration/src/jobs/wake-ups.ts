import type { Jobs, Log } from '@sidestep/service-kit';
import type { Operation } from '../domain/operation.ts';

/** Monitoring puts a job here when an alarm is raised or cleared. */
export const alarmQueue = 'alarm-wake';
export const operationsQueue = 'operations';

/** Alarms whose wake-ups wait together for the next look: in a storm each would else have a look of its own, one after another. */
const alarmsAtOnce = 100;

export type WakeUps = {
  /** Tells the workers of an operation; works it here where the queue does not take the job. */
  wake(operation: Operation): Promise<void>;
  start(): void;
  /** Takes no new job and waits for those that run. */
  close(): Promise<void>;
};

/** The queue's side of the service: jobs carry ids only, and a lost one is made again from Records. */
export function wakeUps(options: {
  jobs: Jobs;
  log: Log;
  concurrency: number;
  onAlarm(): Promise<void>;
  run(operationId: string): Promise<void>;
}): WakeUps {
  const { jobs, log } = options;
  const here = new Set<Promise<void>>();
  let workers: { close(): Promise<void> }[] = [];

  const runGuarded = async (operationId: string) => {
    try {
      await options.run(operationId);
    } catch (error) {
      // A job that failed would keep its id: the same attempt could not be queued again.
      log.error({ operationId, error }, 'The operation’s worker broke off');
    }
  };

  return {
    wake: async ({ id, attempt }) => {
      const job = { name: 'run', data: { operationId: id, attempt } };
      try {
        await jobs.enqueue(operationsQueue, job, { jobId: `${id}-${attempt}` });
      } catch (error) {
        log.warn({ operationId: id, error }, 'The queue is away: the operation is worked here');
        const running = runGuarded(id).finally(() => here.delete(running));
        here.add(running);
      }
    },
    start: () => {
      workers = [
        jobs.work(alarmQueue, () => options.onAlarm(), { concurrency: alarmsAtOnce }),
        jobs.work(
          operationsQueue,
          async ({ data }) => {
            if (typeof data.operationId === 'string') await runGuarded(data.operationId);
          },
          { concurrency: options.concurrency },
        ),
      ];
    },
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all(here);
    },
  };
}
