import type { migration } from '@sidestep/contracts';
import type { HostDrain } from '../domain/hosts/host-drain.ts';
import type { HostIncident } from '../domain/hosts/host-incident.ts';
import type { Leaver, LeavingState } from '../domain/hosts/leaving.ts';

type Schemas = migration.components['schemas'];

const time = (atMs: number): string => new Date(atMs).toISOString();
const timeOrNull = (atMs: number | null): string | null => (atMs === null ? null : time(atMs));

export function toHostDrain(drain: HostDrain): Schemas['HostDrain'] {
  const { createdAtMs, updatedAtMs, endedAtMs, releasedAtMs, leavers, history, ...same } = drain;
  return {
    ...same,
    createdAt: time(createdAtMs),
    updatedAt: time(updatedAtMs),
    endedAt: timeOrNull(endedAtMs),
    releasedAt: timeOrNull(releasedAtMs),
    progress: toProgress(leavers),
    servers: leavers.map(toLeaving),
    history: history.map(({ atMs, ...entry }) => ({ ...entry, at: time(atMs) })),
  };
}

export function toHostIncident(incident: HostIncident): Schemas['HostIncident'] {
  const { id, hostId, state, evidence, hook, fencing, waitsFor, leavers, history } = incident;
  return {
    id,
    hostId,
    state,
    createdAt: time(incident.createdAtMs),
    updatedAt: time(incident.updatedAtMs),
    endedAt: timeOrNull(incident.endedAtMs),
    evidence: { nova: evidence.nova, series: evidence.series, at: time(evidence.atMs) },
    hook: { tries: hook.tries, outcome: hook.outcome },
    fencing:
      fencing === null
        ? null
        : {
            means: fencing.means,
            confirmedBy: fencing.confirmedBy,
            reason: fencing.reason,
            at: time(fencing.atMs),
            forcedDownAt: timeOrNull(fencing.forcedDownAtMs),
          },
    waitsFor,
    releasedAt: timeOrNull(incident.releasedAtMs),
    progress: toProgress(leavers),
    servers: leavers.map(toLeaving),
    history: history.map(({ atMs, ...entry }) => ({ ...entry, at: time(atMs) })),
  };
}

function toLeaving({
  notBeforeMs,
  to,
  avoid: _avoid,
  ...leaver
}: Leaver): Schemas['LeavingServer'] {
  return {
    ...leaver,
    notBefore: notBeforeMs === 0 ? null : time(notBeforeMs),
    destinationHostId: to,
  };
}

function toProgress(leavers: readonly Leaver[]): Schemas['LeavingProgress'] {
  const count = (state: LeavingState) => leavers.filter((leaver) => leaver.state === state).length;
  return {
    waiting: count('waiting'),
    blocked: count('blocked'),
    moving: count('moving'),
    moved: count('moved'),
    gone: count('gone'),
  };
}
