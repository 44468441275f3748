import { type Jobs, silentLog } from '@sidestep/service-kit';
import { memoryJobs } from '@sidestep/service-kit/testing';
import { expect, test } from 'vitest';
import { coalesced } from '../src/jobs/coalesced.ts';
import { alarmQueue, wakeUps } from '../src/jobs/wake-ups.ts';

/** A queue that hands on as many jobs at once as its worker takes. */
function queueOf(waiting: number): { jobs: Jobs; emptied: () => Promise<void> } {
  let emptied: Promise<unknown> = Promise.resolve();
  return {
    jobs: {
      ...memoryJobs(),
      work: (queue, process, { concurrency }) => {
        let left = queue === alarmQueue ? waiting : 0;
        const take = async (): Promise<void> => {
          for (; left > 0; ) {
            left -= 1;
            await process({ name: 'alarm-changed', data: {} });
          }
        };
        const takers = Promise.all(Array.from({ length: concurrency }, take));
        emptied = Promise.all([emptied, takers]);
        return { close: async () => undefined };
      },
    },
    emptied: async () => {
      await emptied;
    },
  };
}

test('alarms that come in a storm are looked at together, and none before it came', async () => {
  const { jobs, emptied } = queueOf(60);
  let looks = 0;
  const queues = wakeUps({
    jobs,
    log: silentLog,
    concurrency: 1,
    onAlarm: coalesced(async () => {
      looks += 1;
      await Promise.resolve();
    }),
    run: async () => undefined,
  });

  queues.start();
  await emptied();

  // The first begins at once; all that came meanwhile share the one that begins after it.
  expect(looks).toBe(2);
  await queues.close();
});
