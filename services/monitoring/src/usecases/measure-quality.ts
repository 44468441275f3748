import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Host } from '../domain/fleet.ts';
import type { QualityDesk } from './quality-desk.ts';
import type { SampleIntake } from './take-samples.ts';

/** How often each host's telemetry is measured. */
export const QUALITY_EVERY_MS = 10_000;

/** Hosts that are looked at before requests have their turn: a few milliseconds. */
const HOSTS_A_TURN = 128;

/**
 * Writes for each host how long it has not been heard of and how many faults its telemetry has: series like any other, so that
 * ordinary rules raise the alarms.
 */
export async function measureQuality(
  quality: QualityDesk,
  hosts: readonly Pick<Host, 'id' | 'state'>[],
  intake: Pick<SampleIntake, 'catalogue' | 'take'>,
  nowMs: number,
): Promise<void> {
  const write = (resource: string, metric: string, value: number): void => {
    const key = { resource, metric, labels: {} };
    const { catalogue } = intake;
    const entry = catalogue.isFull ? catalogue.find(key) : catalogue.entry(key);
    if (entry !== undefined) intake.take(entry, nowMs, value, QUALITY_EVERY_MS);
  };
  for (const [at, { id, state }] of hosts.entries()) {
    if (at % HOSTS_A_TURN === HOSTS_A_TURN - 1) await nextTurn();
    const { verdict, reasons } = quality.of(id, 'host', nowMs);
    write(id, 'telemetry.ageSeconds', quality.silentMs(id, nowMs) / 1000);
    write(id, 'telemetry.hostDown', state === 'down' ? 1 : 0);
    // Of a host that is not heard of at all the age tells everything.
    write(id, 'telemetry.faults', verdict === 'suspect' ? reasons.length : 0);
  }
}
