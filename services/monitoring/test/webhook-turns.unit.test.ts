import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { defaultRules } from '../src/domain/alarm-rule.ts';
import { type Alarm, AlarmDesk } from '../src/usecases/alarm-desk.ts';
import { KeptList } from '../src/usecases/kept-list.ts';
import { SeriesCatalogue } from '../src/usecases/series-catalogue.ts';
import {
  type Delivery,
  MAX_ATTEMPTS,
  MAX_DEAD_LETTERS,
  type PostJson,
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

const DAY_MS = 86_400_000;

async function webhooksWith(post: PostJson, minSeverity: Webhook['minSeverity'] = 'warning') {
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
    minSeverity,
  });
  return { webhooks, webhookId, deliveries, withheld, clock };
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

test('the end waits for what is being delivered, and the rest is delivered by the next process', async () => {
  const told: unknown[] = [];
  const { webhooks, deliveries } = await webhooksWith(async (_url, body) => {
    told.push(body);
    webhooks.end();
  });
  for (let at = 0; at < 50; at += 1) await webhooks.notify({ ...raised, id: `alarm-${at}` });

  await webhooks.deliver();

  expect(told.length).toBeLessThan(50);
  expect(deliveries.size).toBe(50 - told.length);
});

describe('a raise that could not be told before the alarm cleared', () => {
  const cleared: Alarm = { ...raised, state: 'cleared', updatedAtMs: START_MS + 1 };
  const dying = async () => {
    const told: string[] = [];
    const refusing = new Set<string>();
    const sut = await webhooksWith(async (_url, body) => {
      const { state } = (body as { alarm: Alarm }).alarm;
      if (refusing.has(state)) throw new Error('refused');
      told.push(state);
    });
    const deliver = async () => {
      for (let at = 0; at < MAX_ATTEMPTS; at += 1) {
        await sut.webhooks.deliver();
        sut.clock.advance(DAY_MS);
      }
    };
    refusing.add('raised');
    await sut.webhooks.notify(raised);
    await deliver();
    await sut.webhooks.notify(cleared);
    return { ...sut, told, refusing, deliver };
  };

  test('is told no more once the clearing was: the record says so, and a retry is refused', async () => {
    const { webhooks, refusing, told, deliver } = await dying();
    await deliver();
    refusing.clear();

    const [letter] = webhooks.deadLetters();
    await expect(webhooks.retry(letter?.id ?? '')).rejects.toMatchObject({ code: 'CONFLICT' });
    await deliver();

    expect(told).toEqual(['cleared']);
    expect(letter).toMatchObject({
      overtaken: true,
      problem:
        'overtaken: the webhook was told that the alarm was cleared at 2026-11-20T12:00:00.001Z',
    });
  });

  test('is told before it where it is tried again in time', async () => {
    const { webhooks, refusing, told, deliver } = await dying();
    refusing.clear();

    await webhooks.retry(webhooks.deadLetters()[0]?.id ?? '');
    await deliver();

    expect(told).toEqual(['raised', 'cleared']);
    expect(webhooks.deadLetters()).toEqual([]);
  });

  test('that is tried again while the clearing is on its way is overtaken as well', async () => {
    const { webhooks, told, refusing, deliver } = await dying();
    const delivering = webhooks.deliver();
    refusing.clear();

    await webhooks.retry(webhooks.deadLetters()[0]?.id ?? '');
    await delivering;
    await deliver();

    expect(told).toEqual(['cleared']);
  });
});

test('who was told of a raise is told of its end, though the rule is less severe by then', async () => {
  const { webhooks, deliveries } = await webhooksWith(async () => undefined, 'critical');
  const told: Alarm[] = [];
  const desk = new AlarmDesk((alarm) => told.push(alarm), silentLog);
  const rule = defaultRules.find(({ id }) => id === 'host-cpu-high');
  if (rule === undefined) throw new Error('the rule does not ship');
  const atOnce = { ...rule, forMs: 0, clearForMs: 0, windowMs: 0, severity: 'critical' as const };
  const catalogue = new SeriesCatalogue();
  const entry = catalogue.entry({ resource: 'compute1', metric: rule.metric, labels: {} });
  desk.restore([atOnce], []);
  desk.judge(entry, START_MS, 100);
  desk.putRule({ ...atOnce, severity: 'warning' }, START_MS + 1);
  desk.judge(entry, START_MS + 2, 0);
  for (const alarm of told) await webhooks.notify(alarm);

  expect(told.map(({ severity }) => severity)).toEqual(['critical', 'warning']);
  expect(deliveries.all().map(({ alarm }) => alarm.state)).toEqual(['raised', 'cleared']);
});
