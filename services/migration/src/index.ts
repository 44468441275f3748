export { composeMigration, type Migration, type MigrationParts } from './compose.ts';
export { type MigrationConfig, migrationConfig } from './config.ts';
export { type OnPoint, type WorkerPoint, workerPoints } from './usecases/operate/step.ts';
