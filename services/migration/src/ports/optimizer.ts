import type { HostId, ServerId } from '@sidestep/fleet';
import type { MoveRules } from '../domain/movability.ts';
import type {
  Optimization,
  OptimizationRequest,
  OptimizationResult,
  PlannedMove,
} from '../domain/optimization.ts';

/** What a search is to look for, and what stands against moves beside what it reads itself. */
export type OptimizationOrder = {
  request: OptimizationRequest;
  held: readonly (readonly [HostId, string])[];
  resting: readonly (readonly [ServerId, string])[];
  rules: MoveRules;
  triggerMetrics: readonly string[];
  maxInventoryAgeMs: number;
};

export type OptimizationOutcome =
  | { kind: 'found'; result: OptimizationResult; moves: readonly PlannedMove[] }
  | { kind: 'failed'; problem: NonNullable<Optimization['problem']> };

/** Searches for better places without holding up anybody else. Throws nothing. */
export type Optimizer = {
  search(order: OptimizationOrder, signal: AbortSignal): Promise<OptimizationOutcome>;
};
