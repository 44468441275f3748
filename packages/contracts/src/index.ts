export type { OpenApiDocument } from './bundle.ts';
export {
  answer,
  type ClientOptions,
  type MigrationClient,
  type MonitoringClient,
  type NfvoClient,
  type PredictionClient,
  type ServiceClient,
  serviceClient,
} from './client.ts';
export { openApiDocument } from './document.ts';
export { type FleetAnswer, fleetMirror, type MirroredFleet } from './fleet-mirror.ts';
export type * as migration from './generated/migration.ts';
export type * as monitoring from './generated/monitoring.ts';
export type * as nfvo from './generated/nfvo.ts';
export type * as prediction from './generated/prediction.ts';
export { type Problem, ServiceError } from './service-error.ts';
export { type ServiceName, serviceNames } from './service-names.ts';
