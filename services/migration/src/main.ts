import { runProcess } from '@sidestep/service-kit';
import { composeMigration } from './compose.ts';
import { migrationConfig } from './config.ts';

await runProcess(() => composeMigration(migrationConfig(process.env)), {
  endWithStdin: process.env.SIDESTEP_END_WITH_STDIN === 'true',
});
