import type { HostId } from '@sidestep/fleet';

/** A host's compute service as Nova has it now. */
export type HostService = {
  state: 'up' | 'down';
  status: 'enabled' | 'disabled';
  disabledReason: string | null;
  /** An operator, or we, told Nova that it is fenced: Nova calls it down whatever it reports. */
  forcedDown: boolean;
  /** Its last report by Nova's clock, milliseconds since the epoch; null before the first. */
  reportedAtMs: number | null;
};

/** That a host is cut off for certain: by whom it was confirmed, and what Nova knew of it then. */
export type Fencing = {
  means: 'hook' | 'operator';
  confirmedBy: string;
  reason: string;
  atMs: number;
  /** The host's last report when it was confirmed or, later, when it was forced down; by Nova's clock. */
  reportedAtMs: number | null;
  /** Saved before Nova is told, so that the telling itself is not taken for a report of the host. */
  forcing: boolean;
  forcedDownAtMs: number | null;
};

/** Has the host reported to Nova since it was fenced? Then it lives, whatever was confirmed. */
export function reportsAfter(fencing: Fencing, service: HostService): boolean {
  if (fencing.forcing && fencing.forcedDownAtMs === null) return false;
  return (service.reportedAtMs ?? 0) > (fencing.reportedAtMs ?? 0);
}

/** Why a host's servers must not be made anew elsewhere; empty where it is dead for certain. */
export function faultsOfFencing(
  hostId: HostId,
  fencing: Fencing | null,
  service: HostService,
): string[] {
  if (fencing === null) return [`no fencing of ${hostId} is confirmed`];
  const faults: string[] = [];
  if (!service.forcedDown) faults.push(`${hostId} is not forced down any more`);
  if (service.state !== 'down') faults.push(`the compute service of ${hostId} is ${service.state}`);
  if (reportsAfter(fencing, service)) {
    faults.push(`${hostId} has reported to Nova since it was fenced: it lives`);
  }
  return faults;
}
