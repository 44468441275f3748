import type { HostId } from '@sidestep/fleet';
import type { Fencing } from './fencing.ts';
import { arrived, isOver, type Leaver } from './leaving.ts';

export type HostIncidentState =
  | 'open'
  | 'fencing'
  | 'fenced'
  | 'evacuating'
  | 'evacuated'
  | 'partly'
  | 'recovered'
  | 'dismissed';

/** What may follow what. Fencing that fails, or that the host contradicts, leads back to `open`. */
export const incidentFollowers = {
  open: ['fencing', 'fenced', 'recovered', 'dismissed'],
  fencing: ['fenced', 'open', 'dismissed'],
  fenced: ['evacuating', 'open', 'dismissed'],
  evacuating: ['evacuated', 'partly'],
  evacuated: [],
  partly: [],
  recovered: [],
  dismissed: [],
} as const satisfies Record<HostIncidentState, readonly HostIncidentState[]>;

export const hostIncidentStates = Object.keys(incidentFollowers) as readonly HostIncidentState[];

/** What says that the host is down. */
export type DownEvidence = {
  /** Nova's word about its compute service. */
  nova: 'up' | 'down' | 'unknown';
  /** Is any series of the host, or of a server on it, still written? */
  series: 'fresh' | 'dead' | 'unknown';
  atMs: number;
};

/** What the fencing hook was asked. */
export type HookRecord = {
  tries: number;
  /** Not asked again before; null when it is not to be asked any more. */
  nextAtMs: number | null;
  /** What the last answer was; null before the first. */
  outcome: string | null;
};

/** A host that went down, and what is done about the servers on it: the truth about it. */
export type HostIncident = {
  id: string;
  hostId: HostId;
  state: HostIncidentState;
  createdAtMs: number;
  updatedAtMs: number;
  endedAtMs: number | null;
  evidence: DownEvidence;
  hook: HookRecord;
  fencing: Fencing | null;
  /** What has to happen before it goes on; null while it does, and at its end. */
  waitsFor: string | null;
  policy: string | null;
  leavers: readonly Leaver[];
  /** When Nova was told that the host may be used again; null before. */
  releasedAtMs: number | null;
  history: readonly {
    state: HostIncidentState;
    atMs: number;
    by: string | null;
    reason: string | null;
  }[];
};

export class ForbiddenIncidentState extends Error {
  override readonly name = 'ForbiddenIncidentState';
}

export const isOpenIncident = ({ state }: Pick<HostIncident, 'state'>): boolean =>
  incidentFollowers[state].length > 0;

/** May Nova still hold the host forced down because of it? */
export const holdsForcedDown = ({
  fencing,
  releasedAtMs,
}: Pick<HostIncident, 'fencing' | 'releasedAtMs'>): boolean =>
  releasedAtMs === null && fencing !== null && (fencing.forcing || fencing.forcedDownAtMs !== null);

/** A hook that keeps failing sends an incident back and forth: so much of its past is kept. */
const maxHistory = 50;

/** The only writer of an incident's state: checks the table and appends to the history. */
export function settleIncident(
  incident: HostIncident,
  to: HostIncidentState,
  entry: { atMs: number; by: string | null; reason: string | null },
): HostIncident {
  const allowed: readonly HostIncidentState[] = incidentFollowers[incident.state];
  if (!allowed.includes(to)) {
    throw new ForbiddenIncidentState(`${incident.id}: ${to} cannot follow ${incident.state}`);
  }
  const changed = { ...incident, state: to, updatedAtMs: entry.atMs };
  return {
    ...changed,
    endedAtMs: isOpenIncident(changed) ? null : entry.atMs,
    waitsFor: null,
    history: [...incident.history, { state: to, ...entry }].slice(-maxHistory),
  };
}

/** Notes that an ended incident's host was forced up again: its state stays. */
export function releasedIncident(incident: HostIncident, by: string, atMs: number): HostIncident {
  const entry = {
    state: incident.state,
    atMs,
    by,
    reason: 'forced up: the host may be used again',
  };
  return {
    ...incident,
    releasedAtMs: atMs,
    updatedAtMs: atMs,
    history: [...incident.history, entry].slice(-maxHistory),
  };
}

/** Ends an evacuation that has nothing left to do; any other incident is answered as it is. */
export function evacuatedIfOver(incident: HostIncident, atMs: number): HostIncident {
  const { leavers } = incident;
  if (incident.state !== 'evacuating' || !isOver(leavers)) return incident;
  const left = leavers.filter((leaver) => !arrived(leaver));
  const reason =
    left.length === 0
      ? null
      : left.map(({ name, why }) => `${name}: ${why ?? 'not moved'}`).join('; ');
  return settleIncident(incident, left.length === 0 ? 'evacuated' : 'partly', {
    atMs,
    by: null,
    reason,
  });
}

/** What an incident that is open is to do next. */
export type IncidentStep = { do: 'recover' } | { do: 'ask-hook' } | { do: 'wait'; for: string };

/**
 * A host that is back needs nothing. A fencing hook is asked without an operator only in `auto`, and only where both
 * Nova and the series say that the host is down; everything else waits for somebody who knows.
 */
export function nextWhileOpen(
  { evidence, hook, hostId }: HostIncident,
  now: { mode: string; hookConfigured: boolean; killSwitch: boolean; atMs: number },
): IncidentStep {
  if (evidence.nova === 'up' && evidence.series !== 'dead') return { do: 'recover' };
  const byOperator = `an operator who confirms that ${hostId} is fenced (POST /hosts/${hostId}/fencing)`;
  if (now.mode !== 'auto') return { do: 'wait', for: `${byOperator}: the mode is ${now.mode}` };
  if (!now.hookConfigured)
    return { do: 'wait', for: `${byOperator}: no fencing hook is configured` };
  if (now.killSwitch) return { do: 'wait', for: 'the kill switch to be released' };
  if (evidence.nova !== 'down')
    return { do: 'wait', for: `Nova: it calls ${hostId} ${evidence.nova}` };
  if (evidence.series === 'fresh')
    return { do: 'wait', for: `its series to end: ${hostId} still sends` };
  if (hook.nextAtMs === null) return { do: 'wait', for: `${byOperator}: ${hook.outcome}` };
  if (hook.nextAtMs > now.atMs)
    return { do: 'wait', for: `the next try of the hook: ${hook.outcome}` };
  return { do: 'ask-hook' };
}
