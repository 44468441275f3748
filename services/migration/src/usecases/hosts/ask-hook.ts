import type { Fencing } from '../../domain/hosts/fencing.ts';
import { type HostIncident, settleIncident } from '../../domain/hosts/host-incident.ts';
import { changed, type IncidentOptions } from './change-incident.ts';

/** Has the hook fence the host; a hook that fails is asked again a few times, and then left to an operator. */
export async function askHook(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  const { hook, hosts, incidents, now } = options;
  const { hostId } = incident;
  const entry = () => ({ atMs: now(), by: null });
  if (hook === null) {
    const reason = 'no fencing hook is configured any more';
    return changed(
      incident,
      (newest) => settleIncident(newest, 'open', { ...entry(), reason }),
      options,
    );
  }
  if ((incident.hook.nextAtMs ?? 0) > now()) return 'fencing';
  const tries = incident.hook.tries + 1;
  // Counted before it is asked: one that kills us at each try is not asked for ever.
  const nextAtMs = now() + incidents.hookRetryMs * 2 ** (tries - 1);
  const begun = { tries, nextAtMs, outcome: incident.hook.outcome };
  await changed(incident, (newest) => ({ ...newest, hook: begun }), options);
  const reason = incident.history.at(-1)?.reason ?? 'the host is down';
  const answer = await hook.fence({ hostId, incidentId: incident.id, reason });
  if (answer.kind === 'fenced') {
    const { reportedAtMs } = await hosts.readService(hostId);
    const fencing: Fencing = {
      means: 'hook',
      confirmedBy: 'the fencing hook',
      reason: answer.detail,
      atMs: now(),
      reportedAtMs,
      forcing: false,
      forcedDownAtMs: null,
    };
    return changed(
      incident,
      (newest) => ({
        ...settleIncident(newest, 'fenced', { ...entry(), reason: answer.detail }),
        hook: { tries, nextAtMs: null, outcome: answer.detail },
        fencing,
      }),
      options,
    );
  }
  const outcome = `try ${tries}: ${answer.detail}`;
  if (tries < incidents.hookTries) {
    return changed(
      incident,
      (newest) => ({ ...newest, hook: { tries, nextAtMs, outcome }, waitsFor: 'the hook' }),
      options,
    );
  }
  const failure = `the fencing hook failed ${tries} times, at last: ${answer.detail}`;
  return changed(
    incident,
    (newest) => ({
      ...settleIncident(newest, 'open', { ...entry(), reason: failure }),
      hook: { tries, nextAtMs: null, outcome: failure },
    }),
    options,
  );
}
