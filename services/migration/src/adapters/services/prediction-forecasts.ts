import { answer, type PredictionClient } from '@sidestep/contracts';
import type { HostId, Known, PairRisk } from '@sidestep/fleet';
import { pairKey } from '../../domain/pair-scores.ts';
import type { Forecasts, Scorer } from '../../ports/forecasts.ts';
import { translated } from './translated.ts';

/** Most pairs of one request, by Prediction's contract. */
const maxPairs = 1_024;

/** Forecasts read from the Prediction service; `advice` for what a move can do without. */
export function predictionForecasts(client: PredictionClient, advice = client): Forecasts {
  return {
    hostRisks: async () => {
      const body = await translated(
        answer('prediction', client.GET('/risks', { params: { query: { reasons: false } } })),
      );
      return {
        ...scorerOf(body),
        risks: new Map(body.risks.map(({ hostId, risk }) => [hostId, known(risk)])),
      };
    },

    moveCost: async (serverId, from, to) => {
      const body = { serverId, from, to };
      const cost = await translated(
        answer('prediction', advice.POST('/migration-costs', { body })),
      );
      const { method, expectedMs, lowMs, highMs, downtimeMs, converges } = cost;
      return { method, expectedMs, lowMs, highMs, downtimeMs, converges };
    },

    moveCosts: async (moves) => {
      const { costs } = await translated(
        answer(
          'prediction',
          client.POST('/migration-costs/batch', { body: { moves: [...moves] } }),
        ),
      );
      return new Map(
        costs.map(({ serverId, to, expectedMs, downtimeMs, trafficBytes, converges, method }) => [
          pairKey(serverId, to),
          { expectedMs, downtimeMs, trafficBytes, converges, method },
        ]),
      );
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

    hostClasses: async () => {
      const body = await translated(answer('prediction', client.GET('/classes')));
      return {
        modelVersion: body.modelVersion,
        fallback: body.unavailable === null ? null : `no classifier: ${body.unavailable}`,
        hostClasses: body.classes.map(({ hostId, margin, unknownReason }) => ({
          hostId,
          margin: known(margin),
          why: unknownReason ?? '',
        })),
      };
    },

    riskCurves: async (hostIds, gridPercent) => {
      const perRequest = Math.floor(maxPairs / gridPercent.length);
      const curves = new Map<HostId, Known<readonly number[]>>();
      let scorer: Scorer = { modelVersion: null, fallback: null };
      for (let at = 0; at < hostIds.length; at += perRequest) {
        const asked = hostIds.slice(at, at + perRequest);
        const pairs = asked.flatMap((hostId) =>
          gridPercent.map((addedCpuPercent) => ({ hostId, addedCpuPercent })),
        );
        const body = await translated(
          answer('prediction', client.POST('/risks', { body: { pairs } })),
        );
        scorer = scorerOf(body);
        for (const [host, hostId] of asked.entries()) {
          const rows = body.risks.slice(host * gridPercent.length, (host + 1) * gridPercent.length);
          const risks = rows.flatMap(({ risk }) => (risk === null ? [] : [risk]));
          curves.set(hostId, risks.length === gridPercent.length ? risks : 'unknown');
        }
      }
      return { ...scorer, curves };
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
