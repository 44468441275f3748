import { runProcess } from '@sidestep/service-kit';
import { composeNfvo } from './compose.ts';
import { readNfvoConfig } from './config.ts';

await runProcess(() => composeNfvo(readNfvoConfig(process.env)), {
  endWithStdin: process.env.SIDESTEP_END_WITH_STDIN === 'true',
});
