import type { prediction } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import type { PredictionSettings } from '../domain/settings.ts';
import type { ClassDesk } from '../usecases/class-desk.ts';
import { orNull, timestampOrNull } from './wire.ts';

export const classHandlers = (
  desk: Pick<ClassDesk, 'read'>,
  { horizonTicks, tickMs }: PredictionSettings,
): Pick<Handlers<prediction.operations>, 'listClasses'> => ({
  listClasses: () => {
    const { atMs, modelVersion, unavailable, classes } = desk.read();
    return {
      status: 200,
      body: {
        tick: timestampOrNull(atMs),
        horizonMs: horizonTicks * tickMs,
        modelVersion,
        unavailable,
        classes: classes.map(({ hostId, margin, why }) => ({
          hostId,
          margin: orNull(margin),
          unknownReason: margin === 'unknown' ? why : null,
        })),
      },
    };
  },
});
