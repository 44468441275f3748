import type { PredictionSettings } from '../../src/domain/settings.ts';

/** The defaults, with one input metric and no waiting for late samples. */
export const testSettings: PredictionSettings = {
  tickMs: 10_000,
  settleMs: 0,
  windowTicks: 24,
  horizonTicks: 12,
  thresholdPercent: 90,
  targetMetric: 'host.cpuPercent',
  sideOutlooks: [],
  modelKind: 'blend',
  sideModelKind: 'logistic',
  incidentModelKind: 'boosted-trees',
  inputMetrics: ['host.cpuPercent'],
  trainLastMs: 3_600_000,
  maxTrainingMs: 10_000,
  maxTrainingSamples: 1_000_000,
  maxWindowSamples: 1_000_000,
  halfLifeMs: 0,
  trainsItself: true,
  refitEveryMs: 86_400_000,
};

/** Counts what it is told. */
export function countingObserver() {
  const seen = { ticks: 0, failures: 0, written: 0, dropped: 0, serves: [] as string[] };
  return {
    seen,
    ticked: () => {
      seen.ticks += 1;
    },
    tickFailed: () => {
      seen.failures += 1;
    },
    risksWritten: (count: number) => {
      seen.written += count;
    },
    risksDropped: (count: number) => {
      seen.dropped += count;
    },
    serves: ({ version }: { version: string }) => {
      seen.serves.push(version);
    },
  };
}
