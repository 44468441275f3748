import type { Fence } from '@sidestep/service-kit';
import type { Pace } from '../../ports/pace.ts';
import { isOutsideFailure } from '../reconcile.ts';
import { advanceDrain, type HostWorkOptions } from './advance-drain.ts';
import { advanceIncident } from './advance-incident.ts';
import type { IncidentOptions } from './change-incident.ts';
import { hostLedger } from './host-ledger.ts';
import { openIncidents } from './open-incidents.ts';

export type RunHostWorkOptions = HostWorkOptions &
  IncidentOptions & {
    /** Who holds the lease; a name of this process alone. */
    worker: string;
    pace: Pick<Pace, 'keepLease' | 'stopping'>;
    leaseMs: number;
  };

const lease = 'host-work';

/**
 * One look at every host that is being emptied, or that went down. One process does it at a time; what it was doing
 * when it was cut off, the next one does again from the records.
 */
export async function runHostWork(options: RunHostWorkOptions): Promise<void> {
  const { ledger, worker, pace, leaseMs } = options;
  if (pace.stopping()) return;
  const fence = await ledger.records.acquireLease(lease, worker, leaseMs);
  if (fence === undefined) return;
  const heart = pace.keepLease(fence);
  try {
    await guarded(options, 'hosts that went down', () => openIncidents(options));
    const known = hostLedger(ledger.records);
    for (const { id } of await known.runningDrains()) {
      if (pace.stopping()) return;
      await guarded(options, `host drain ${id}`, () => advanceDrain(id, options));
    }
    for (const { id } of await known.openIncidents()) {
      if (pace.stopping()) return;
      await guarded(options, `incident ${id}`, () => advanceIncident(id, options));
    }
  } finally {
    heart.stop();
    await release(options, fence);
  }
}

async function guarded(
  { log }: RunHostWorkOptions,
  what: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isOutsideFailure(error)) log.warn({ what, error: error.message }, 'Looked at again later');
    else log.error({ what, error }, 'The host work broke off');
  }
}

async function release({ ledger }: RunHostWorkOptions, fence: Fence): Promise<void> {
  await ledger.records.releaseLease(fence);
}
