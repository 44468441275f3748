import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeDatagrams } from '@sidestep/collectd';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileMark } from '../src/adapters/mark/file-mark.ts';
import { monitoring } from '../src/monitoring.ts';
import { hostNamed } from './fakes/inventory.ts';
import { memorySeriesStore } from './fakes/memory-series-store.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'losses-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

type Service = Awaited<ReturnType<typeof monitoringForTests>>;

const path = () => join(folder, 'data', 'in-hand');
const started = (over: Parameters<typeof monitoringForTests>[1] = {}) =>
  monitoringForTests({ hosts: [hostNamed('compute1')] }, { mark: fileMark(path()), ...over });
/** A reading of a host's load: three values, which are three raw samples and a canonical one. */
const report = (service: Service): void => {
  const identity = { host: 'compute1', plugin: 'load', type: 'load' };
  const values = [1, 2, 3].map((value) => ({ kind: 'gauge' as const, value }));
  service.clock.advance(100);
  const list = { ...identity, timeMs: service.clock.now(), intervalMs: 100, values };
  for (const datagram of encodeDatagrams([list])) service.collectd.datagram(datagram);
};
const raised = (service: Service) =>
  service.jobs.enqueued.map(({ data }) => `${data.resource} ${data.state}`);

describe('a killed process', () => {
  test('is told of by the next one, with what it had in hand at most, and raises an alarm', async () => {
    const store = memorySeriesStore();
    const first = await started({ store });
    report(first);
    await first.run('flush');
    report(first);
    report(first);
    store.away(true);
    await first.run('flush');
    store.away(false);

    // Never drained: killed here, with two readings in memory.
    const second = await started({ store, records: first.records });
    await second.run('losses');
    await second.run('alarms');

    expect(fileMark(path()).read()).toEqual({ atMs: START_MS + 300, samples: 16 });
    expect(raised(second)).toEqual(['sidestep-monitoring raised']);
    for (let turn = 0; turn < 7; turn += 1) {
      second.clock.advance(10_000);
      await second.run('losses');
    }
    await second.run('alarms');
    expect(raised(second).at(-1)).toBe('sidestep-monitoring cleared');
  });

  test('that ended in order has nothing to tell', async () => {
    const first = await started();
    report(first);
    await first.run('flush');
    await first.drain();

    const second = await started({ records: first.records });
    await second.run('losses');
    await second.run('alarms');

    expect(fileMark(path()).read()).toBeUndefined();
    expect(raised(second)).toEqual([]);
  });

  test('is told of with what came while a slow store had not answered', async () => {
    const store = memorySeriesStore();
    const { append } = store;
    let take = (): void => undefined;
    const isTaken = new Promise<void>((resolve) => {
      take = resolve;
    });
    store.append = async (batch) => {
      await isTaken;
      await append(batch);
    };
    const service = await started({ store });
    report(service);
    const flushing = service.run('flush');
    const before = fileMark(path()).read()?.samples ?? 0;
    await service.run('mark');
    const atOnce = fileMark(path()).read()?.samples;
    for (let at = 0; at < 10; at += 1) report(service);
    await service.run('mark');

    expect(atOnce).toBe(before);
    expect(fileMark(path()).read()?.samples).toBeGreaterThanOrEqual(before + 40);
    take();
    await flushing;
  });

  test('is not forgotten by one that ends before it began, and neither are its alarms untold', async () => {
    const first = await started();
    report(first);
    await first.run('flush');
    const mark = fileMark(path()).read();
    await first.records.commit([], { events: [{ topic: 'alarm-notify', payload: { id: 'a1' } }] });

    // Its store could not be opened: it is closed without having loaded anything.
    await monitoring(first.parts).drain();

    expect(mark).toBeDefined();
    expect(fileMark(path()).read()).toEqual(mark);
    expect(await first.records.pendingEvents(10)).toHaveLength(1);
  });
});

test('datagrams that fell at the socket raise the same alarm', async () => {
  let drops = 0;
  const service = await started({ kernelDrops: () => drops });
  await service.run('losses');
  service.clock.advance(10_000);
  drops = 3;
  await service.run('losses');
  await service.run('alarms');

  expect(raised(service)).toEqual(['sidestep-monitoring raised']);
});

test('a note that cannot be read is none', () => {
  const mark = fileMark(path());
  mark.write({ atMs: 5, samples: 123_456 });
  mark.write({ atMs: 6, samples: 7 });
  const noted = mark.read();
  writeFileSync(path(), 'half a li');

  expect(noted).toEqual({ atMs: 6, samples: 7 });
  expect(fileMark(path()).read()).toBeUndefined();
  expect(fileMark(join(folder, 'nowhere')).read()).toBeUndefined();
});

test('a host whose telemetry has a fault for a minute raises telemetry-suspect, and clears it', async () => {
  const service = await started();
  const cpu = async (value: number): Promise<void> => {
    service.clock.advance(10_000);
    const sample = { resource: 'compute1', metric: 'host.cpuPercent', labels: {} };
    await service.write([{ ...sample, timeMs: service.clock.now(), value }]);
    await service.run('quality');
    await service.run('alarms');
  };
  const suspected = () =>
    service.jobs.enqueued.flatMap(({ data }) => (data.resource === 'compute1' ? [data.state] : []));
  await cpu(40);
  await cpu(4100);
  for (let turn = 0; turn < 5; turn += 1) await cpu(41 + turn);
  const early = suspected();
  for (let turn = 0; turn < 3; turn += 1) await cpu(51 + turn);
  const late = suspected();
  for (let turn = 0; turn < 45; turn += 1) await cpu(30 + (turn % 7));

  expect(early).toEqual([]);
  expect(late).toEqual(['raised']);
  expect(suspected()).toEqual(['raised', 'cleared']);
});
