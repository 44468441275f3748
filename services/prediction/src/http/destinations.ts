import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import { rankDestinations } from '../usecases/rank-destinations.ts';
import { orNull, reasonOnWire } from './wire.ts';

export const destinationHandlers = (
  deps: Parameters<typeof rankDestinations>[0],
): Pick<Handlers<prediction.operations>, 'rankDestinations'> => ({
  rankDestinations: async ({ body }) => {
    const answer = await rankDestinations(deps, {
      serverId: body.serverId,
      candidates: body.candidates,
      policy: body.policy ?? 'least-risk',
      seed: body.seed ?? 1,
    });
    const { plan } = answer;
    return {
      status: 200,
      body: {
        serverId: body.serverId,
        policy: answer.policy,
        destination: plan.kind === 'migrate' ? plan.to : null,
        stayReason: plan.kind === 'stay' ? plan.reason : null,
        ranking: plan.ranking.map(({ hostId, score, reasons }) => {
          const pair = answer.pairs.get(hostId);
          const own = pair?.reasons ?? [];
          // The policy repeats the model's words among its own; the model's come with their weight.
          const words = new Set(own.map((reason) => reason.words));
          return {
            hostId,
            score,
            risk: orNull(pair?.risk ?? 'unknown'),
            cpuPercent: orNull(answer.cpuPercent.get(hostId) ?? 'unknown'),
            reasons: [
              ...reasons
                .filter((reason) => !words.has(reason))
                .map((detail) => ({ feature: 'policy', contribution: 0, detail })),
              ...own.map(reasonOnWire),
            ],
          };
        }),
        rejected: answer.rejected.map(({ hostId, why, detail }) => ({ hostId, why, detail })),
        modelVersion: answer.modelVersion,
        fallback: answer.fallback,
      },
    };
  },
});
