import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import { riskMetricOf } from '../domain/outlook.ts';
import type { OutlookBoard } from '../usecases/outlook-board.ts';
import { timestampOrNull } from './wire.ts';

export const outlookHandlers = (
  outlooks: OutlookBoard,
): Pick<Handlers<prediction.operations>, 'listOutlooks'> => ({
  listOutlooks: () => ({
    status: 200,
    body: {
      outlooks: outlooks.all.map(({ id, chief, settings, serving, forecast }) => {
        const { version, fallback } = serving.current();
        return {
          id,
          chief,
          targetMetric: settings.targetMetric,
          riskMetric: riskMetricOf(settings.targetMetric),
          horizonTicks: settings.horizonTicks,
          horizonMs: settings.horizonTicks * settings.tickMs,
          thresholdPercent: settings.thresholdPercent,
          modelVersion: version,
          fallback,
          lastTick: timestampOrNull(forecast()?.atMs ?? null),
        };
      }),
    },
  }),
});
