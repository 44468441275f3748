import type { HostId } from '@sidestep/fleet';
import { forgetEnded, ProblemError, type Records } from '@sidestep/service-kit';
import { silentHosts } from '../../domain/hosts/down-alarms.ts';
import type { HostDrain } from '../../domain/hosts/host-drain.ts';
import { type HostIncident, holdsForcedDown } from '../../domain/hosts/host-incident.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { hostLedger } from './host-ledger.ts';

/**
 * Forgets host drains and incidents that ended before, once nothing hangs on them: until its host is given back they say
 * what holds it, and the last incident of a host that is still down says that its being down was seen to. Answers how many.
 */
export async function forgetHostWork(
  { records, telemetry }: { records: Records; telemetry: Pick<Telemetry, 'raisedAlarms'> },
  beforeMs: number,
): Promise<number> {
  const isOld = (atMs: number | null) => atMs !== null && atMs < beforeMs;
  const drains = await forgetEnded<HostDrain>(
    records,
    'host-drain',
    ({ endedAtMs, releasedAtMs }) => isOld(endedAtMs) && isOld(releasedAtMs),
  );
  const stillDown = await hostsInAlarm(telemetry);
  const incidents = await forgetEnded<HostIncident>(records, 'host-incident', async (incident) => {
    const { id, hostId, state, endedAtMs, releasedAtMs } = incident;
    if (!isOld(endedAtMs)) return false;
    if (state === 'recovered' || isOld(releasedAtMs)) return true;
    const [last] = (await hostLedger(records).incidents({ hostId }, { limit: 1 })).items;
    if (last !== undefined && last.id !== id) return true;
    return state === 'dismissed' && !holdsForcedDown(incident) && stillDown?.has(hostId) === false;
  });
  return drains + incidents;
}

/** Hosts that are said to be down or silent now; null while nobody can tell. */
async function hostsInAlarm(
  telemetry: Pick<Telemetry, 'raisedAlarms'>,
): Promise<ReadonlyMap<HostId, unknown> | null> {
  try {
    return silentHosts(await telemetry.raisedAlarms());
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return null;
  }
}
