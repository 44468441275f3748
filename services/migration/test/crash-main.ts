/**
 * The service as end-to-end tests start it: at the point that SIDESTEP_CRASH_AT names (one of workerPoints) it kills
 * itself with SIGKILL. The service's own main knows nothing of this.
 */
import { runProcess } from '@sidestep/service-kit';
import { composeMigration, migrationConfig, workerPoints } from '../src/index.ts';

const crashAt = workerPoints.find((point) => point === process.env.SIDESTEP_CRASH_AT);
if (crashAt === undefined) {
  process.stderr.write(`SIDESTEP_CRASH_AT must be one of ${workerPoints.join(', ')}\n`);
  process.exit(1);
}

await runProcess(
  () =>
    composeMigration(migrationConfig(process.env), {
      onPoint: async (point) => {
        if (point !== crashAt) return;
        process.kill(process.pid, 'SIGKILL');
        await new Promise(() => undefined);
      },
    }),
  { endWithStdin: process.env.SIDESTEP_END_WITH_STDIN === 'true' },
);
