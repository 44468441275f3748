import type { Incident } from '../domain/incident.ts';
import { type IncidentTimes, timesOf } from '../domain/incident-series.ts';
import type { Documents } from '../ports/documents.ts';

/** The incidents in hand, for those that lay them beside the samples at every tick. */
export type IncidentDesk = {
  /** Reads them from the records. */
  refresh(): Promise<void>;
  /** By host. */
  times(): IncidentTimes;
};

const pageLimit = 1_000;
/** More are not kept in memory; the newest are. */
const maxIncidents = 10_000;

/** Reads incidents page by page, the newest first. */
export async function readIncidents(
  documents: Pick<Documents, 'listIncidents'>,
): Promise<Incident[]> {
  const incidents: Incident[] = [];
  let cursor: string | undefined;
  do {
    const page = await documents.listIncidents({ limit: pageLimit, cursor });
    incidents.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && incidents.length < maxIncidents);
  return incidents;
}

export function createIncidentDesk(documents: Pick<Documents, 'listIncidents'>): IncidentDesk {
  let times: IncidentTimes = {};
  return {
    refresh: async () => {
      times = timesOf(await readIncidents(documents));
    },
    times: () => times,
  };
}
