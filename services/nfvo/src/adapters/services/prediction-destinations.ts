import { answer, type PredictionClient, ServiceError } from '@sidestep/contracts';
import { ProblemError } from '@sidestep/service-kit';
import type { AskDestination } from '../../ports/destinations.ts';

/** Destinations ranked by the Prediction service. */
export function predictionDestinations(client: PredictionClient): AskDestination {
  return async (serverId, policy) => {
    try {
      const ranking = await answer(
        'prediction',
        client.POST('/destinations', { body: { serverId, policy, seed: 1 } }),
      );
      if (ranking.destination !== null) return { kind: 'host', hostId: ranking.destination };
      const rejected = ranking.rejected.map(({ hostId, detail }) => `${hostId}: ${detail}`);
      return {
        kind: 'none',
        why: [`Prediction names no host (${ranking.stayReason ?? 'no reason'})`, ...rejected].join(
          '; ',
        ),
      };
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      const detail = `Prediction does not rank the hosts: ${error.problem?.detail ?? error.message}`;
      const refused = error.status !== null && error.status >= 400 && error.status < 500;
      throw new ProblemError(refused ? 'UNPROCESSABLE' : 'UPSTREAM_FAILED', detail, {
        cause: error,
      });
    }
  };
}
