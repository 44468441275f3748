import { incidentMetric } from '@sidestep/forecast';
import type { Outlook, PredictionSettings } from './settings.ts';

/** The name of an outlook in paths, queries and records, e.g. `host.memPercent-12`. */
export const outlookId = ({ targetMetric, horizonTicks }: Outlook): string =>
  `${targetMetric}-${horizonTicks}`;

/** Stands where an outlook's name does for the classifier of destinations, which foresees no risk. */
export const classTraining = 'destination-class';

/** Every resource at every horizon but for the one that the service is chiefly set to foresee. */
export const sideOutlooksOf = (
  main: Outlook,
  horizonsTicks: readonly number[],
  otherTargets: readonly Pick<Outlook, 'targetMetric' | 'thresholdPercent'>[],
): Outlook[] => {
  const targets = [main, ...otherTargets];
  const horizons = [...new Set([...horizonsTicks, main.horizonTicks])].toSorted((a, b) => a - b);
  const all = targets.flatMap(({ targetMetric, thresholdPercent }) =>
    horizons.map((horizonTicks) => ({ targetMetric, horizonTicks, thresholdPercent })),
  );
  return all.filter((outlook) => outlookId(outlook) !== outlookId(main));
};

/** That an incident begins at a host: its series is 0 or 100, so any threshold between will do. */
export const incidentOutlook = (horizonTicks: number): Outlook => ({
  targetMetric: incidentMetric,
  horizonTicks,
  thresholdPercent: 50,
});

/** The settings as they are for one outlook: what trains, judges and serves for it reads nothing else. */
export const settingsFor = (
  settings: PredictionSettings,
  outlook: Outlook,
): PredictionSettings => ({
  ...settings,
  ...outlook,
  sideOutlooks: [],
  modelKind:
    outlook.targetMetric === incidentMetric ? settings.incidentModelKind : settings.sideModelKind,
});

/** The metric under which an outlook's risks are written back; the horizon is a label of it. */
export const riskMetricOf = (targetMetric: string): string => {
  if (targetMetric === 'host.cpuPercent') return 'forecast.failureRisk';
  if (targetMetric === incidentMetric) return 'forecast.incidentRisk';
  const resource = targetMetric.replace(/^.*\./, '').replace(/Percent$/, '');
  return `forecast.${resource}FailureRisk`;
};
