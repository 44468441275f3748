import { type Policy, policyNamed } from '@sidestep/policies';
import {
  evacuatedIfOver,
  type HostIncident,
  isOpenIncident,
} from '../../domain/hosts/host-incident.ts';
import { objectionTo, refreshed } from '../../domain/hosts/leaving.ts';
import type { Operation } from '../../domain/operation.ts';
import { inRound } from '../in-round.ts';
import { operationsOf } from './advance-drain.ts';
import type { IncidentOptions } from './change-incident.ts';
import { lifeSince } from './force-down.ts';
import { hostLedger, incidentHoldWrite, incidentWrite } from './host-ledger.ts';
import { type Placed, placeNext } from './place-next.ts';

/** Sends the next servers of a dead host on their way, and sees who has arrived. */
export async function evacuateHost(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  const { ledger, hosts, limits, incidents, meters, log, now } = options;
  const { hostId, fencing, id } = incident;
  if (fencing === null) throw new Error(`incident ${id} is fenced by nobody`);
  const [alive, service, residents] = await Promise.all([
    lifeSince(incident, fencing, options),
    hosts.readService(hostId),
    hosts.listServers(hostId),
  ]);
  const stopped = alive ?? (service.forcedDown ? null : `${hostId} is not forced down any more`);
  const objection = objectionTo('evacuate', incidents);
  const policy = policyOf(incident, (await ledger.settings()).policy);
  const result = await inRound(ledger, async (round) => {
    const newest = await hostLedger(ledger.records).incident(id);
    if (newest === undefined || newest.value.state !== 'evacuating') return null;
    const leavers = refreshed(newest.value.leavers, {
      residents,
      operations: await operationsOf(newest.value.leavers, ledger),
      objection: (resident) => stopped ?? objection(resident),
      limits: limits.leaving,
      atMs: now(),
    });
    const placed: Placed = await placeNext(
      {
        work: { kind: 'host-incident', id },
        kind: 'evacuate',
        hostId,
        policy,
        by: fencing.confirmedBy,
        reason: `host down, fenced: ${fencing.reason}`,
        maxConcurrentMoves: Number.POSITIVE_INFINITY,
        apart: false,
        leavers,
      },
      options,
    );
    const waiting = { ...newest.value, leavers: placed.leavers, waitsFor: placed.heldBack };
    const next = evacuatedIfOver(waiting, now());
    if (JSON.stringify(next) === JSON.stringify(newest.value)) return null;
    const value = { ...next, updatedAtMs: now() };
    await round.commit([
      ...placed.writes,
      incidentWrite(value, newest.version),
      ...(isOpenIncident(value) ? [] : [await incidentHoldWrite(ledger.records, hostId, null)]),
    ]);
    return { value, placed };
  });
  if (result === null) return 'evacuating';
  for (const { state } of result.placed.decided) meters.decided(state);
  await ledger.guard.noteHeldBack(result.placed.refusals);
  await told(result.placed.started, options);
  const { state } = result.value;
  if (state !== 'evacuating')
    log.info({ incidentId: id, hostId, state }, 'The evacuation has ended');
  return state;
}

async function told(
  started: readonly Operation[],
  { meters, wake }: IncidentOptions,
): Promise<void> {
  for (const operation of started) {
    meters.operationEntered('STARTING');
    await wake(operation);
  }
}

function policyOf({ id, policy }: HostIncident, inForce: string): Policy {
  const found = policyNamed(policy ?? inForce) ?? policyNamed(inForce);
  if (found === undefined) throw new Error(`incident ${id}: there is no policy ${policy}`);
  return found;
}
