import { builtinTypes } from '@sidestep/collectd';
import { silentLog, sqliteRecords } from '@sidestep/service-kit';
import { manualClock, memoryJobs, testTokens } from '@sidestep/service-kit/testing';
import type { Inventory } from '../../src/domain/fleet.ts';
import { monitoring } from '../../src/monitoring.ts';
import type { MonitoringParts } from '../../src/monitoring-parts.ts';
import { fakeInventorySource } from './inventory.ts';
import { memorySeriesStore } from './memory-series-store.ts';

export const START_MS = Date.UTC(2026, 10, 20, 12);

/** Monitoring over fakes and a clock that is moved by hand. */
export async function monitoringForTests(
  inventory: Partial<Inventory> = {},
  over: Partial<MonitoringParts> = {},
) {
  const clock = manualClock(START_MS);
  const store = memorySeriesStore();
  const jobs = memoryJobs();
  const source = fakeInventorySource(inventory);
  const records = over.records ?? sqliteRecords(':memory:', clock);
  const parts: MonitoringParts = {
    store,
    storeDetail: 'in memory',
    records,
    jobs,
    source,
    clock,
    log: silentLog,
    version: '0.0.0',
    tokens: testTokens,
    types: builtinTypes,
    retention: { samplesMs: 7 * 86_400_000, rollupsMs: 30 * 86_400_000 },
    inventoryTimeoutMs: 1000,
    inventoryEveryMs: 1000,
    bufferSamples: 1_000_000,
    checkReplies: true,
    ...over,
  };
  const service = monitoring(parts);
  await service.load();
  const run = async (name: string): Promise<void> => {
    await service.recurring.find((each) => each.name === name)?.work();
  };
  await run('inventory');
  return { ...service, run, clock, store, jobs, source, records, parts };
}
