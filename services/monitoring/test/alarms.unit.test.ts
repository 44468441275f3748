import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock, memoryJobs } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import { defaultRules } from '../src/domain/alarm-rule.ts';
import type { Alarm } from '../src/usecases/alarm-desk.ts';
import { AlarmDesk } from '../src/usecases/alarm-desk.ts';
import { AlarmKeeper } from '../src/usecases/alarm-keeper.ts';
import { SeriesCatalogue } from '../src/usecases/series-catalogue.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

const [shipped] = defaultRules;
if (shipped === undefined) throw new Error('no rule ships');
const rule = { ...shipped, windowMs: 0, forMs: 3000, clearForMs: 2000 };
const host = { resource: 'compute1', metric: 'host.cpuPercent', labels: {} };

/** A desk with one rule, fed a sample a second. */
function deskWith() {
  const told: Alarm[] = [];
  const catalogue = new SeriesCatalogue();
  const desk = new AlarmDesk((alarm) => told.push(alarm), silentLog);
  desk.restore([rule], []);
  let timeMs = START_MS;
  const feed = (...values: number[]) => {
    for (const value of values) {
      timeMs += 1000;
      const entry = catalogue.entry(host);
      catalogue.note(entry, timeMs, value, 1000);
      desk.judge(entry, timeMs, value);
    }
    return timeMs;
  };
  return { desk, feed, told };
}

describe('the desk', () => {
  test('one condition is one alarm, however often it comes and goes', () => {
    const { desk, feed, told } = deskWith();
    feed(95, 95, 95, 95, 50, 50, 50, 95, 95, 95, 95);

    expect(told.map(({ state }) => state)).toEqual(['raised', 'cleared', 'raised']);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(desk.alarms()).toHaveLength(1);
  });

  test('a breach that comes to nothing leaves what was shown before', () => {
    const { desk, feed } = deskWith();
    feed(95, 95, 95, 95, 50, 50, 50);
    const cleared = desk.alarms();
    feed(95);
    const pending = desk.alarms();
    feed(50);

    expect(cleared).toMatchObject([{ state: 'cleared' }]);
    expect(pending).toMatchObject([{ state: 'pending' }]);
    expect(desk.alarms()).toEqual(cleared);
  });

  test('a raised alarm whose series falls silent stays, its value unknown', () => {
    const { desk, feed, told } = deskWith();
    const lastMs = feed(95, 95, 95, 95);
    desk.noticeStale(lastMs + 3000);
    const stillFresh = desk.alarms();
    desk.noticeStale(lastMs + 3001);

    expect(stillFresh).toMatchObject([{ state: 'raised', value: 95 }]);
    expect(desk.alarms()).toMatchObject([{ state: 'raised', value: null }]);
    expect(told).toHaveLength(1);
  });

  test('a pending alarm whose series falls silent has to begin anew', () => {
    const { desk, feed, told } = deskWith();
    desk.noticeStale(feed(95, 95, 95) + 3001);
    feed(95);

    expect(told).toEqual([]);
    expect(desk.alarms()).toMatchObject([{ state: 'pending' }]);
  });

  test('a removed or disabled rule clears what it raised; a changed one judges on', () => {
    const removed = deskWith();
    removed.desk.removeRule(rule.id, removed.feed(95, 95, 95, 95));
    const disabled = deskWith();
    disabled.desk.putRule({ ...rule, enabled: false }, disabled.feed(95, 95, 95, 95));
    const changed = deskWith();
    changed.desk.putRule({ ...rule, threshold: 99 }, changed.feed(95, 95, 95, 95));
    const stays = changed.desk.alarms();
    changed.feed(50, 50, 50);

    expect(removed.told.at(-1)).toMatchObject({ state: 'cleared' });
    expect(disabled.told.at(-1)).toMatchObject({ state: 'cleared' });
    expect(stays).toMatchObject([{ state: 'raised', threshold: 99 }]);
    expect(changed.told.at(-1)).toMatchObject({ state: 'cleared' });
  });

  test('a resource that is gone takes its silent alarm along, and nothing else', () => {
    const { desk, feed, told } = deskWith();
    const lastMs = feed(95, 95, 95, 95);
    desk.clearGone(() => true, lastMs + 1000);
    const whileItReports = told.length;
    desk.noticeStale(lastMs + 3001);
    desk.clearGone(() => false, lastMs + 3001);
    const whileItIsKnown = told.length;
    desk.clearGone(() => true, lastMs + 4000);
    feed(95);

    expect([whileItReports, whileItIsKnown]).toEqual([1, 1]);
    expect(told.at(-1)).toMatchObject({ state: 'cleared', clearedAtMs: lastMs + 4000 });
    expect(desk.alarms()).toMatchObject([{ state: 'pending' }]);
  });

  test('only so many cleared alarms are kept', () => {
    const { desk, feed } = deskWith();
    feed(95, 95, 95, 95, 50, 50, 50);

    expect(desk.forgetCleared(1)).toEqual([]);
    expect(desk.forgetCleared(0)).toHaveLength(1);
    expect(desk.alarms()).toEqual([]);
  });
});

