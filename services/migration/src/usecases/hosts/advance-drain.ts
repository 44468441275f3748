import { type Policy, policyNamed } from '@sidestep/policies';
import type { Log } from '@sidestep/service-kit';
import { type HostDrain, isRunning, settledIfOver } from '../../domain/hosts/host-drain.ts';
import { type Leaver, refreshed } from '../../domain/hosts/leaving.ts';
import type { Operation } from '../../domain/operation.ts';
import type { Hosts } from '../../ports/hosts.ts';
import type { Meters } from '../../ports/meters.ts';
import { abortIfNotBegun } from '../abort-operation.ts';
import { inRound } from '../in-round.ts';
import type { Ledger } from '../ledger.ts';
import { drainWrite, hostLedger } from './host-ledger.ts';
import { liveObjections } from './movable-residents.ts';
import { type PlacingOptions, placeNext } from './place-next.ts';

export type HostWorkOptions = PlacingOptions & {
  hosts: Hosts;
  meters: Meters;
  log: Log;
  /** Tells the workers of a new operation. */
  wake(operation: Operation): Promise<void>;
};

/**
 * Brings a drain one step on, from what Nova and the records say now. Harmless to repeat: what was begun is in the same
 * commit as the drain that says so.
 */
export async function advanceDrain(drainId: string, options: HostWorkOptions): Promise<void> {
  const stored = await hostLedger(options.ledger.records).drain(drainId);
  if (stored === undefined || !isRunning(stored.value)) return;
  await disableService(stored.value, options);
  if (stored.value.state === 'cancelling') {
    for (const { operationId, state } of stored.value.leavers) {
      if (state !== 'moving' || operationId === null) continue;
      await abortIfNotBegun(options, operationId, 'the host drain was cancelled');
    }
  }
  const started = await inRound(options.ledger, async (round) => {
    const newest = await hostLedger(options.ledger.records).drain(drainId);
    if (newest === undefined || !isRunning(newest.value)) return [];
    const looked = await refreshedDrain(newest.value, options);
    const placed =
      looked.state === 'draining'
        ? await placeNext(
            {
              work: { kind: 'host-drain', id: drainId },
              kind: 'live-migration',
              hostId: looked.hostId,
              policy: policyOf(looked),
              by: looked.requestedBy,
              reason: `host drain: ${looked.reason}`,
              maxConcurrentMoves: looked.maxConcurrentMoves,
              apart: true,
              leavers: looked.leavers,
            },
            options,
          )
        : { ...looked, writes: [], started: [], decided: [], heldBack: null, refusals: [] };
    const { leavers, heldBack } = placed;
    const next = settledIfOver({ ...looked, leavers, heldBack }, options.now());
    if (JSON.stringify(next) === JSON.stringify(newest.value)) return [];
    const value = { ...next, updatedAtMs: options.now() };
    await round.commit([...placed.writes, drainWrite(value, newest.version)]);
    for (const { state } of placed.decided) options.meters.decided(state);
    await options.ledger.guard.noteHeldBack(placed.refusals);
    if (!isRunning(value)) {
      options.log.info(
        { drainId, hostId: value.hostId, state: value.state },
        'The host drain has ended',
      );
    }
    return placed.started;
  });
  for (const operation of started) {
    options.meters.operationEntered('STARTING');
    await options.wake(operation);
  }
}

/** Told before the first move, so that the scheduler puts nothing new where servers leave. */
async function disableService(drain: HostDrain, options: HostWorkOptions): Promise<void> {
  if (drain.service !== 'to-disable' || drain.state !== 'draining') return;
  const { status, disabledReason } = await options.hosts.readService(drain.hostId);
  const ours = `sidestep host drain ${drain.id}`;
  // Ours from before a crash, or somebody else's: that one stays when the drain is over.
  const service =
    status === 'enabled' || disabledReason?.startsWith(ours) === true ? 'disabled' : 'was-disabled';
  if (status === 'enabled') {
    await options.hosts.setEnabled(drain.hostId, false, `${ours}: ${drain.reason}`.slice(0, 255));
  }
  await inRound(options.ledger, async (round) => {
    const newest = await hostLedger(options.ledger.records).drain(drain.id);
    if (newest === undefined || newest.value.service !== 'to-disable') return;
    await round.commit([drainWrite({ ...newest.value, service }, newest.version)]);
  });
}

async function refreshedDrain(drain: HostDrain, options: HostWorkOptions): Promise<HostDrain> {
  const { hosts, ledger, limits, telemetry, now } = options;
  const incident = await hostLedger(ledger.records).incidentOf(drain.hostId);
  const objection = await liveObjections(drain.hostId, { telemetry, rules: limits.rules });
  const leavers = refreshed(drain.leavers, {
    residents: await hosts.listServers(drain.hostId),
    operations: await operationsOf(drain.leavers, ledger),
    objection: (resident) =>
      incident === undefined ? objection(resident) : `the host went down (incident ${incident.id})`,
    limits: limits.leaving,
    atMs: now(),
  });
  return { ...drain, leavers };
}

/** The operations of the servers that are on their way. */
export async function operationsOf(
  leavers: readonly Leaver[],
  ledger: Ledger,
): Promise<Map<string, Operation>> {
  const ids = leavers.flatMap(({ state, operationId }) =>
    state === 'moving' && operationId !== null ? [operationId] : [],
  );
  const found = await Promise.all(ids.map((id) => ledger.operation(id)));
  return new Map(found.flatMap((stored) => (stored ? [[stored.id, stored.value] as const] : [])));
}

function policyOf({ id, policy }: HostDrain): Policy {
  const found = policyNamed(policy);
  if (found === undefined) throw new Error(`host drain ${id}: there is no policy ${policy}`);
  return found;
}
