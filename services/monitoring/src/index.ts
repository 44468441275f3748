export { listenUdp } from './adapters/udp/udp-listener.ts';
export { compose } from './compose.ts';
export { type MonitoringSettings, monitoringSettings } from './config.ts';
export { percentileByNearestRank } from './domain/aggregates.ts';
export type { AlarmRule } from './domain/alarm-rule.ts';
export { AlarmDesk } from './usecases/alarm-desk.ts';
export { SeriesCatalogue } from './usecases/series-catalogue.ts';
