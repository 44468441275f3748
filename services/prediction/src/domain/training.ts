import type { TrainableKind } from '@sidestep/forecast';

/** Problem details (RFC 9457), as kept with what failed. */
export type StoredProblem = {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  traceId: string;
};

export type TrainingState = 'queued' | 'running' | 'completed' | 'failed';

/** One training, from its request to its end. */
export type Training = {
  id: string;
  state: TrainingState;
  /** 0–1. */
  progress: number;
  requestedAtMs: number;
  startedAtMs: number | null;
  endedAtMs: number | null;
  /** The side outlook that the model is for; absent: the chief one. */
  outlook?: string;
  /** What kind of model was asked for; absent: the one that the settings name. */
  kind?: TrainableKind;
  /** How far back it looks. */
  lastMs: number;
  seed: number;
  /** Asked for by a caller, or by the service itself. */
  trigger: 'manual' | 'automatic';
  backend: string | null;
  detail: string;
  modelVersion: string | null;
  problem: StoredProblem | null;
};

/** What may follow what; there is no way back from an end. */
const followers = {
  queued: ['running', 'failed'],
  running: ['completed', 'failed'],
  completed: [],
  failed: [],
} as const satisfies Record<TrainingState, readonly TrainingState[]>;

/** Whether a training may go from one state to another. */
export const mayFollow = (from: TrainingState, to: TrainingState): boolean =>
  (followers[from] as readonly TrainingState[]).includes(to);

export const isOpen = ({ state }: Pick<Training, 'state'>): boolean =>
  state === 'queued' || state === 'running';
