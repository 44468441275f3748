import { listen, silentLog } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { type AlarmRule, alarmId, defaultRules } from '../src/domain/alarm-rule.ts';
import { type Alarm, AlarmDesk, FLAPPING_RAISES, isFlapping } from '../src/usecases/alarm-desk.ts';
import { SeriesCatalogue } from '../src/usecases/series-catalogue.ts';
import { MAX_DEAD_LETTERS } from '../src/usecases/webhooks.ts';
import { hostNamed, serverNamed } from './fakes/inventory.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

const [shipped] = defaultRules;
if (shipped === undefined) throw new Error('no rule ships');
const rule: AlarmRule = { ...shipped, windowMs: 0, forMs: 0, clearForMs: 0 };

/** A desk with one rule; samples of one series a second. */
function deskWith(over: Partial<AlarmRule>, labels: Record<string, string> = {}) {
  const told: Alarm[] = [];
  const catalogue = new SeriesCatalogue();
  const desk = new AlarmDesk((alarm) => told.push(alarm), silentLog);
  const judged = { ...rule, ...over };
  desk.restore([judged], []);
  let timeMs = START_MS;
  const feed = (values: readonly number[], more: Record<string, string> = {}) => {
    for (const value of values) {
      timeMs += 1000;
      const key = { resource: 'compute1', metric: judged.metric, labels: { ...labels, ...more } };
      const entry = catalogue.entry(key);
      catalogue.note(entry, timeMs, value, 1000);
      desk.judge(entry, timeMs, value);
    }
  };
  return { desk, told, feed, nowMs: () => timeMs };
}
const states = (told: readonly Alarm[]) => told.map(({ state }) => state);

describe('a rule', () => {
  test.each([
    ['max', { kind: 'max' }, [10, 95, 10], ['raised']],
    ['min', { kind: 'min' }, [95, 95, 10], ['raised', 'cleared']],
    ['a high percentile', { kind: 'percentile', percentile: 90 }, [10, 10, 95], ['raised']],
    ['a low percentile', { kind: 'percentile', percentile: 10 }, [10, 95, 95], []],
    ['growth a second', { kind: 'rate' }, [100, 200, 320], ['raised']],
  ] as const)('judges %s over its window', (_, aggregate, values, expected) => {
    const { feed, told } = deskWith({ aggregate, windowMs: 3000 });
    feed(values);

    expect(states(told)).toEqual(expected);
  });

  test('is only about series that bear its labels, and its alarms bear its own', () => {
    const { feed, told } = deskWith({ match: { horizon: '120' }, labels: { team: 'noc' } });
    feed([95], { horizon: '60' });
    feed([95], { horizon: '120' });

    expect(told.map(({ labels }) => labels)).toEqual([{ horizon: '120', team: 'noc' }]);
  });
});

describe('a forecast', () => {
  const risk = { resource: 'compute1', metric: 'forecast.failureRisk' };

  test('has one alarm, whichever version of the model made it', () => {
    const before = alarmId('r', { ...risk, labels: { horizon: '120', model: 'v1' } });
    const after = alarmId('r', { ...risk, labels: { horizon: '120', model: 'v2' } });
    const other = alarmId('r', { ...risk, labels: { horizon: '60', model: 'v1' } });

    expect(after).toBe(before);
    expect(other).not.toBe(before);
  });

  test('of a new model clears what the old one’s raised', () => {
    const { feed, told, desk, nowMs } = deskWith({});
    feed([95, 95], { model: 'v1' });
    feed([95, 10], { model: 'v2' });
    desk.noticeStale(nowMs());

    expect(states(told)).toEqual(['raised', 'cleared']);
    expect(desk.alarms()).toHaveLength(1);
  });

  test('ships with a rule that only recommends', () => {
    expect(defaultRules).toContainEqual(
      expect.objectContaining({ metric: 'forecast.failureRisk', mode: 'recommend', enabled: true }),
    );
  });
});

test('an alarm that is raised again and again flaps, until it has been quiet', () => {
  const { feed, desk, nowMs } = deskWith({});
  for (let time = 1; time < FLAPPING_RAISES; time += 1) feed([95, 10]);
  const before = desk.alarms().map((alarm) => isFlapping(alarm, nowMs()));
  feed([95]);

  expect(before).toEqual([false]);
  expect(desk.alarms().map((alarm) => isFlapping(alarm, nowMs()))).toEqual([true]);
  expect(desk.alarms().map((alarm) => isFlapping(alarm, nowMs() + 3_600_000))).toEqual([false]);
});

