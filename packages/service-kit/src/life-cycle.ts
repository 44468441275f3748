import { ConfigError } from './config.ts';
import { PortInUse } from './listen.ts';

/** A composed process: what compose.ts answers. */
export type Running = { start(): Promise<void>; close(): Promise<void> };

/**
 * Runs a process to its end: start, close on SIGINT or SIGTERM, exit 0. Unusable settings are one message and exit 1;
 * so is a port in use. What close() cannot end within the limit is cut.
 */
export async function runProcess(
  compose: () => Promise<Running> | Running,
  options: {
    closeWithinMs?: number;
    /** Close when standard input ends: whoever started us with a pipe has died. */
    endWithStdin?: boolean;
  } = {},
): Promise<void> {
  let running: Running | undefined;
  let closing = false;
  const close = async () => {
    if (closing) return;
    closing = true;
    const cut = setTimeout(() => process.exit(1), options.closeWithinMs ?? 10_000);
    cut.unref();
    await running?.close();
    process.exit(0);
  };
  process.once('SIGINT', close);
  process.once('SIGTERM', close);
  if (options.endWithStdin === true) process.stdin.once('end', close).resume();
  try {
    running = await compose();
    await running.start();
  } catch (error) {
    const plain = error instanceof ConfigError || error instanceof PortInUse;
    process.stderr.write(
      `${plain ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
    );
    await running?.close().catch(() => undefined);
    process.exit(1);
  }
}
