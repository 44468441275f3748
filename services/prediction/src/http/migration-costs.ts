import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import { type CostDeps, estimateCost } from '../usecases/migration-costs.ts';
import { orNull } from './wire.ts';

const mib = 1024 * 1024;

export const migrationCostHandlers = (
  deps: CostDeps,
): Pick<Handlers<prediction.operations>, 'estimateMigrationCost'> => ({
  estimateMigrationCost: async ({ body }) => {
    const cost = await estimateCost(deps, body);
    const { conditions, loads } = cost;
    const rounded = (ms: number | null) => (ms === null ? null : Math.round(ms));
    return {
      status: 200,
      body: {
        serverId: body.serverId,
        from: body.from,
        to: body.to,
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
      },
    };
  },
});
