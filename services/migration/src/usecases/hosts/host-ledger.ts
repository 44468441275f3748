import type { HostId } from '@sidestep/fleet';
import type { Records, Stored, Write } from '@sidestep/service-kit';
import { type HostDrain, type HostDrainState, isRunning } from '../../domain/hosts/host-drain.ts';
import {
  type HostIncident,
  type HostIncidentState,
  isOpenIncident,
} from '../../domain/hosts/host-incident.ts';
import type { PageQuery } from '../ledger.ts';

/** What keeps a host to itself: the drain until it is released, the incident until its end. */
type Hold = { id: string; why: string };

type Page<T> = { items: Stored<T>[]; nextCursor: string | null };

/** Host drains and host-down incidents in Records. */
export type HostLedger = {
  drain(id: string): Promise<Stored<HostDrain> | undefined>;
  drains(
    where: { state?: HostDrainState; hostId?: HostId },
    page: PageQuery,
  ): Promise<Page<HostDrain>>;
  runningDrains(): Promise<Stored<HostDrain>[]>;
  /** The drain of a host that is not released yet. */
  drainOf(hostId: HostId): Promise<Stored<HostDrain> | undefined>;
  incident(id: string): Promise<Stored<HostIncident> | undefined>;
  incidents(
    where: { state?: HostIncidentState; hostId?: HostId },
    page: PageQuery,
  ): Promise<Page<HostIncident>>;
  openIncidents(): Promise<Stored<HostIncident>[]>;
  /** The open incident of a host. */
  incidentOf(hostId: HostId): Promise<Stored<HostIncident> | undefined>;
  /** Hosts that nothing but their own drain or incident may move from or to, each with why. */
  held(): Promise<Map<HostId, string>>;
};

/** More hosts than this are not emptied at a time. */
export const maxRunning = 1_000;

const drainHold = 'host-drain-hold';
const incidentHold = 'host-incident-hold';

export function hostLedger(records: Records): HostLedger {
  const of = async <T extends object>(hold: string, kind: string, hostId: HostId) => {
    const held = await records.get<Hold>(hold, hostId);
    return held === undefined ? undefined : records.get<T>(kind, held.value.id);
  };
  const open = async <T extends object>(kind: string) =>
    (await records.list<T>(kind, { where: { open: 'yes' }, order: 'oldest', limit: maxRunning }))
      .items;
  return {
    drain: (id) => records.get<HostDrain>('host-drain', id),
    drains: (where, page) =>
      records.list<HostDrain>('host-drain', { where: { ...where }, ...page }),
    runningDrains: () => open<HostDrain>('host-drain'),
    drainOf: (hostId) => of<HostDrain>(drainHold, 'host-drain', hostId),
    incident: (id) => records.get<HostIncident>('host-incident', id),
    incidents: (where, page) =>
      records.list<HostIncident>('host-incident', { where: { ...where }, ...page }),
    openIncidents: () => open<HostIncident>('host-incident'),
    incidentOf: (hostId) => of<HostIncident>(incidentHold, 'host-incident', hostId),
    held: async () => {
      const [drains, incidents] = await Promise.all(
        [drainHold, incidentHold].map((kind) => records.list<Hold>(kind, { limit: maxRunning })),
      );
      const holds = [...(drains?.items ?? []), ...(incidents?.items ?? [])];
      return new Map(holds.map(({ id, value }) => [id, value.why]));
    },
  };
}

export function drainWrite(drain: HostDrain, expected: Write['expected']): Write {
  const { id, state, hostId } = drain;
  const keys = { state, hostId, open: isRunning(drain) ? 'yes' : 'no' };
  return { kind: 'host-drain', id, expected, value: drain, keys };
}

export function incidentWrite(incident: HostIncident, expected: Write['expected']): Write {
  const { id, state, hostId } = incident;
  const keys = { state, hostId, open: isOpenIncident(incident) ? 'yes' : 'no' };
  return { kind: 'host-incident', id, expected, value: incident, keys };
}

/** Keeps a host to a drain, or (null) lets it go. */
export async function drainHoldWrite(
  records: Records,
  hostId: HostId,
  drain: HostDrain | null,
): Promise<Write> {
  const held = await records.get<Hold>(drainHold, hostId);
  const value: Hold | null =
    drain === null ? null : { id: drain.id, why: `it is being emptied (host drain ${drain.id})` };
  return { kind: drainHold, id: hostId, expected: held?.version ?? 'absent', value };
}

/** Keeps a host to an incident, or (null) lets it go. */
export async function incidentHoldWrite(
  records: Records,
  hostId: HostId,
  incident: HostIncident | null,
): Promise<Write> {
  const held = await records.get<Hold>(incidentHold, hostId);
  const value: Hold | null =
    incident === null ? null : { id: incident.id, why: `it is down (incident ${incident.id})` };
  return { kind: incidentHold, id: hostId, expected: held?.version ?? 'absent', value };
}
