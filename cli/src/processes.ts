import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

export type ProcessSpec = {
  name: string;
  command: string;
  args: readonly string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Where its output goes. */
  logFile: string;
};

export type OwnProcess = {
  name: string;
  pid: number;
  /** The first line on its standard output that `wanted` takes; fails when it ends or the time is over before. */
  firstLine(wanted: (line: string) => boolean, withinMs: number): Promise<string>;
  /** Resolves with its exit code when it ends; null when a signal ended it. */
  ended: Promise<number | null>;
  /** Resolves when it has ended and its last words are in its log. */
  logged: Promise<void>;
};

/** Processes that we started, in order; stopping undoes it in reverse. Nothing else is ever signalled. */
export type Processes = {
  start(spec: ProcessSpec): OwnProcess;
  /** Stops all, the last started first: SIGTERM, then after the limit SIGKILL. */
  stopAll(): Promise<void>;
  /** Rejects when any process ends by itself. */
  watch(): Promise<never>;
};

const stopWithinMs = 12_000;

export function ownProcesses(): Processes {
  const running: { spec: ProcessSpec; child: ChildProcess; ended: Promise<number | null> }[] = [];
  let stopping = false;
  let reportDeath: (error: Error) => void = () => undefined;
  const death = new Promise<never>((_resolve, reject) => {
    reportDeath = reject;
  });
  death.catch(() => undefined);

  return {
    start: (spec) => {
      const log = createWriteStream(spec.logFile, { flags: 'a', mode: 0o600 });
      const child = spawn(spec.command, [...spec.args], {
        cwd: spec.cwd,
        env: { ...process.env, ...spec.env },
        // A group of its own: Ctrl-C reaches only us, and we stop it in its turn. Its standard input is a pipe that
        // closes when we die, however we die.
        detached: true,
        stdio: ['pipe', 'pipe', 'pipe'],
      });
      child.stdin?.on('error', () => undefined);
      child.stderr?.pipe(log, { end: false });
      const lines = createInterface({ input: child.stdout ?? process.stdin });
      lines.on('line', (line) => log.write(`${line}\n`));
      const ended = new Promise<number | null>((resolve) => {
        child.once('error', (error) => {
          log.write(`${error.message}\n`);
          resolve(127);
        });
        child.once('exit', (code) => resolve(code));
      });
      // Its exit is known before its last words have been read: its pipes close after them.
      const silent = [child, lines].map(
        (speaker) => new Promise<void>((resolve) => speaker.once('close', () => resolve())),
      );
      const logged = Promise.all(silent).then(
        () => new Promise<void>((resolve) => log.end(() => resolve())),
      );
      void ended.then((code) => {
        if (!stopping) {
          reportDeath(
            new Error(
              `${spec.name} ended by itself (exit code ${code ?? 'none'}); its log is ${spec.logFile}`,
            ),
          );
        }
      });
      running.push({ spec, child, ended });
      return {
        name: spec.name,
        pid: child.pid ?? -1,
        ended,
        logged,
        firstLine: (wanted, withinMs) =>
          new Promise((resolve, reject) => {
            const timer = setTimeout(() => {
              reject(
                new Error(
                  `${spec.name} said nothing for ${withinMs} ms; its log is ${spec.logFile}`,
                ),
              );
            }, withinMs);
            lines.on('line', (line) => {
              if (!wanted(line)) return;
              clearTimeout(timer);
              resolve(line);
            });
            void ended.then((code) => {
              clearTimeout(timer);
              reject(
                new Error(
                  `${spec.name} ended (exit code ${code ?? 'none'}) before it was ready; its log is ${spec.logFile}`,
                ),
              );
            });
          }),
      };
    },

    stopAll: async () => {
      stopping = true;
      for (const { child, ended } of running.splice(0).reverse()) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGTERM');
        const cut = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
        await ended;
        clearTimeout(cut);
      }
    },

    watch: () => death,
  };
}