describe('webhooks', () => {
  const webhook = { name: 'pager', url: 'http://pager.example/', minSeverity: 'warning' } as const;
  const hot: AlarmRule = { ...rule, id: 'hot', metric: 'server.cpuPercent' };

  /** Monitoring with one webhook, which answers as told. */
  async function told(answers: () => Promise<void>, letters: { id: string }[] = []) {
    const posted: { url: string; body: unknown }[] = [];
    const service = await monitoringForTests(
      { hosts: [hostNamed('compute1')], servers: [serverNamed('s1')] },
      {
        post: async (url, body) => {
          await answers();
          posted.push({ url, body });
        },
      },
    );
    const { records } = service;
    await records.commit([
      { kind: 'webhook', id: 'w', expected: 'absent', value: { ...webhook, id: 'w' } },
      { kind: 'alarm-rule', id: 'hot', expected: 'absent', value: hot },
      ...letters.map((value) => ({
        kind: 'delivery',
        id: value.id,
        expected: 'absent' as const,
        value,
      })),
    ]);
    // A second process over the same records: as after a restart.
    const again = await monitoringForTests(
      { hosts: [hostNamed('compute1')], servers: [serverNamed('s1')] },
      { records, post: service.parts.post ?? (async () => undefined) },
    );
    const sample = async (resource: string, metric: string, value: number) => {
      again.clock.advance(1000);
      await again.parts.records.get('webhook', 'w');
      await again.write([{ resource, metric, labels: {}, timeMs: again.clock.now(), value }]);
      await again.run('alarms');
      await again.run('webhooks');
    };
    const silence = async (lastsMs: number) => {
      const http = await listen(again.app, '127.0.0.1', 0);
      const { status } = await fetch(`${http.url}/silences`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${testToken('operator')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          matcher: { resource: 's1' },
          comment: 'work on it',
          expiresAt: new Date(again.clock.now() + lastsMs).toISOString(),
        }),
      });
      await http.close(100);
      expect(status).toBe(201);
    };
    return { ...again, posted, sample, silence };
  }

  test('are told of an alarm that is raised and cleared', async () => {
    const { sample, posted } = await told(async () => undefined);
    await sample('s1', 'server.cpuPercent', 95);
    await sample('s1', 'server.cpuPercent', 10);

    expect(posted).toMatchObject([
      { url: webhook.url, body: { alarm: { resource: 's1', state: 'raised' } } },
      { url: webhook.url, body: { alarm: { resource: 's1', state: 'cleared' } } },
    ]);
  });

  test('that fail are tried again, then kept as dead letters', async () => {
    const service = await told(async () => {
      throw new Error('refused');
    });
    await service.sample('s1', 'server.cpuPercent', 95);
    for (let attempt = 0; attempt < 8; attempt += 1) {
      service.clock.advance(3_600_000);
      await service.run('webhooks');
    }
    const { items } = await service.records.list<{ attempts: number; dead: boolean }>('delivery', {
      limit: 10,
    });

    expect(items.map(({ value }) => value)).toMatchObject([{ attempts: 6, dead: true }]);
  });

  test('that never answer leave the newest dead letters, and no other is kept from being told', async () => {
    const held = Array.from({ length: MAX_DEAD_LETTERS }, (_, at) => ({
      id: `w.dead-${at}`,
      webhookId: 'w',
      alarm: { id: `dead-${at}` },
      attempts: 6,
      nextAtMs: START_MS,
      problem: 'refused',
      dead: true,
    }));
    const service = await told(async () => {
      throw new Error('refused');
    }, held);
    await service.sample('s1', 'server.cpuPercent', 95);
    for (let attempt = 0; attempt < 8; attempt += 1) {
      service.clock.advance(3_600_000);
      await service.run('webhooks');
    }
    const { items } = await service.records.list<{ dead: boolean }>('delivery', {
      limit: 2000,
      order: 'oldest',
    });

    expect(items).toHaveLength(MAX_DEAD_LETTERS);
    expect(items[0]?.id).toBe('w.dead-1');
    expect(items.at(-1)?.value).toMatchObject({ alarm: { resource: 's1' }, dead: true });
  });

  test('are not told of a server whose host is down', async () => {
    const service = await told(async () => undefined);
    service.source.become({
      hosts: [hostNamed('compute1', { state: 'down' })],
      servers: [serverNamed('s1')],
      serverGroups: [],
      chains: [],
      flavors: [],
    });
    await service.run('inventory');
    await service.run('quality');
    await service.run('alarms');
    await service.run('webhooks');
    await service.sample('s1', 'server.cpuPercent', 95);

    expect(service.posted).toMatchObject([
      { body: { alarm: { ruleId: 'host-down', resource: 'compute1' } } },
    ]);
  });

  test('are told of an alarm that outlasts its silence, once the silence is over', async () => {
    const service = await told(async () => undefined);
    await service.silence(60_000);
    await service.sample('s1', 'server.cpuPercent', 95);
    await service.run('withheld');
    await service.run('webhooks');
    const within = [...service.posted];

    service.clock.advance(60_000);
    for (let again = 0; again < 3; again += 1) {
      await service.run('withheld');
      await service.run('webhooks');
    }

    expect(within).toEqual([]);
    expect(service.posted).toMatchObject([
      { body: { alarm: { resource: 's1', state: 'raised' } } },
    ]);
  });

  test('hear nothing of an alarm that came and went within a silence', async () => {
    const service = await told(async () => undefined);
    await service.silence(60_000);
    await service.sample('s1', 'server.cpuPercent', 95);
    await service.sample('s1', 'server.cpuPercent', 10);
    service.clock.advance(60_000);
    await service.run('withheld');
    await service.run('webhooks');

    expect(service.posted).toEqual([]);
    expect((await service.records.list('withheld-alarm', { limit: 9 })).items).toEqual([]);
  });

  test('that heard of a raise hear of its end, though a silence was made in between', async () => {
    const service = await told(async () => undefined);
    await service.sample('s1', 'server.cpuPercent', 95);
    await service.silence(60_000);
    await service.sample('s1', 'server.cpuPercent', 10);

    expect(service.posted.map(({ body }) => body)).toMatchObject([
      { alarm: { state: 'raised' } },
      { alarm: { state: 'cleared' } },
    ]);
  });

  test('hear of the end after the beginning, whichever arrives first time', async () => {
    let refusals = 1;
    const service = await told(async () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('refused');
    });
    await service.sample('s1', 'server.cpuPercent', 95);
    await service.sample('s1', 'server.cpuPercent', 10);
    for (let at = 0; at < 3; at += 1) {
      service.clock.advance(5000);
      await service.run('webhooks');
    }

    expect(service.posted.map(({ body }) => body)).toMatchObject([
      { alarm: { state: 'raised' } },
      { alarm: { state: 'cleared' } },
    ]);
  });
});
