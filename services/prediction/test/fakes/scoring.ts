import { type Clock, silentLog } from '@sidestep/service-kit';
import type { Forecast } from '../../src/domain/forecast-board.ts';
import type { IncidentTimes } from '../../src/domain/incident-series.ts';
import type { PredictionSettings } from '../../src/domain/settings.ts';
import type { Telemetry } from '../../src/ports/telemetry.ts';
import { createRiskReader } from '../../src/usecases/read-risks.ts';
import { createTickRunner, type SideOutlook } from '../../src/usecases/run-tick.ts';
import { createServingModel } from '../../src/usecases/serving-model.ts';
import { countingObserver } from './settings.ts';

/** The part of the service that scores, over a telemetry in memory. */
export function scoring(parts: {
  clock: Clock;
  settings: PredictionSettings;
  telemetry: Telemetry;
  sides?: readonly SideOutlook[];
  incidents?: () => IncidentTimes;
  onScored?: (outlook: string, forecast: Forecast) => Promise<void>;
}) {
  const observer = countingObserver();
  const serving = createServingModel(parts.settings, observer);
  const runner = createTickRunner({ ...parts, serving, observer, log: silentLog });
  const risks = createRiskReader({ ...parts, runner, serving });
  return { observer, serving, runner, risks };
}
