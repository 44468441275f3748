import { type Fencing, reportsAfter } from '../../domain/hosts/fencing.ts';
import { type HostIncident, settleIncident } from '../../domain/hosts/host-incident.ts';
import { changed, type IncidentOptions } from './change-incident.ts';

/** A sample may be under way so long, milliseconds, when its host is cut off. */
const sampleMarginMs = 5_000;
/** Tells Nova that a host that is fenced is down, unless the host contradicts it. */
export async function forceDown(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  const { hosts, incidents, ledger, now } = options;
  const { hostId, fencing } = incident;
  if (fencing === null) throw new Error(`incident ${incident.id} is fenced by nobody`);
  const contradiction = await lifeSince(incident, fencing, options);
  if (contradiction !== null) {
    // An earlier look may have told Nova and been cut off: nothing has been evacuated, so the host is given back.
    if (fencing.forcing) await hosts.setForcedDown(hostId, false);
    return changed(
      incident,
      (newest) => ({
        ...settleIncident(newest, 'open', { atMs: now(), by: null, reason: contradiction }),
        fencing: null,
        hook: { ...newest.hook, nextAtMs: null, outcome: contradiction },
      }),
      options,
    );
  }
  const quietUntilMs = fencing.atMs + incidents.quietMs;
  const { state, forcedDown } = await hosts.readService(hostId);
  if (state === 'up' && !forcedDown && now() < quietUntilMs) {
    // Nova has not missed a report yet: one that comes now would tell that the host lives.
    const until = new Date(quietUntilMs).toISOString();
    const waitsFor = `${hostId} to be silent until ${until}: Nova still calls it up`;
    return changed(incident, (newest) => ({ ...newest, waitsFor }), options);
  }
  const forcing = { ...fencing, forcing: true };
  await changed(incident, (newest) => ({ ...newest, fencing: forcing }), options);
  await hosts.setForcedDown(hostId, true);
  const [{ reportedAtMs }, { policy }] = await Promise.all([
    hosts.readService(hostId),
    ledger.settings(),
  ]);
  const atMs = now();
  return changed(
    incident,
    (newest) => ({
      ...settleIncident(newest, 'evacuating', {
        atMs,
        by: fencing.confirmedBy,
        reason: `forced down; fenced: ${fencing.reason}`,
      }),
      fencing: { ...forcing, reportedAtMs, forcedDownAtMs: atMs },
      policy,
    }),
    options,
  );
}

/** What says that a host that was fenced lives all the same; null where nothing does. */
export async function lifeSince(
  { hostId }: HostIncident,
  fencing: Fencing,
  { hosts, telemetry, now }: IncidentOptions,
): Promise<string | null> {
  const [service, samples] = await Promise.all([
    hosts.readService(hostId),
    telemetry.newest('host.cpuPercent', [hostId]),
  ]);
  if (reportsAfter(fencing, service)) {
    return `${hostId} has reported to Nova since it was fenced: it lives, and is not evacuated`;
  }
  const newest = samples.find(({ resource }) => resource === hostId);
  if (newest !== undefined && now() - newest.ageMs > fencing.atMs + sampleMarginMs) {
    return `${hostId} has sent samples since it was fenced: it lives, and is not evacuated`;
  }
  return null;
}
