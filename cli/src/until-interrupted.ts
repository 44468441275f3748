import type { Output } from './output.ts';

/**
 * Runs `work` until it ends or the user interrupts (Ctrl-C, SIGTERM), then stops what was started. Answers the exit
 * code: what `work` says, 0 after an interrupt, 1 where `work` fails.
 */
export async function untilInterrupted(
  started: { stop(): Promise<void> },
  output: Output,
  work: () => Promise<number | undefined>,
): Promise<number> {
  let interrupt: () => void = () => undefined;
  const interrupted = new Promise<number>((resolve) => {
    interrupt = () => resolve(0);
  });
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    return (await Promise.race([work(), interrupted])) ?? 0;
  } catch (error) {
    output.line(`stopping: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    output.line('stopping what was started …');
    await started.stop();
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
