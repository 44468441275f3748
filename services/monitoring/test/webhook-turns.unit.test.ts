import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { expect, test } from 'vitest';
import type { Alarm } from '../src/usecases/alarm-desk.ts';
import { KeptList } from '../src/usecases/kept-list.ts';
import {
  type Delivery,
  MAX_ATTEMPTS,
  MAX_DEAD_LETTERS,
  type Webhook,
  Webhooks,
  type Withheld,
} from '../src/usecases/webhooks.ts';
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

async function webhooksWith(post: () => Promise<void>) {
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
    post,
    clock,
    log: silentLog,
  });
  const { id: webhookId } = await webhooks.add({
    name: 'pager',
    url: 'http://127.0.0.1:9/',
    minSeverity: 'warning',
  });
  return { webhooks, webhookId, deliveries, withheld };
}

test('an alarm that clears while its withheld raise is being told is told to have cleared', async () => {
  const { webhooks, deliveries, withheld } = await webhooksWith(async () => undefined);
  await withheld.put({ id: raised.id });

  const telling = webhooks.tellWithheld();
  await webhooks.notify({ ...raised, state: 'cleared', updatedAtMs: START_MS + 1 });
  await telling;

  expect(deliveries.all().map(({ alarm }) => alarm.state)).toEqual(['raised', 'cleared']);
  expect(withheld.size).toBe(0);
});

test('deliveries that die together make room for each other and fail nothing else', async () => {
  const { webhooks, webhookId, deliveries } = await webhooksWith(async () => {
    throw new Error('refused');
  });
  for (let at = 0; at < MAX_DEAD_LETTERS + 4; at += 1) {
    const id = `alarm-${at}`;
    const dead = at < MAX_DEAD_LETTERS;
    const attempts = dead ? MAX_ATTEMPTS : MAX_ATTEMPTS - 1;
    const alarm = { ...raised, id };
    const problem = 'refused';
    await deliveries.put({ id, webhookId, alarm, attempts, nextAtMs: START_MS, problem, dead });
  }

  await webhooks.deliver();

  expect(webhooks.deadLetters().map(({ id }) => id)).toEqual(
    Array.from({ length: MAX_DEAD_LETTERS }, (_, at) => `alarm-${at + 4}`),
  );
});
