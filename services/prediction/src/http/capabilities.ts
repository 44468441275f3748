import type { Capability } from '@sidestep/service-kit';
import type { Fallback } from '../domain/forecast-board.ts';
import type { Trainer } from '../ports/trainer.ts';

/** What can be done here: whether trainings can be computed, and whether a trained model answers. */
export function capabilitiesOf(
  backend: Awaited<ReturnType<Trainer['probe']>> | undefined,
  fallback: Fallback | null,
): Capability[] {
  return [
    {
      name: 'training',
      available: backend?.kind !== 'failed',
      detail:
        backend === undefined
          ? 'not tried yet'
          : backend.kind === 'failed'
            ? backend.words
            : `tfjs on ${backend.backend}${passedOver(backend.passedOver)}`,
    },
    {
      name: 'model',
      available: fallback === null,
      detail:
        fallback === null ? 'a trained model answers' : `${fallback.name}: ${fallback.reason}`,
    },
  ];
}

/** The names only: why they were passed over names places of this machine, and stands in the log. */
function passedOver(backends: readonly string[]): string {
  const names = backends.map((backend) => backend.split(':', 1)[0]);
  return names.length === 0 ? '' : ` (${names.join(', ')} cannot be used here)`;
}