describe('a restart', () => {
  const sample = (timeMs: number, value: number) => ({
    ...host,
    timestampMs: timeMs,
    timeMs,
    value,
  });
  const records = () => sqliteRecords(':memory:', manualClock());

  /** Monitoring with samples of a second each already in its store. */
  async function startWith(over: Parameters<typeof monitoringForTests>[1], values: number[]) {
    const service = await monitoringForTests({}, over);
    const { SampleBatch } = await import('../src/domain/series.ts');
    const samples = values.map((value, at) =>
      sample(START_MS - (values.length - at) * 1000, value),
    );
    await service.store.append(SampleBatch.of(samples));
    await service.load();
    return service;
  }
  const alarmsOf = async (service: Awaited<ReturnType<typeof monitoringForTests>>) =>
    (await service.records.list<Alarm>('alarm', { limit: 10 })).items.map(
      ({ value }) => value.state,
    );

  test('a raised alarm is still raised, and clears by what comes afterwards', async () => {
    const kept = records();
    const hot = Array.from({ length: 60 }, () => 97);
    const first = await startWith({ records: kept }, hot);
    await first.run('alarms');
    const raised = await alarmsOf(first);
    const second = await startWith({ records: kept }, [...hot.slice(0, 20), ...Array(50).fill(20)]);
    await second.run('alarms');

    expect(raised).toEqual(['raised']);
    expect(await alarmsOf(second)).toEqual(['cleared']);
  });

  test('calm from before the raise does not clear it, and nobody is woken', async () => {
    const kept = records();
    const first = await startWith({ records: kept }, [
      ...Array(55).fill(20),
      ...Array(40).fill(97),
    ]);
    await first.run('alarms');
    const raised = await alarmsOf(first);
    const told = (await kept.pendingEvents(100)).length;

    // The last samples before the end were not stored.
    const second = await startWith({ records: kept }, [
      ...Array(85).fill(20),
      ...Array(5).fill(97),
    ]);
    await second.run('alarms');

    expect([raised, await alarmsOf(second)]).toEqual([['raised'], ['raised']]);
    expect(await kept.pendingEvents(100)).toHaveLength(told);
  });

  test('a breach that began before counts in full', async () => {
    const service = await startWith(
      {},
      Array.from({ length: 25 }, () => 97),
    );

    await service.run('alarms');

    expect(await alarmsOf(service)).toEqual(['raised']);
  });

  test('the rule that ships comes once: removed, it stays removed', async () => {
    const kept = records();
    const keeper = () => new AlarmKeeper(kept, { enqueue: async () => undefined }, silentLog);
    const first = keeper();
    const shippedOnce = (await first.load()).rules;
    await first.forgetRule('host-cpu-high');

    expect(shippedOnce.map(({ id }) => id)).toEqual(defaultRules.map(({ id }) => id));
    expect((await keeper().load()).rules.map(({ id }) => id)).not.toContain('host-cpu-high');
  });
});

/** An alarm as it is when it has just been raised. */
function raisedOnce() {
  const { feed, told } = deskWith();
  feed(95, 95, 95, 95);
  const [alarm] = told;
  if (alarm === undefined) throw new Error('no alarm was raised');
  return alarm;
}

