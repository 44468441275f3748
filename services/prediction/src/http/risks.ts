import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import type { PredictionSettings } from '../domain/settings.ts';
import type { HostRisk, RiskReader } from '../usecases/read-risks.ts';
import { contextOnWire, orNull, reasonOnWire } from './wire.ts';

type Operations = prediction.operations;

export const riskHandlers = (deps: {
  risks: RiskReader;
  settings: PredictionSettings;
}): Pick<Handlers<Operations>, 'listRisks' | 'scoreRisks'> => ({
  listRisks: () => {
    const { risks, ...context } = deps.risks.hostRisks();
    return {
      status: 200,
      body: {
        ...contextOnWire(context, deps.settings),
        risks: risks.map((risk) => ({ hostId: risk.hostId, ...common(risk) })),
      },
    };
  },

  scoreRisks: ({ body }) => {
    const { risks, ...context } = deps.risks.pairRisks(
      body.pairs.map(({ hostId, serverId, addedCpuPercent }) => ({
        hostId,
        serverId: serverId ?? null,
        addedCpuPercent: addedCpuPercent ?? 0,
      })),
    );
    return {
      status: 200,
      body: {
        ...contextOnWire(context, deps.settings),
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
