import { once } from 'node:events';
import { getPriority } from 'node:os';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';

test.skipIf(process.platform !== 'linux')(
  'a thread that lets others go first changes its own priority, not the process’',
  async () => {
    const before = getPriority();
    const thread = new Worker(new URL('./fixtures/humble-thread.ts', import.meta.url));

    const [told] = await once(thread, 'message');

    expect(told).toEqual({ thread: Math.max(10, before), process: before });
    expect(getPriority()).toBe(before);
    await thread.terminate();
  },
);
