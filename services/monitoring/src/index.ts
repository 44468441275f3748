export { compose } from './compose.ts';
export { type MonitoringSettings, monitoringSettings } from './config.ts';
export { percentileByNearestRank } from './domain/aggregates.ts';
