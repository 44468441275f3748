import type { migration } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import {
  explainMovability,
  type Movability,
  type MovabilityOptions,
} from '../usecases/explain-movability.ts';
import { toDataWindow } from './to-contract.ts';

export const movabilityHandlers = (
  options: MovabilityOptions,
): Pick<Handlers<migration.operations>, 'getMovability'> => ({
  getMovability: async ({ params: { serverId } }) => ({
    status: 200,
    body: toMovability(await explainMovability(options, serverId)),
  }),
});

function toMovability(found: Movability): migration.components['schemas']['Movability'] {
  const { obstacles, destinations, rejected, data, rests, ...same } = found;
  return {
    ...same,
    movable: obstacles.length === 0 && rests === null && destinations.length > 0,
    obstacles: [...obstacles],
    rests,
    destinations: destinations.map(({ hostId, cpuPercent, risk }) => ({
      hostId,
      cpuPercent: cpuPercent === 'unknown' ? null : cpuPercent,
      risk: risk === 'unknown' ? null : risk,
    })),
    rejected: [...rejected],
    data: toDataWindow(data),
  };
}
