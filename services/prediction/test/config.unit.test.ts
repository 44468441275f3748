import { ConfigError } from '@sidestep/service-kit';
import { afterAll, describe, expect, test } from 'vitest';
import { predictionConfig, settingsOf } from '../src/config.ts';
import { ForecastAsInput, modelInputs } from '../src/domain/settings.ts';
import { serviceFolder } from './fakes/running-prediction.ts';

const folder = serviceFolder();
afterAll(folder.remove);
const needed = {
  SIDESTEP_DATA_DIR: folder.path,
  SIDESTEP_TOKENS_FILE: `${folder.path}/tokens.json`,
  SIDESTEP_SERVICE_TOKEN_FILE: `${folder.path}/token`,
};

describe('settings', () => {
  test('without any of its own the service foresees 90 % within two minutes, by ticks of ten seconds', () => {
    expect(settingsOf(predictionConfig(needed))).toMatchObject({
      tickMs: 10_000,
      windowTicks: 24,
      horizonTicks: 12,
      thresholdPercent: 90,
      refitEveryMs: 86_400_000,
      trainsItself: true,
    });
  });

  test('every fault is told at once, and none becomes its default', () => {
    const faulty = {
      ...needed,
      SIDESTEP_PREDICTION_TICK_MS: '999',
      SIDESTEP_PREDICTION_THRESHOLD_PERCENT: 'high',
      SIDESTEP_PREDICTION_TRAINS_ITSELF: 'maybe',
      SIDESTEP_MONITORING_URL: 'monitoring:8601',
    };

    expect(() => predictionConfig(faulty)).toThrow(ConfigError);
    try {
      predictionConfig(faulty);
    } catch (error) {
      expect((error as ConfigError).faults.map((fault) => fault.split(':')[0]).toSorted()).toEqual([
        'SIDESTEP_MONITORING_URL',
        'SIDESTEP_PREDICTION_THRESHOLD_PERCENT',
        'SIDESTEP_PREDICTION_TICK_MS',
        'SIDESTEP_PREDICTION_TRAINS_ITSELF',
      ]);
    }
  });

  test('the kind of model is set for the chief outlook, the others, and incidents; svm gives no risks', () => {
    const kinds = (more: Record<string, string>) => {
      const { modelKind, sideModelKind, incidentModelKind } = settingsOf(
        predictionConfig({ ...needed, ...more }),
      );
      return [modelKind, sideModelKind, incidentModelKind];
    };

    expect(kinds({})).toEqual(['blend', 'logistic', 'boosted-trees']);
    expect(
      kinds({
        SIDESTEP_PREDICTION_MODEL_KIND: 'persistence',
        SIDESTEP_PREDICTION_SIDE_MODEL_KIND: 'seasonal',
        SIDESTEP_PREDICTION_INCIDENT_MODEL_KIND: 'seasonal',
      }),
    ).toEqual(['persistence', 'seasonal', 'seasonal']);
    expect(() => kinds({ SIDESTEP_PREDICTION_MODEL_KIND: 'svm' })).toThrow(/MODEL_KIND/);
    expect(() => kinds({ SIDESTEP_PREDICTION_INCIDENT_MODEL_KIND: 'persistence' })).toThrow(
      /INCIDENT_MODEL_KIND/,
    );
  });

  test('rates of logs become inputs only where that is asked for', () => {
    const inputs = (more: Record<string, string>) =>
      settingsOf(predictionConfig({ ...needed, ...more })).inputMetrics;

    expect(inputs({}).filter((metric) => metric.startsWith('host.log'))).toEqual([]);
    expect(inputs({ SIDESTEP_PREDICTION_LOG_METRICS: 'true' }).slice(-3)).toEqual([
      'host.logMessagesPerSecond',
      'host.logErrorsPerSecond',
      'host.logNewTemplatesPerSecond',
    ]);
  });

  test.each(['forecast.failureRisk', 'prediction.inputDrift', 'expression.risk-and-load'])(
    '%s is neither an input nor foreseen: a model would learn from its own words',
    (metric) => {
      const named = (name: string, text: string) =>
        predictionConfig({ ...needed, [`SIDESTEP_PREDICTION_${name}`]: text });

      expect(() => named('METRICS', `host.memPercent,${metric}`)).toThrow(/never an input/);
      expect(() => named('OTHER_TARGETS', `${metric}:90`)).toThrow(/not foreseen/);
      expect(() => modelInputs(['host.cpuPercent', metric])).toThrow(ForecastAsInput);
    },
  );

  test('the target is an input always', () => {
    const named = (metrics: string) =>
      predictionConfig({ ...needed, SIDESTEP_PREDICTION_METRICS: metrics });

    expect(settingsOf(named('host.memPercent')).inputMetrics).toEqual([
      'host.cpuPercent',
      'host.memPercent',
    ]);
  });
});
