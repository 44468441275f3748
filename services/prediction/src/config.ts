import { defaultTrainingSpec, riskKinds } from '@sidestep/forecast';
import { commonSettings, readConfig, setting } from '@sidestep/service-kit';
import { z } from 'zod';
import { incidentOutlook, sideOutlooksOf } from './domain/outlook.ts';
import { isOwnWord } from './domain/own-words.ts';
import type { PredictionSettings } from './domain/settings.ts';

const day = 86_400_000;

/** `metric:threshold`, the threshold in percent. */
const targetWithThreshold = /^([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_-]+)+):(\d{1,2}(?:\.\d+)?|100)$/;

const metricName = /^[a-z][A-Za-z0-9]*(\.[A-Za-z0-9_-]+)+$/;

/** What Monitoring measures of a host's logs: lines, errors, and lines of a kind not seen before. */
const logMetrics = [
  'host.logMessagesPerSecond',
  'host.logErrorsPerSecond',
  'host.logNewTemplatesPerSecond',
];

const schema = z.object({
  ...commonSettings,
  SIDESTEP_END_WITH_STDIN: setting.flag().default(false),
  SIDESTEP_PREDICTION_PORT: setting.port().default(8602),
  SIDESTEP_MONITORING_URL: setting.url().default('http://127.0.0.1:8601'),
  /** Where our own moves are told; none: nothing is censored in training. */
  SIDESTEP_MIGRATION_URL: setting.url().optional(),
  SIDESTEP_PREDICTION_TICK_MS: setting.integer(1_000, 3_600_000).default(10_000),
  SIDESTEP_PREDICTION_SETTLE_MS: setting.integer(0, 600_000).default(1_500),
  SIDESTEP_PREDICTION_WINDOW_TICKS: setting.integer(3, 1_000).default(24),
  SIDESTEP_PREDICTION_HORIZON_TICKS: setting.integer(1, 1_000).default(12),
  SIDESTEP_PREDICTION_THRESHOLD_PERCENT: setting.number(1, 100).default(90),
  /** Horizons foreseen besides the one above; a comma alone for none. */
  SIDESTEP_PREDICTION_HORIZONS_TICKS: setting
    .list()
    .refine((ticks) => ticks.every((each) => /^[1-9]\d{0,2}$/.test(each)), {
      error: 'must be whole numbers of ticks from 1 to 999, separated by commas',
    })
    .transform((ticks) => ticks.map(Number))
    .default([6, 12, 30]),
  /** Resources foreseen besides the CPU, each with its threshold; a comma alone for none. */
  SIDESTEP_PREDICTION_OTHER_TARGETS: setting
    .list()
    .refine((targets) => targets.every((each) => targetWithThreshold.test(each)), {
      error: 'must be like host.memPercent:95, separated by commas',
    })
    .refine((targets) => !targets.some(isOwnWord), {
      error: 'must name no forecast, nor an expression that may be made of one: it is not foreseen',
    })
    .transform((targets) =>
      targets.map((each) => ({
        targetMetric: each.slice(0, each.lastIndexOf(':')),
        thresholdPercent: Number(each.slice(each.lastIndexOf(':') + 1)),
      })),
    )
    .default([{ targetMetric: 'host.memPercent', thresholdPercent: 95 }]),
  /** What kind of model foresees the chief outlook. */
  SIDESTEP_PREDICTION_MODEL_KIND: z.enum(riskKinds).default('blend'),
  /** The same for those horizons and resources: there are several to train, so the quick one. */
  SIDESTEP_PREDICTION_SIDE_MODEL_KIND: z.enum(riskKinds).default('logistic'),
  /** Incidents hang on combinations of metrics and times, which a linear model does not see. */
  SIDESTEP_PREDICTION_INCIDENT_MODEL_KIND: z
    .enum(riskKinds.filter((kind) => kind !== 'persistence'))
    .default('boosted-trees'),
  /** Metrics that models may read, besides the CPU. */
  SIDESTEP_PREDICTION_METRICS: setting
    .list()
    .refine((metrics) => metrics.every((metric) => metricName.test(metric)), {
      error: 'must be names of metrics, separated by commas',
    })
    .refine((metrics) => !metrics.some(isOwnWord), {
      error:
        'must name no forecast, nor an expression that may be made of one: that is never an input',
    })
    .default([...defaultTrainingSpec.metrics]),
  /** Within so many ticks the begin of an incident is foreseen; 0: it is not. */
  SIDESTEP_PREDICTION_INCIDENT_HORIZON_TICKS: setting.integer(0, 999).default(30),
  /** Rates of log lines as inputs too: where no logs are collected they are never known. */
  SIDESTEP_PREDICTION_LOG_METRICS: setting.flag().default(false),
  /** A row of a training that is so much older counts half as much; 0: all count the same. */
  SIDESTEP_PREDICTION_HALF_LIFE_MS: setting.integer(0, 4_000 * day).default(10 * day),
  SIDESTEP_PREDICTION_TRAIN_LAST_MS: setting.integer(60_000, 400 * day).default(7 * day),
  SIDESTEP_PREDICTION_TRAIN_MAX_MS: setting.integer(1_000, day).default(60_000),
  SIDESTEP_PREDICTION_TRAIN_MAX_HEAP_MIB: setting.integer(64, 65_536).default(1_024),
  SIDESTEP_PREDICTION_TRAIN_MAX_MEMORY_MIB: setting.integer(128, 262_144).default(2_048),
  SIDESTEP_PREDICTION_TRAIN_MAX_SAMPLES: setting.integer(10_000, 1_000_000_000).default(8_000_000),
  SIDESTEP_PREDICTION_WINDOW_MAX_SAMPLES: setting
    .integer(10_000, 1_000_000_000)
    .default(20_000_000),
  SIDESTEP_PREDICTION_TRAINS_ITSELF: setting.flag().default(true),
  /** What a live migration gets between two idle hosts; 1 Gbit/s without its headers. */
  SIDESTEP_PREDICTION_MIGRATION_MIB_PER_S: setting.number(0.1, 100_000).default(110),
  /** Memory that a vCPU at full load dirties. */
  SIDESTEP_PREDICTION_DIRTY_MIB_PER_VCPU_S: setting.number(0, 10_000).default(20),
  /** How many models are kept, with their files; those that serve or are a way back stay anyway. */
  SIDESTEP_PREDICTION_KEEP_MODELS: setting.integer(1, 10_000).default(60),
  SIDESTEP_PREDICTION_KEEP_TRAININGS: setting.integer(1, 100_000).default(500),
  SIDESTEP_PREDICTION_KEEP_INCIDENTS: setting.integer(100, 1_000_000).default(10_000),
  /** 0: no refit. */
  SIDESTEP_PREDICTION_REFIT_EVERY_MS: setting.integer(0, 400 * day).default(day),
});

