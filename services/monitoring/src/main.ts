import { runProcess } from '@sidestep/service-kit';
import { compose } from './compose.ts';
import { monitoringSettings } from './config.ts';

await runProcess(() => compose(monitoringSettings(process.env)), {
  endWithStdin: process.env.SIDESTEP_END_WITH_STDIN === 'true',
});
