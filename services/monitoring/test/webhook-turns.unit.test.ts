import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { expect, test } from 'vitest';
import type { Alarm } from '../src/usecases/alarm-desk.ts';
import { KeptList } from '../src/usecases/kept-list.ts';
import { type Delivery, type Webhook, Webhooks, type Withheld } from '../src/usecases/webhooks.ts';
import { START_MS } from './fakes/monitoring-for-tests.ts';

const raised: Alarm = {
  id: 'alarm-1',
  ruleId: 'host-cpu-high',
  resource: 'compute1',
  metric: 'host.cpuPercent',
  labels: {},
  severity: 'critical',
  state: 'raised',
  value: 95,
  threshold: 90,
  sinceMs: START_MS,
  raisedAtMs: START_MS,
  clearedAtMs: null,
  updatedAtMs: START_MS,
};

test('an alarm that clears while its withheld raise is being told is told to have cleared', async () => {
  const clock = manualClock(START_MS);
  const records = sqliteRecords(':memory:', clock);
  const deliveries = new KeptList<Delivery>(records, 'delivery');
  const withheld = new KeptList<Withheld>(records, 'withheld-alarm');
  const webhooks = new Webhooks({
    webhooks: new KeptList<Webhook>(records, 'webhook'),
    deliveries,
    withheld,
    attention: () => () => ({ inhibitedBy: null, silencedBy: [], flapping: false }),
    alarm: () => raised,
    bodyOf: (alarm) => ({ alarm }),
    post: async () => undefined,
    clock,
    log: silentLog,
  });
  await webhooks.add({ name: 'pager', url: 'http://127.0.0.1:9/', minSeverity: 'warning' });
  await withheld.put({ id: raised.id });

  const telling = webhooks.tellWithheld();
  await webhooks.notify({ ...raised, state: 'cleared', updatedAtMs: START_MS + 1 });
  await telling;

  expect(deliveries.all().map(({ alarm }) => alarm.state)).toEqual(['raised', 'cleared']);
  expect(withheld.size).toBe(0);
});
