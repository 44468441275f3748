import { answer, type PredictionClient } from '@sidestep/contracts';
import type { Known, PairRisk } from '@sidestep/fleet';
import type { Forecasts } from '../../ports/forecasts.ts';
import { translated } from './translated.ts';

/** Forecasts read from the Prediction service. */
export function predictionForecasts(client: PredictionClient): Forecasts {
  return {
    hostRisks: async () => {
      const body = await translated(answer('prediction', client.GET('/risks')));
      return {
        ...scorerOf(body),
        risks: new Map(body.risks.map(({ hostId, risk }) => [hostId, known(risk)])),
      };
    },

    pairRisks: async (pairs) => {
      const body = await translated(
        answer('prediction', client.POST('/risks', { body: { pairs: [...pairs] } })),
      );
      return {
        ...scorerOf(body),
        pairRisks: body.risks.flatMap((row): PairRisk[] =>
          row.serverId === null
            ? []
            : [
                {
                  serverId: row.serverId,
                  hostId: row.hostId,
                  risk: known(row.risk),
                  predictedMaxCpuPercent: known(row.predictedMaxCpuPercent),
                  reasons: [
                    ...(row.unknownReason === null ? [] : [row.unknownReason]),
                    ...row.reasons.map(({ detail }) => detail),
                  ],
                },
              ],
        ),
      };
    },
  };
}

function scorerOf({
  modelVersion,
  fallback,
}: {
  modelVersion: string | null;
  fallback: { name: string; reason: string } | null;
}) {
  return {
    modelVersion,
    fallback: fallback === null ? null : `${fallback.name}: ${fallback.reason}`,
  };
}

function known(value: number | null): Known<number> {
  return value ?? 'unknown';
}