describe('waking Migration', () => {
  test('while the queue is away wake-ups are kept, and told once it is back', async () => {
    const service = await monitoringForTests();
    service.jobs.away(true);
    const entry = { ...host };
    const { SampleBatch } = await import('../src/domain/series.ts');
    const hot = Array.from({ length: 60 }, (_, at) => ({
      ...entry,
      timeMs: START_MS - (60 - at) * 1000,
      value: 97,
    }));
    await service.store.append(SampleBatch.of(hot));
    await service.load();
    await service.run('alarms');
    const whileAway = service.jobs.enqueued.length;
    service.jobs.away(false);
    await service.run('alarms');

    expect(whileAway).toBe(0);
    expect(service.jobs.enqueued).toMatchObject([
      { queue: 'alarm-wake', data: { resource: 'compute1', state: 'raised' } },
    ]);
    await service.run('alarms');
    expect(service.jobs.enqueued).toHaveLength(1);
  });

  test('while the queue is away its wake-ups neither pile up nor keep webhooks from being told', async () => {
    const kept = sqliteRecords(':memory:', manualClock());
    const jobs = memoryJobs();
    jobs.away(true);
    const told: string[] = [];
    const keeper = new AlarmKeeper(kept, jobs, silentLog, async ({ id }) => {
      told.push(id);
    });
    await keeper.load();
    const raisedAlarm = raisedOnce();
    for (let at = 0; at < 1500; at += 1) keeper.changed({ ...raisedAlarm, id: `alarm-${at}` });
    await keeper.retry();
    await keeper.retry();

    expect(told).toHaveLength(1500);
    expect((await kept.pendingEvents(5000)).length).toBeLessThanOrEqual(102);
    jobs.away(false);
    await keeper.retry();
    expect(jobs.enqueued.length).toBeGreaterThan(0);
    expect(await kept.pendingEvents(10)).toEqual([]);
  });

  test('records that cannot be read hold up what is told, and end nothing', async () => {
    const kept = sqliteRecords(':memory:', manualClock());
    let broken = true;
    const records: typeof kept = {
      ...kept,
      pendingEvents: async (limit) => {
        if (broken) throw new Error('the disk is gone');
        return kept.pendingEvents(limit);
      },
    };
    const jobs = memoryJobs();
    const keeper = new AlarmKeeper(records, jobs, silentLog);
    await keeper.load();
    keeper.changed(raisedOnce());

    await expect(keeper.retry()).resolves.toBeUndefined();
    expect(jobs.enqueued).toHaveLength(0);
    broken = false;
    await keeper.retry();
    expect(jobs.enqueued.length).toBeGreaterThan(0);
  });

  test('a clearing is not told before its raise, though telling the raise failed', async () => {
    const kept = sqliteRecords(':memory:', manualClock());
    let refuses = true;
    const told: string[] = [];
    const keeper = new AlarmKeeper(kept, memoryJobs(), silentLog, async ({ state }) => {
      if (refuses && state === 'raised') throw new Error('the disk is full');
      told.push(state);
    });
    await keeper.load();
    const raisedAlarm = raisedOnce();
    keeper.changed(raisedAlarm);
    await keeper.retry();
    keeper.changed({ ...raisedAlarm, state: 'cleared' });
    await keeper.retry();
    refuses = false;
    await keeper.retry();

    expect(told).toEqual(['raised', 'cleared']);
    expect(await kept.pendingEvents(10)).toEqual([]);
  });

  test('an alarm that could not be saved is saved later', async () => {
    const kept = sqliteRecords(':memory:', manualClock());
    let broken = true;
    const records = {
      ...kept,
      commit: async (...args: Parameters<typeof kept.commit>) => {
        if (broken) throw new Error('the disk is full');
        await kept.commit(...args);
      },
    };
    const woken: object[] = [];
    const keeper = new AlarmKeeper(
      records,
      { enqueue: async (_, job) => void woken.push(job.data) },
      silentLog,
    );
    const { desk, feed, told } = deskWith();
    feed(95, 95, 95, 95);
    const [alarm] = told;
    if (alarm === undefined) throw new Error(`no alarm among ${desk.alarms().length}`);
    keeper.changed(alarm);
    await keeper.retry();
    const before = woken.length;
    broken = false;
    await keeper.retry();

    expect(before).toBe(0);
    expect(woken).toEqual([{ alarmId: alarm.id, resource: 'compute1', state: 'raised' }]);
    expect(
      (await kept.list('alarm', { limit: 10, where: { state: 'raised' } })).items,
    ).toHaveLength(1);
  });
});
