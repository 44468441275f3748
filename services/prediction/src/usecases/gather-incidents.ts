import { type Clock, ProblemError } from '@sidestep/service-kit';
import { endedUnseen, hostIncidents, type Incident, incidentOf } from '../domain/incident.ts';
import type { Documents } from '../ports/documents.ts';
import type { Telemetry } from '../ports/telemetry.ts';

type IncidentDeps = { clock: Clock; documents: Pick<Documents, IncidentCalls> };
type IncidentCalls = 'saveIncident' | 'openIncidents';

/** Makes incidents of Monitoring's alarms and of hosts that Nova reports down. Throws while Monitoring is away. */
export async function gatherIncidents(
  deps: IncidentDeps & { telemetry: Pick<Telemetry, 'readRaisedAlarms' | 'readInventory'> },
): Promise<void> {
  const { clock, documents, telemetry } = deps;
  const alarms = await telemetry.readRaisedAlarms();
  for (const alarm of alarms) {
    const incident = incidentOf(alarm, clock.now());
    if (incident !== 'none') await documents.saveIncident(incident);
  }
  const lasting = await documents.openIncidents('alarm');
  for (const incident of endedUnseen(alarms, lasting, clock.now()))
    await documents.saveIncident(incident);
  const { hosts } = await telemetry.readInventory();
  const open = await documents.openIncidents('compute-service');
  for (const incident of hostIncidents(hosts, open, clock.now()))
    await documents.saveIncident(incident);
}

/** Records what an operator tells of. */
export async function reportIncident(
  deps: IncidentDeps & { newId: () => string },
  told: Pick<Incident, 'resource' | 'startedAtMs' | 'endedAtMs' | 'note'>,
): Promise<Incident> {
  const nowMs = deps.clock.now();
  const refuse = (pointer: string, detail: string) =>
    new ProblemError('UNPROCESSABLE', `The incident ${detail}`, { errors: [{ pointer, detail }] });
  if (told.startedAtMs > nowMs) throw refuse('/body/startedAt', 'begins in the future');
  if (told.endedAtMs !== null && told.endedAtMs < told.startedAtMs)
    throw refuse('/body/endedAt', 'ends before it begins');
  const incident: Incident = {
    ...told,
    id: deps.newId(),
    source: 'operator',
    recordedAtMs: nowMs,
  };
  await deps.documents.saveIncident(incident);
  return incident;
}
