import type { monitoring } from '@sidestep/contracts';
import { type Clock, type Handlers, ProblemError } from '@sidestep/service-kit';
import type { ReportedResource } from '../domain/resources.ts';
import type { CollectdIntake } from '../usecases/collectd-intake.ts';
import type { ExternalAlerts } from '../usecases/external-alerts.ts';
import { takeLines } from '../usecases/line-intake.ts';
import type { RollupMaker } from '../usecases/make-rollups.ts';
import type { SampleBuffer } from '../usecases/sample-buffer.ts';
import type { SampleIntake } from '../usecases/take-samples.ts';
import { TelegrafRates } from '../usecases/telegraf-rates.ts';

type Operation = 'writeCollectd' | 'writeLines' | 'writeLinesV2' | 'takeAlerts';

export interface IntakeRoutes {
  readonly collectd: CollectdIntake;
  readonly buffer: SampleBuffer;
  readonly intake: SampleIntake;
  readonly alerts: ExternalAlerts;
  readonly rollups: RollupMaker;
  readonly resourceOf: (name: string) => ReportedResource;
  readonly clock: Clock;
}

export function intakeHandlers(
  parts: IntakeRoutes,
): Pick<Handlers<monitoring.operations>, Operation> {
  const { collectd, buffer, intake, alerts, rollups, resourceOf, clock } = parts;
  const rates = new TelegrafRates();
  const lines = async (text: unknown, precision: 'ns' | 'n' | 'us' | 'u' | 'ms' | 's') => {
    if (typeof text !== 'string') throw new ProblemError('INVALID_REQUEST', 'The body is no text');
    await takeLines(text, precision, intake, resourceOf, clock.now(), rates);
    await rollups.save();
    return { status: 204 } as const;
  };
  return {
    writeCollectd: async ({ body }) => {
      collectd.posted(body.filter((each) => 'values' in each));
      collectd.notified(body.flatMap((each) => ('values' in each ? [] : [each])));
      await buffer.flushAll();
      if (buffer.problem !== null) {
        throw new ProblemError('UNAVAILABLE', 'The series store takes no samples at present');
      }
      return { status: 204 };
    },
    writeLines: ({ body, query }) => lines(body, query.precision ?? 'ns'),
    writeLinesV2: ({ body, query }) => lines(body, query.precision ?? 'ns'),
    takeAlerts: async ({ body }) => {
      await alerts.take(body.alerts, clock.now());
      return { status: 204 };
    },
  };
}
