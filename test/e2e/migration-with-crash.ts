/**
 * The migration service, struck at the points of an operation that the file SIDESTEP_CRASH_FILE lists: a signal and a
 * point a line (`SIGKILL migrate:intent`). The first line waits for its point, strikes once, and makes way for the next.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { composeMigration, migrationConfig } from '@sidestep/migration';
import { runProcess } from '@sidestep/service-kit';

const file = process.env.SIDESTEP_CRASH_FILE ?? '';

await runProcess(
  () =>
    composeMigration(migrationConfig(process.env), {
      onPoint: async (point) => {
        const [next = '', ...rest] = readFileSync(file, 'utf8').split('\n');
        const [signal, at] = next.split(' ');
        if (at !== point) return;
        writeFileSync(file, rest.join('\n'));
        process.kill(process.pid, signal);
        if (signal === 'SIGKILL') await new Promise(() => undefined);
      },
    }),
  { endWithStdin: process.env.SIDESTEP_END_WITH_STDIN === 'true' },
);
