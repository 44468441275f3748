import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import { peakAt } from '../domain/past-cases.ts';
import { explainRisk } from '../usecases/explain-risk.ts';
import type { OutlookBoard } from '../usecases/outlook-board.ts';
import { type KeeperOf, reliabilityOnWire } from './scores.ts';
import { orNull, reasonOnWire, timestamp, timestampOrNull } from './wire.ts';

export const explanationHandlers = (
  outlooks: OutlookBoard,
  keeperOf: KeeperOf,
): Pick<Handlers<prediction.operations>, 'getExplanation'> => ({
  getExplanation: ({ query }) => {
    const part = outlooks.named(query.outlook, '/query/outlook');
    const told = explainRisk(part, keeperOf(part.id), query.hostId);
    return {
      status: 200,
      body: {
        hostId: told.hostId,
        outlook: part.id,
        tick: timestampOrNull(told.atMs),
        modelVersion: told.modelVersion,
        fallback: told.fallback,
        risk: orNull(told.risk),
        unknownReason: told.unknown === null ? null : `${told.unknown.why}: ${told.unknown.words}`,
        reasons: told.reasons.map(reasonOnWire),
        cases: told.cases.map(({ row, distance }) => ({
          hostId: row.hostId,
          at: timestamp(row.atMs),
          risk: row.risk,
          crossed: row.outcome === 1,
          distance,
          currentPercent: row.current,
          peakPercent: row.shape[peakAt] ?? row.current,
        })),
        reliability: told.reliability === null ? null : reliabilityOnWire(told.reliability),
      },
    };
  },
});
