import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** A process that the harness started, and that it alone ends. */
export interface OwnedProcess {
  readonly pid: number;
  /** Ends it: asks, and kills after 5 s. Ended already: nothing happens. */
  stop(): Promise<void>;
}

/** What to start; standard output and error go to the log file. */
export interface ProcessOptions {
  command: string;
  args: readonly string[];
  logFile: string;
}

const STOP_LIMIT_MS = 5_000;

/** Starts a process; one that cannot be started rejects. */
export async function startProcess({
  command,
  args,
  logFile,
}: ProcessOptions): Promise<OwnedProcess> {
  const log = openSync(logFile, 'a');
  const child = spawn(command, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  // A harness that dies must not leave the machine under load.
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? -1));
  });
  return {
    pid,
    stop: async () => {
      child.kill('SIGTERM');
      const limit = setTimeout(kill, STOP_LIMIT_MS);
      if (child.exitCode === null && child.signalCode === null) await ended;
      clearTimeout(limit);
      process.off('exit', kill);
    },
  };
}

/** The last lines of a log, for the message of a failure. */
export function lastLines(file: string, count = 15): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-count).join('\n');
  } catch {
    return '(no log)';
  }
}
