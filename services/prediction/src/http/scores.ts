import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import { type Reliability, scoresOf } from '../domain/scores.ts';
import type { HonestyKeeper } from '../usecases/keep-honest.ts';
import type { OutlookBoard } from '../usecases/outlook-board.ts';
import { finiteOrNull, timestamp, timestampOrNull } from './wire.ts';

/** What watches an outlook, by its name. */
export type KeeperOf = (outlook: string) => HonestyKeeper;

export const scoreHandlers = (
  outlooks: OutlookBoard,
  keeperOf: KeeperOf,
): Pick<Handlers<prediction.operations>, 'getScores'> => ({
  getScores: async ({ query }) => {
    const { id, settings, serving } = outlooks.named(query.outlook, '/query/outlook');
    const keeper = keeperOf(id);
    const scores = scoresOf(keeper.rows(), settings);
    const { model } = scores;
    const degraded = keeper.degraded();
    return {
      status: 200,
      body: {
        outlook: id,
        modelVersion: serving.current().version,
        from: timestampOrNull(scores.fromMs),
        to: timestampOrNull(scores.toMs),
        rows: model.rows,
        onsetRows: model.onsetRows,
        baseRate: finiteOrNull(model.baseRate),
        brier: finiteOrNull(model.brier),
        fallbackBrier: finiteOrNull(scores.fallbackBrier),
        onsetAveragePrecision: finiteOrNull(model.onsetAveragePrecision),
        fallbackOnsetAveragePrecision: finiteOrNull(scores.fallbackOnsetAveragePrecision),
        onsetAuroc: finiteOrNull(model.onsetAuroc),
        worseThanFallback: scores.worseThanFallback,
        reliability: scores.reliability.map(reliabilityOnWire),
        drift: await keeper.drift(),
        censoredRows: keeper.book.censoredRows,
        unjudgedRows: keeper.book.unjudgedRows,
        pendingTicks: keeper.book.pendingTicks,
        degraded:
          degraded === null
            ? null
            : {
                modelVersion: degraded.modelVersion,
                at: timestamp(degraded.atMs),
                reason: degraded.reason,
              },
      },
    };
  },
});

export const reliabilityOnWire = (reliability: Reliability) => ({
  ...reliability,
  meanRisk: finiteOrNull(reliability.meanRisk),
  observedRate: finiteOrNull(reliability.observedRate),
});
