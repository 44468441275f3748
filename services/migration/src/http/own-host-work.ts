import type { ServerId } from '@sidestep/fleet';
import type { HostDrain } from '../domain/hosts/host-drain.ts';
import type { HostIncident } from '../domain/hosts/host-incident.ts';
import type { Leaver } from '../domain/hosts/leaving.ts';

/** Says of a server whether the reader may know of it; null for one that sees everything. */
type Own = ((serverId: ServerId) => boolean) | null;

/** A drain as far as it concerns the reader's VNFs; undefined where it does not. */
export function ownDrain(drain: HostDrain, own: Own): HostDrain | undefined {
  const part = ownPart(drain, own);
  return part === undefined || own === null ? part : { ...part, heldBack: null };
}

/** An incident as far as it concerns the reader's VNFs; undefined where it does not. */
export function ownIncident(incident: HostIncident, own: Own): HostIncident | undefined {
  return ownPart(incident, own);
}

type Entry = { by: string | null; reason: string | null };

function ownPart<Work extends { leavers: readonly Leaver[]; history: readonly Entry[] }>(
  work: Work,
  own: Own,
): Work | undefined {
  if (own === null) return work;
  const leavers = work.leavers.filter(({ serverId }) => own(serverId));
  if (leavers.length === 0) return undefined;
  // What the service says by itself names the servers that stay, whoever's they are.
  const history = work.history.map((entry) =>
    entry.by === null ? { ...entry, reason: null } : entry,
  );
  return { ...work, leavers, history };
}
