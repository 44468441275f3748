export { composePrediction, type Prediction, type PredictionParts } from './compose.ts';
export { type PredictionConfig, predictionConfig } from './config.ts';
