export { composeMigration, type Migration, type MigrationParts } from './compose.ts';
export { type MigrationConfig, migrationConfig } from './config.ts';
export type { GuardrailLimits } from './domain/guardrails/limits.ts';
export type { Move } from './domain/guardrails/moves.ts';
export { type Breach, type Recorded, replay } from './domain/guardrails/replay.ts';
export type { MoveQuestion, PairToScore, Weighing } from './domain/plan-move.ts';
export { type PruningRegret, pruningRegret } from './domain/pruning-regret.ts';
export {
  drainPoints,
  type OnPoint,
  type WorkerPoint,
  workerPoints,
} from './usecases/operate/step.ts';
