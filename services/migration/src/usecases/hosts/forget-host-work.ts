import type { HostId } from '@sidestep/fleet';
import { forgetEnded, ProblemError, type Records } from '@sidestep/service-kit';
import { silentHosts } from '../../domain/hosts/down-alarms.ts';
import type { HostDrain } from '../../domain/hosts/host-drain.ts';
import { type HostIncident, holdsForcedDown } from '../../domain/hosts/host-incident.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { hostLedger } from './host-ledger.ts';

/**
 * Forgets host drains and incidents that ended before, once nothing hangs on them: until its host is given back they say
 * what holds it, and the last incident of a host that is still down says that its being down was seen to. Of a host that
 * Nova may hold forced down one stays, or nobody could give it back. Answers how many.
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
    const { hostId, state, endedAtMs, releasedAtMs } = incident;
    if (!isOld(endedAtMs)) return false;
    if (state === 'recovered') return true;
    const newer = await newerOf(incident, records);
    if (newer.length > 0) return !holdsForcedDown(incident) || newer.some(tellsOfForcedDown);
    const isGivenBack =
      isOld(releasedAtMs) || (state === 'dismissed' && !holdsForcedDown(incident));
    return isGivenBack && stillDown?.has(hostId) === false;
  });
  return drains + incidents;
}

/** Incidents of one host that are looked through for what became of an earlier one. */
const maxNewer = 100;

async function newerOf({ id, hostId }: HostIncident, records: Records): Promise<HostIncident[]> {
  const { items } = await hostLedger(records).incidents({ hostId }, { limit: maxNewer });
  const at = items.findIndex((stored) => stored.id === id);
  return (at === -1 ? items : items.slice(0, at)).map(({ value }) => value);
}

/** Does an incident say whether its host is forced down, whatever an earlier one left? */
const tellsOfForcedDown = (incident: HostIncident): boolean =>
  incident.state === 'recovered' || incident.releasedAtMs !== null || holdsForcedDown(incident);

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
