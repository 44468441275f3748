import { type Listening, listen } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { monitoringForTests } from './fakes/monitoring-for-tests.ts';

let service: Awaited<ReturnType<typeof monitoringForTests>>;
let http: Listening;
beforeEach(async () => {
  service = await monitoringForTests();
  http = await listen(service.app, '127.0.0.1', 0);
});
afterEach(() => http.close(100));

const call = async (path: string, body?: object, method = body === undefined ? 'GET' : 'POST') => {
  const response = await fetch(`${http.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${testToken('operator')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
};
const rule = {
  name: 'traffic high',
  expression: 'host.netRxBytesPerSecond + host.netTxBytesPerSecond',
  comparison: '>',
  threshold: 100,
  forMs: 0,
  clearThreshold: 100,
  clearForMs: 0,
  severity: 'major',
};
const traffic = async (rx: number, tx: number, resource = 'compute1'): Promise<void> => {
  service.clock.advance(1000);
  const timeMs = service.clock.now();
  const sample = (metric: string, value: number) => ({
    resource,
    metric,
    labels: {},
    timeMs,
    value,
  });
  await service.write([
    sample('host.netRxBytesPerSecond', rx),
    sample('host.netTxBytesPerSecond', tx),
  ]);
};
const states = async () =>
  (await call('/alarms')).body.alarms.map(
    ({ resource, state, value, metric }: Record<string, unknown>) => ({
      resource,
      state,
      value,
      metric,
    }),
  );

test('an alarm is raised by metrics together that none raises alone, and clears', async () => {
  const made = await call('/alarm-rules', rule);
  await traffic(60, 30);
  await traffic(60, 30, 'compute2');
  const calm = await states();
  await traffic(60, 50);
  const raised = await states();
  await traffic(60, 10);

  expect(made).toMatchObject({
    status: 201,
    body: { id: 'traffic-high', metric: 'expression.traffic-high', expression: rule.expression },
  });
  expect(calm).toEqual([]);
  const alarm = { resource: 'compute1', metric: 'expression.traffic-high' };
  expect(raised).toEqual([{ ...alarm, state: 'raised', value: 110 }]);
  expect(await states()).toEqual([{ ...alarm, state: 'cleared', value: 70 }]);
});

test('an alarm tells what was measured for it, so that nobody takes a forecast for a finding', async () => {
  await call('/alarm-rules', rule);
  await traffic(60, 50);

  const { body } = await call('/alarms');

  expect(body.alarms[0].metrics).toEqual(['host.netRxBytesPerSecond', 'host.netTxBytesPerSecond']);
});

test('its values are a series that can be asked for, and a changed rule goes on with them', async () => {
  await call('/alarm-rules', rule);
  await traffic(1, 2);
  const { body: before } = await call('/latest?metric=expression.traffic-high');
  await call(
    '/alarm-rules/traffic-high',
    { ...rule, expression: 'host.netRxBytesPerSecond * 1000' },
    'PUT',
  );
  await traffic(1, 2);
  const { body: after } = await call('/latest?metric=expression.traffic-high');
  await call('/alarm-rules/traffic-high', { ...rule, enabled: false }, 'PUT');
  await traffic(7, 7);

  expect(before.samples).toMatchObject([{ resource: 'compute1', value: 3 }]);
  expect(after.samples).toMatchObject([{ value: 1000 }]);
  expect((await call('/latest?metric=expression.traffic-high')).body.samples[0].value).toBe(1000);
  expect(await states()).toMatchObject([{ state: 'cleared' }]);
});

test('of labelled series those that the rule matches count, beside the plain ones', async () => {
  await call('/alarm-rules', {
    ...rule,
    name: 'risk by load',
    expression: 'host.cpuPercent * forecast.failureRisk',
    threshold: 30,
    clearThreshold: 20,
    match: { horizon: '12' },
  });
  service.clock.advance(1000);
  const timeMs = service.clock.now();
  const sample = (metric: string, value: number, labels: Record<string, string> = {}) => ({
    ...{ resource: 'compute1', metric, labels, timeMs, value },
  });
  await service.write([
    sample('host.cpuPercent', 50),
    sample('forecast.failureRisk', 0.1, { horizon: '6' }),
    sample('forecast.failureRisk', 0.7, { horizon: '12' }),
  ]);

  expect(await states()).toMatchObject([{ state: 'raised', value: 35 }]);
});

test('a preview tells what it would have raised on stored samples', async () => {
  await traffic(60, 50);
  await traffic(60, 10);
  await traffic(10, 10, 'compute2');
  await service.run('flush');
  service.clock.advance(1000);

  const { status, body } = await call('/alarm-rules/preview', { rule, lastMs: 60_000 });

  expect(status).toBe(200);
  expect(body).toMatchObject({ series: 4, samples: 6 });
  expect(body.alarms).toMatchObject([{ resource: 'compute1', value: 110 }]);
  expect(body.alarms[0].clearedAt).not.toBeNull();
});

test.each([
  [{ expression: 'host.a +' }, '/expression', /ends where/],
  [{ expression: '1 + 1' }, '/expression', /names no metric/],
  [{ metric: 'host.cpuPercent' }, '/metric', /beside an expression/],
  [{ expression: undefined }, '/metric', /needed where there is no expression/],
  [{ expression: undefined, metric: 'expression.x' }, '/metric', /give the expression/],
])('%o is refused', async (over, pointer, detail) => {
  const { status, body } = await call('/alarm-rules', { ...rule, ...over });

  expect(status).toBe(400);
  expect(body.errors).toEqual([{ pointer, detail: expect.stringMatching(detail) }]);
});
