import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import {
  type AskedMove,
  type CostDeps,
  estimateCost,
  estimateCosts,
  type MigrationCost,
} from '../usecases/migration-costs.ts';
import { orNull } from './wire.ts';

const mib = 1024 * 1024;

/** `recent` is for many moves at once: an inventory of a few seconds ago serves them. */
export const migrationCostHandlers = (
  deps: CostDeps,
  recent: CostDeps,
): Pick<Handlers<prediction.operations>, 'estimateMigrationCost' | 'estimateMigrationCosts'> => ({
  estimateMigrationCost: async ({ body }) => ({
    status: 200,
    body: costOnWire(body, await estimateCost(deps, body)),
  }),
  estimateMigrationCosts: async ({ body }) => {
    const costs = await estimateCosts(recent, body.moves);
    return {
      status: 200,
      body: { costs: costs.map(({ asked, cost }) => costOnWire(asked, cost)) },
    };
  },
});

function costOnWire(
  { serverId, from, to }: AskedMove,
  cost: MigrationCost,
): prediction.components['schemas']['MigrationCost'] {
  const { conditions, loads } = cost;
  const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));
  return {
    serverId,
    from,
    to,
    method: cost.method,
    expectedMs: Math.round(cost.expectedMs),
    lowMs: rounded(cost.lowMs),
    highMs: rounded(cost.highMs),
    downtimeMs: Math.round(cost.downtimeMs),
    trafficBytes: Math.round(cost.trafficMiB * mib),
    converges: cost.converges,
    operations: cost.operations,
    assumptions: {
      memoryMiB: conditions.memoryMiB,
      dirtyMiBPerSecond: conditions.dirtyMiBPerSecond,
      bandwidthMiBPerSecond: conditions.bandwidthMiBPerSecond,
      fromCpuPercent: orNull(loads.fromCpuPercent),
      toCpuPercent: orNull(loads.toCpuPercent),
      notes: [...conditions.notes],
    },
  };
}
