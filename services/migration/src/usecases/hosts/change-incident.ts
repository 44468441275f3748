import { type HostIncident, isOpenIncident } from '../../domain/hosts/host-incident.ts';
import type { FencingHook } from '../../ports/fencing.ts';
import { inRound } from '../in-round.ts';
import type { HostWorkOptions } from './advance-drain.ts';
import { hostLedger, incidentHoldWrite, incidentWrite } from './host-ledger.ts';

export type IncidentLimits = {
  /** So often the hook is asked before somebody has to look. */
  hookTries: number;
  /** Wait after the hook's first failure, milliseconds; doubled after each. */
  hookRetryMs: number;
  /** A host that Nova calls up has to be silent so long after it was fenced, milliseconds, before Nova is told. */
  quietMs: number;
  /** May a server whose disk died with its host be made anew from its image, or is the storage shared? */
  localDisksMayBeRebuilt: boolean;
};

export type IncidentOptions = HostWorkOptions & {
  hook: FencingHook | null;
  incidents: IncidentLimits;
};

type Change = (incident: HostIncident) => HostIncident;

/** Writes a change of an incident that is still in the state that it was read in; a terminal state lets the host go. */
export async function changed(
  { id, state }: HostIncident,
  change: Change,
  { ledger, now }: Pick<IncidentOptions, 'ledger' | 'now'>,
): Promise<HostIncident['state']> {
  return inRound(ledger, async (round) => {
    const stored = await hostLedger(ledger.records).incident(id);
    if (stored === undefined || stored.value.state !== state) return state;
    const next = change(stored.value);
    if (JSON.stringify(next) === JSON.stringify(stored.value)) return state;
    await round.commit([
      incidentWrite({ ...next, updatedAtMs: now() }, stored.version),
      ...(isOpenIncident(next) ? [] : [await incidentHoldWrite(ledger.records, next.hostId, null)]),
    ]);
    return next.state;
  });
}
