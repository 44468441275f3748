import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Trainer, TrainerOutcome } from '../../ports/trainer.ts';
import type { MonitoringAccess, WorkerOrder, WorkerReport } from './worker-messages.ts';

export type ForkedTrainerOptions = {
  monitoring: MonitoringAccess;
  /** Bound of the worker's JavaScript heap. */
  maxOldSpaceMiB: number;
  /** Bound of all of the worker's memory, typed arrays included. */
  maxRssMiB: number;
  /** The worker is killed when it has not ended after so long. */
  killAfterMs: number;
  /** The worker's program; given in tests. */
  program?: URL;
};

const probeWithinMs = 60_000;
const memoryEveryMs = 1_000;
const pageBytes = 4_096;

/** Trains in a process of its own, of low priority, that is killed when it goes beyond its time or memory. */
export function forkedTrainer(options: ForkedTrainerOptions): Trainer {
  const program = options.program ?? new URL('../../train-worker.ts', import.meta.url);

  const run = <T>(
    order: WorkerOrder,
    bounds: { killAfterMs: number; signal: AbortSignal },
    onReport: (report: WorkerReport, settle: (result: T) => void) => void,
    onEnd: (words: string) => T,
  ): Promise<T> =>
    new Promise((resolve) => {
      const child = fork(fileURLToPath(program), [], {
        // No environment: the worker gets what it needs in its order, and no secret beside.
        env: {},
        execArgv: [`--max-old-space-size=${options.maxOldSpaceMiB}`],
        serialization: 'advanced',
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
      lowerPriority(child);
      let lastWords = '';
      let why = '';
      let settled = false;
      child.stderr?.on('data', (chunk: Buffer) => {
        lastWords = `${lastWords}${chunk.toString('utf8')}`.slice(-2_000);
      });
      const kill = (reason: string) => {
        why ||= reason;
        child.kill('SIGKILL');
      };
      const clock = setTimeout(
        () => kill(`it did not end within ${bounds.killAfterMs} ms`),
        bounds.killAfterMs,
      );
      const memory = setInterval(() => {
        const rssMiB = residentMiB(child.pid);
        if (rssMiB > options.maxRssMiB)
          kill(`it took ${Math.round(rssMiB)} MiB of memory, ${options.maxRssMiB} at most`);
      }, memoryEveryMs);
      const onAbort = () => kill('it was stopped');
      if (bounds.signal.aborted) onAbort();
      bounds.signal.addEventListener('abort', onAbort, { once: true });
      const settle = (result: T) => {
        if (settled) return;
        settled = true;
        clearTimeout(clock);
        clearInterval(memory);
        bounds.signal.removeEventListener('abort', onAbort);
        resolve(result);
      };
      child.on('message', (report: WorkerReport) => onReport(report, settle));
      child.on('error', (error) => settle(onEnd(error.message)));
      child.on('close', (code, signal) =>
        settle(
          onEnd(why || `it ended by itself (${signal ?? `code ${code}`}) ${lastLine(lastWords)}`),
        ),
      );
      child.send(order, (error) => {
        if (error) kill(`it could not be given its order (${error.message})`);
      });
    });

  return {
    train: (task, { onProgress, signal }) =>
      run<TrainerOutcome>(
        { kind: 'train', task, monitoring: options.monitoring },
        { killAfterMs: options.killAfterMs, signal },
        (report, settle) => {
          if (report.kind === 'progress') onProgress(report.progress);
          if (report.kind === 'outcome') settle(report.outcome);
        },
        (words) =>
          signal.aborted
            ? { kind: 'cancelled' }
            : { kind: 'failed', words: `The training process: ${words}` },
      ),
    probe: (signal) =>
      run<Awaited<ReturnType<Trainer['probe']>>>(
        { kind: 'probe' },
        { killAfterMs: probeWithinMs, signal },
        (report, settle) => {
          if (report.kind === 'backend')
            settle({ kind: 'found', backend: report.backend, passedOver: report.passedOver });
        },
        (words) => ({ kind: 'failed', words }),
      ),
  };
}

// The forecast of each tick comes before the training of the next model.
function lowerPriority({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // A system that does not allow it trains at normal priority.
  }
}

/** Resident memory of a process; 0 where the system does not tell. */
function residentMiB(pid: number | undefined): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return (pages * pageBytes) / 1024 ** 2;
  } catch {
    return 0;
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
