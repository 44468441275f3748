import { runProcess } from '@sidestep/service-kit';
import { composePrediction } from './compose.ts';
import { predictionConfig } from './config.ts';

await runProcess(() => composePrediction(predictionConfig(process.env)), {
  endWithStdin: process.env.SIDESTEP_END_WITH_STDIN === 'true',
});
