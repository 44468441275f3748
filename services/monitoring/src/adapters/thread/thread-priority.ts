import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';

/**
 * Leaves the cores to other threads where there are too few: what this thread does is large and no hurry. Linux has a priority for
 * each thread (setpriority(2): PRIO_PROCESS with a thread's id); elsewhere, and where it is refused, the thread goes on as it is.
 */
export function letOthersGoFirst(): void {
  try {
    const [, threadId] = /\/task\/(\d+)$/.exec(readlinkSync('/proc/thread-self')) ?? [];
    if (threadId !== undefined)
      setPriority(Number(threadId), constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // No such file, or not allowed.
  }
}
