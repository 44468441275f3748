import { type prediction, serviceClient } from '@sidestep/contracts';
import type { Listening } from '@sidestep/service-kit';
import { fakeService, testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { predictionForecasts } from '../src/adapters/services/prediction-forecasts.ts';
import type { Forecasts } from '../src/ports/forecasts.ts';

type Answer = prediction.components['schemas']['HostClasses'];

const told: Answer = {
  tick: new Date(0).toISOString(),
  horizonMs: 120_000,
  modelVersion: 'svm-1a2b3c4d',
  unavailable: null,
  classes: [
    { hostId: 'h2', margin: -0.4, unknownReason: null },
    { hostId: 'h3', margin: null, unknownReason: 'unknown-host: it is new' },
  ],
};
let says: Answer = told;
let server: Listening;
let forecasts: Forecasts;

beforeAll(async () => {
  server = await fakeService<prediction.operations>('prediction', {
    listClasses: () => ({ status: 200, body: says }),
  });
  const access = { baseUrl: server.url, token: testToken('operator') };
  forecasts = predictionForecasts(serviceClient('prediction', access));
});
afterAll(() => server?.close());

test('what the classifier does not know of a host is unknown, not a low margin', async () => {
  says = told;

  expect(await forecasts.hostClasses()).toEqual({
    modelVersion: 'svm-1a2b3c4d',
    fallback: null,
    hostClasses: [
      { hostId: 'h2', margin: -0.4, why: '' },
      { hostId: 'h3', margin: 'unknown', why: 'unknown-host: it is new' },
    ],
  });
});

test('why there is no classifier stands where a decision tells its fallback', async () => {
  says = { ...told, modelVersion: null, unavailable: 'none has been trained yet', classes: [] };

  expect(await forecasts.hostClasses()).toEqual({
    modelVersion: null,
    fallback: 'no classifier: none has been trained yet',
    hostClasses: [],
  });
});
