import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import type { OutlookBoard, OutlookPart } from '../usecases/outlook-board.ts';
import type { HostRisk } from '../usecases/read-risks.ts';
import { contextOnWire, orNull, pairContextOnWire, reasonOnWire } from './wire.ts';

type Operations = prediction.operations;

export const riskHandlers = (
  outlooks: OutlookBoard,
): Pick<Handlers<Operations>, 'listRisks' | 'scoreRisks'> => ({
  listRisks: ({ query }) => {
    const part = outlooks.named(query.outlook, '/query/outlook');
    const { risks, ...context } = part.risks.hostRisks();
    return {
      status: 200,
      body: {
        ...contextOnWire(context, part.settings),
        risks: risks.map((risk) => {
          const row = { hostId: risk.hostId, ...common(risk) };
          return query.reasons === false ? { ...row, reasons: [] } : row;
        }),
      },
    };
  },

  scoreRisks: ({ body }) => {
    const { chief } = outlooks;
    const parts = body.pairs.map(({ startsInMs = 0 }) => outlookReaching(outlooks, startsInMs));
    const byPart = new Map(
      [chief, ...new Set(parts)].map((part) => {
        const asked = body.pairs.filter((_, index) => parts[index] === part);
        const { risks, ...context } = part.risks.pairRisks(asked.map(pairAsked));
        return [part, { risks: risks.values(), context }] as const;
      }),
    );
    const context = byPart.get(chief)?.context ?? chief.risks.pairRisks([]);
    const scored = parts.flatMap((part) => {
      const risk = byPart.get(part)?.risks.next().value;
      return risk === undefined ? [] : [{ part, risk }];
    });
    return {
      status: 200,
      body: {
        ...pairContextOnWire(context, chief.settings),
        risks: scored.map(({ part, risk }) => ({
          hostId: risk.hostId,
          serverId: risk.serverId,
          ...(part === chief ? {} : { outlook: part.id }),
          hostRisk: orNull(risk.hostRisk),
          predictedMaxCpuPercent: orNull(risk.predictedMaxCpuPercent),
          ...common(risk),
        })),
      },
    };
  },
});

const pairAsked = ({
  hostId,
  serverId,
  addedCpuPercent,
}: prediction.components['schemas']['RiskPair']) => ({
  hostId,
  serverId: serverId ?? null,
  addedCpuPercent: addedCpuPercent ?? 0,
});

/**
 * Of the outlooks on the chief's resource, the one of the shortest horizon that reaches a whole chief horizon beyond a
 * later start; the chief one where none does. It answers too for the time until then: it errs on the safe side.
 */
function outlookReaching({ all, chief }: OutlookBoard, startsInMs: number): OutlookPart {
  const { horizonTicks, targetMetric, tickMs } = chief.settings;
  if (startsInMs < tickMs / 2) return chief;
  const wantedTicks = horizonTicks + startsInMs / tickMs;
  const reaching = all
    .filter(({ settings }) => settings.targetMetric === targetMetric)
    .filter(({ settings }) => settings.horizonTicks >= wantedTicks)
    // A model is not given up for what stands in for another one.
    .filter(({ serving }) => isModel(serving) || !isModel(chief.serving));
  return reaching.toSorted((a, b) => a.settings.horizonTicks - b.settings.horizonTicks)[0] ?? chief;
}

const isModel = (serving: OutlookPart['serving']) => serving.current().version !== null;

const common = ({ risk, unknown, reasons }: HostRisk) => ({
  risk: orNull(risk),
  unknownReason: unknown === null ? null : `${unknown.why}: ${unknown.words}`,
  reasons: reasons.map(reasonOnWire),
});
