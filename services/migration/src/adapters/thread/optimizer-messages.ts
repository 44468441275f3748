import type { OptimizationOrder, OptimizationOutcome } from '../../ports/optimizer.ts';

/** Where another service answers, and how to ask it. */
export type ServiceAccess = { baseUrl: string; token: string; timeoutMs: number };

/** All that the search's thread is told. */
export type SearchOrder = {
  order: OptimizationOrder;
  monitoring: ServiceAccess;
  prediction: ServiceAccess;
};

/** All that it tells. */
export type SearchReport = OptimizationOutcome;
