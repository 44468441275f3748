import type { TrainerOutcome, TrainerProgress, TrainingTask } from '../../ports/trainer.ts';

/** What the training process needs to reach Monitoring by itself. */
export type MonitoringAccess = { baseUrl: string; token: string };

/** From the service to the training process; one a process. */
export type WorkerOrder =
  | { kind: 'train'; task: TrainingTask; monitoring: MonitoringAccess }
  | { kind: 'probe' };

/** From the training process to the service. */
export type WorkerReport =
  | { kind: 'progress'; progress: TrainerProgress }
  | { kind: 'outcome'; outcome: TrainerOutcome }
  | { kind: 'backend'; backend: string; passedOver: readonly string[] };
