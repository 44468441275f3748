import { featureSetVersion } from './features/extractor.ts';

/** Version of the forecasting code that is written into a model's file. */
export const codeVersion = `forecast-1.features-${featureSetVersion}`;
