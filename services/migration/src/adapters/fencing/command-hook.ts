import { execFile } from 'node:child_process';
import type { FencingAnswer, FencingHook } from '../../ports/fencing.ts';
import { maxAnswerBytes, readAnswer } from './read-answer.ts';

/** Where the command finds its own tools: nothing else of our environment, which holds secrets, is handed on. */
const handedOn = ['PATH', 'HOME', 'LANG'] as const;

/**
 * A program of the operator, called with the host and the incident. Exit code 0 and JSON on stdout that says `fenced`
 * confirm; no shell is between.
 */
export function commandHook(options: { path: string; timeoutMs: number }): FencingHook {
  return {
    fence: ({ hostId, incidentId, reason }) =>
      new Promise<FencingAnswer>((resolve) => {
        const env = Object.fromEntries(handedOn.map((name) => [name, process.env[name]]));
        const settings = {
          maxBuffer: maxAnswerBytes,
          env: { ...env, SIDESTEP_FENCING_REASON: reason },
        };
        const child = execFile(options.path, [hostId, incidentId], settings, (error, stdout) => {
          clearTimeout(limit);
          resolve(error === null ? readAnswer(stdout) : failure(error));
        });
        // What the program left running may hold its output open: its end is not waited for.
        const limit = setTimeout(() => {
          child.kill('SIGKILL');
          child.stdout?.destroy();
          child.stderr?.destroy();
          resolve({ kind: 'unsure', detail: `no answer within ${options.timeoutMs} ms` });
        }, options.timeoutMs);
      }),
  };
}

function failure({ code }: { code?: unknown }): FencingAnswer {
  const detail =
    typeof code === 'number' ? `it ended with exit code ${code}` : `it could not be run (${code})`;
  return { kind: 'unsure', detail };
}
