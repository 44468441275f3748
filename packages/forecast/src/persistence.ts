import { defaultMaximumSpread } from './added-load.ts';
import { noCalibration, sigmoid } from './calibration.ts';
import { codeVersion } from './code-version.ts';
import type { ForecastModel, HostScore, PairScore } from './forecast-model.ts';
import { hostReadiness } from './readiness.ts';
import { type FleetSeries, sampleAt } from './series.ts';
import type { TrainingSpec } from './spec.ts';

/** The name under which the fallback appears in answers. */
export const fallbackModelName = 'persistence';

/** Points of CPU over which the persistence risk falls from even to small (our choice). */
const spreadPercent = 5;

/** The risk of persistence: what is near the threshold now will be over it soon. */
export const persistenceRisk = (currentPercent: number, thresholdPercent: number): number =>
  sigmoid((currentPercent - thresholdPercent) / spreadPercent);

/** What a fallback foresees. */
export type FallbackSpec = Pick<
  TrainingSpec,
  'windowTicks' | 'horizonTicks' | 'thresholdPercent' | 'targetMetric'
>;

/** The fallback that needs no training: the last value goes on. */
export const createPersistenceModel = (spec: FallbackSpec, tickMs: number): ForecastModel => {
  const current = (series: FleetSeries, host: number, atTick: number) => {
    // A short window: the fallback serves hosts that have just begun to report.
    const ready = hostReadiness(series, spec.targetMetric, 3, host, atTick);
    if (ready !== 'ready') return ready;
    const target = series.metrics.indexOf(spec.targetMetric);
    for (let tick = atTick; tick >= 0; tick--) {
      const value = sampleAt(series, tick, host, target);
      if (!Number.isNaN(value)) return value;
    }
    return 'no-samples' as const;
  };
  return {
    info: {
      kind: 'persistence',
      version: fallbackModelName,
      codeVersion,
      checksum: '',
      createdAtMs: 0,
      dataRange: { fromMs: 0, toMs: 0, ticks: 0, hosts: 0 },
      tickMs,
      windowTicks: spec.windowTicks,
      horizonTicks: spec.horizonTicks,
      thresholdPercent: spec.thresholdPercent,
      targetMetric: spec.targetMetric,
      inputMetrics: [spec.targetMetric],
      features: ['cpu[-0]'],
      seasonTicks: 'none',
      historyTicks: spec.windowTicks,
      calibration: noCalibration,
      maximumSpread: defaultMaximumSpread,
      metrics: 'not-measured',
      backend: 'none',
    },
    score: (series, atTick) =>
      series.hosts.map((host, hostIndex): HostScore => {
        const now = current(series, hostIndex, atTick);
        if (typeof now !== 'number') return { host, hostIndex, risk: 'unknown', why: now };
        return {
          host,
          hostIndex,
          risk: persistenceRisk(now, spec.thresholdPercent),
          expectedMaxPercent: now,
          reasons: [
            {
              theme: 'level',
              feature: 'cpu[-0]',
              value: now,
              contribution: (now - spec.thresholdPercent) / spreadPercent,
              words: `CPU is at ${now.toFixed(0)} % now`,
            },
          ],
        };
      }),
    scorePairs: (series, atTick, pairs) =>
      pairs.map((pair): PairScore => {
        const now = current(series, pair.hostIndex, atTick);
        if (typeof now !== 'number') return { ...pair, risk: 'unknown', why: now };
        const then = Math.max(0, Math.min(100, now + pair.addedCpuPercent));
        return {
          ...pair,
          risk: persistenceRisk(then, spec.thresholdPercent),
          expectedMaxPercent: then,
        };
      }),
  };
};
