import type { HostId } from '@sidestep/fleet';
import { Conflict, NotFound } from '@sidestep/service-kit';
import { silentHosts } from '../../domain/hosts/down-alarms.ts';
import {
  type HostIncident,
  releasedIncident,
  settleIncident,
} from '../../domain/hosts/host-incident.ts';
import { inRound } from '../in-round.ts';
import { hostLedger, incidentHoldWrite, incidentWrite } from './host-ledger.ts';
import { evidenceOf, type OpenIncidentsOptions, openFor } from './open-incidents.ts';

export type ConfirmOptions = OpenIncidentsOptions & { hookConfigured: boolean };

/**
 * An operator's word that a host is cut off (`operator`), or that the hook shall be asked (`hook`). It is itself the
 * approval of the evacuation. Refused for a host that is up by every sign.
 */
export async function confirmFencing(
  options: ConfirmOptions,
  hostId: HostId,
  given: { means: 'operator' | 'hook'; by: string; reason: string },
): Promise<HostIncident> {
  const { ledger, telemetry, now } = options;
  if (given.means === 'hook' && !options.hookConfigured) {
    throw new Conflict('No fencing hook is configured: confirm it yourself (means: operator)');
  }
  const said = silentHosts(await telemetry.raisedAlarms()).get(hostId);
  const evidence = await evidenceOf(hostId, said, options);
  if (evidence === null) throw new NotFound('host', hostId);
  const known = hostLedger(ledger.records);
  if (evidence.nova === 'up' && evidence.series === 'fresh') {
    throw new Conflict(
      `${hostId} is up by Nova, and its series are fresh: nothing says that it is down`,
    );
  }
  if ((await known.incidentOf(hostId)) === undefined) await openFor(hostId, evidence, options);
  return inRound(ledger, async (round) => {
    const stored = await known.incidentOf(hostId);
    if (stored === undefined) throw new NotFound('incident of host', hostId);
    const { value, version } = stored;
    if (value.state !== 'open') {
      throw new Conflict(`Incident ${stored.id} is ${value.state}: it needs no fencing`);
    }
    const atMs = now();
    const { by, reason, means } = given;
    const next: HostIncident =
      means === 'hook'
        ? {
            ...settleIncident(value, 'fencing', {
              atMs,
              by,
              reason: `the hook is asked: ${reason}`,
            }),
            hook: { tries: 0, nextAtMs: atMs, outcome: null },
          }
        : {
            ...settleIncident(value, 'fenced', { atMs, by, reason }),
            fencing: {
              means,
              confirmedBy: by,
              reason,
              atMs,
              reportedAtMs: evidence.service.reportedAtMs,
              forcing: false,
              forcedDownAtMs: null,
            },
          };
    await round.commit([incidentWrite(next, version)]);
    return next;
  });
}

/** Closes an incident about which nothing is to be done. What is being evacuated goes on to its end. */
export async function dismissIncident(
  { ledger, now }: Pick<ConfirmOptions, 'ledger' | 'now'>,
  incidentId: string,
  who: { by: string; reason: string },
): Promise<HostIncident> {
  return inRound(ledger, async (round) => {
    const stored = await hostLedger(ledger.records).incident(incidentId);
    if (stored === undefined) throw new NotFound('incident', incidentId);
    const { value, version } = stored;
    if (!['open', 'fencing', 'fenced'].includes(value.state)) {
      throw new Conflict(`Incident ${incidentId} is ${value.state}: it can no longer be dismissed`);
    }
    const next = settleIncident(value, 'dismissed', { atMs: now(), ...who });
    await round.commit([
      incidentWrite(next, version),
      await incidentHoldWrite(ledger.records, value.hostId, null),
    ]);
    return next;
  });
}

/**
 * Has Nova use a host again that was forced down. Nova refuses while its compute service has not started and cleaned up
 * what was evacuated from it: the refusal is answered in Nova's words.
 */
export async function releaseFencing(
  { ledger, hosts, now }: Pick<ConfirmOptions, 'ledger' | 'hosts' | 'now'>,
  hostId: HostId,
  by: string,
): Promise<HostIncident> {
  const known = hostLedger(ledger.records);
  const open = await known.incidentOf(hostId);
  if (open !== undefined) {
    throw new Conflict(`Incident ${open.id} of ${hostId} is ${open.value.state}: it has not ended`);
  }
  const [last] = (await known.incidents({ hostId }, { limit: 1 })).items;
  if (last === undefined) throw new NotFound('incident of host', hostId);
  await hosts.setForcedDown(hostId, false);
  return inRound(ledger, async (round) => {
    const stored = await known.incident(last.id);
    if (stored === undefined) throw new NotFound('incident', last.id);
    const next = releasedIncident(stored.value, by, now());
    await round.commit([incidentWrite(next, stored.version)]);
    return next;
  });
}
