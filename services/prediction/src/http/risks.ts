import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import type { OutlookBoard } from '../usecases/outlook-board.ts';
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
        risks: risks.map((risk) => ({ hostId: risk.hostId, ...common(risk) })),
      },
    };
  },

  scoreRisks: ({ body }) => {
    const { chief } = outlooks;
    const { risks, ...context } = chief.risks.pairRisks(
      body.pairs.map(({ hostId, serverId, addedCpuPercent }) => ({
        hostId,
        serverId: serverId ?? null,
        addedCpuPercent: addedCpuPercent ?? 0,
      })),
    );
    return {
      status: 200,
      body: {
        ...pairContextOnWire(context, chief.settings),
        risks: risks.map((risk) => ({
          hostId: risk.hostId,
          serverId: risk.serverId,
          hostRisk: orNull(risk.hostRisk),
          predictedMaxCpuPercent: orNull(risk.predictedMaxCpuPercent),
          ...common(risk),
        })),
      },
    };
  },
});

const common = ({ risk, unknown, reasons }: HostRisk) => ({
  risk: orNull(risk),
  unknownReason: unknown === null ? null : `${unknown.why}: ${unknown.words}`,
  reasons: reasons.map(reasonOnWire),
});
