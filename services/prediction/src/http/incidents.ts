import type { prediction } from '@sidestep/contracts';
import type { Clock, Handlers } from '@sidestep/service-kit';
import type { Incident } from '../domain/incident.ts';
import type { Documents } from '../ports/documents.ts';
import { reportIncident } from '../usecases/gather-incidents.ts';
import { timestamp, timestampOrNull } from './wire.ts';

export const incidentHandlers = (deps: {
  clock: Clock;
  documents: Documents;
  newId: () => string;
}): Pick<Handlers<prediction.operations>, 'listIncidents' | 'reportIncident'> => ({
  listIncidents: async ({ query }) => {
    const { items, nextCursor } = await deps.documents.listIncidents({
      limit: query.limit ?? 100,
      cursor: query.cursor,
      resource: query.resource,
      source: query.source,
    });
    return { status: 200, body: { incidents: items.map(incidentOnWire), nextCursor } };
  },

  reportIncident: async ({ body }) => {
    const incident = await reportIncident(deps, {
      resource: body.resource,
      startedAtMs: Date.parse(body.startedAt),
      endedAtMs: body.endedAt === undefined ? null : Date.parse(body.endedAt),
      note: body.note,
    });
    return { status: 201, body: incidentOnWire(incident) };
  },
});

const incidentOnWire = (incident: Incident): prediction.components['schemas']['Incident'] => ({
  id: incident.id,
  resource: incident.resource,
  source: incident.source,
  startedAt: timestamp(incident.startedAtMs),
  endedAt: timestampOrNull(incident.endedAtMs),
  note: incident.note,
  recordedAt: timestamp(incident.recordedAtMs),
});