export type PredictionConfig = Readonly<z.output<typeof schema>>;

/** Prediction's settings from the environment; throws a ConfigError that names every fault. */
export function predictionConfig(env: Record<string, string | undefined>): PredictionConfig {
  return readConfig(schema, env);
}

/** The part of the settings that the domain knows. */
export function settingsOf(config: PredictionConfig): PredictionSettings {
  const { targetMetric } = defaultTrainingSpec;
  const main = {
    targetMetric,
    horizonTicks: config.SIDESTEP_PREDICTION_HORIZON_TICKS,
    thresholdPercent: config.SIDESTEP_PREDICTION_THRESHOLD_PERCENT,
  };
  return {
    tickMs: config.SIDESTEP_PREDICTION_TICK_MS,
    settleMs: config.SIDESTEP_PREDICTION_SETTLE_MS,
    windowTicks: config.SIDESTEP_PREDICTION_WINDOW_TICKS,
    ...main,
    sideOutlooks: [
      ...sideOutlooksOf(
        main,
        config.SIDESTEP_PREDICTION_HORIZONS_TICKS,
        config.SIDESTEP_PREDICTION_OTHER_TARGETS.filter(
          (other) => other.targetMetric !== targetMetric,
        ),
      ),
      ...(config.SIDESTEP_PREDICTION_INCIDENT_HORIZON_TICKS > 0
        ? [incidentOutlook(config.SIDESTEP_PREDICTION_INCIDENT_HORIZON_TICKS)]
        : []),
    ],
    modelKind: config.SIDESTEP_PREDICTION_MODEL_KIND,
    sideModelKind: config.SIDESTEP_PREDICTION_SIDE_MODEL_KIND,
    incidentModelKind: config.SIDESTEP_PREDICTION_INCIDENT_MODEL_KIND,
    inputMetrics: [
      ...new Set([
        targetMetric,
        ...config.SIDESTEP_PREDICTION_METRICS,
        ...(config.SIDESTEP_PREDICTION_LOG_METRICS ? logMetrics : []),
      ]),
    ],
    halfLifeMs: config.SIDESTEP_PREDICTION_HALF_LIFE_MS,
    trainLastMs: config.SIDESTEP_PREDICTION_TRAIN_LAST_MS,
    maxTrainingMs: config.SIDESTEP_PREDICTION_TRAIN_MAX_MS,
    maxTrainingSamples: config.SIDESTEP_PREDICTION_TRAIN_MAX_SAMPLES,
    maxWindowSamples: config.SIDESTEP_PREDICTION_WINDOW_MAX_SAMPLES,
    trainsItself: config.SIDESTEP_PREDICTION_TRAINS_ITSELF,
    refitEveryMs: config.SIDESTEP_PREDICTION_REFIT_EVERY_MS,
  };
}
