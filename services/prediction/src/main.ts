import { runProcess } from '@sidestep/service-kit';
import { composePrediction } from './compose.ts';
import { predictionConfig } from './config.ts';

await runProcess(() => composePrediction(predictionConfig(process.env)));
