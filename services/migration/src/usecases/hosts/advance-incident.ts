import { type HostIncident, isOpenIncident } from '../../domain/hosts/host-incident.ts';
import { askHook } from './ask-hook.ts';
import type { IncidentOptions } from './change-incident.ts';
import { evacuateHost } from './evacuate-host.ts';
import { forceDown } from './force-down.ts';
import { hostLedger } from './host-ledger.ts';
import { lookAtOpenIncident } from './look-at-open-incident.ts';

/** More states than these an incident does not pass in one look. */
const maxTurns = 6;

/** Brings an incident as far as it goes now, from what Nova, Monitoring and the records say. Harmless to repeat. */
export async function advanceIncident(incidentId: string, options: IncidentOptions): Promise<void> {
  for (let turn = 0; turn < maxTurns; turn++) {
    const stored = await hostLedger(options.ledger.records).incident(incidentId);
    if (stored === undefined || !isOpenIncident(stored.value)) return;
    const { value } = stored;
    const next = await advanced(value, options);
    if (next === value.state) return;
  }
}

async function advanced(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  switch (incident.state) {
    case 'open':
      return lookAtOpenIncident(incident, options);
    case 'fencing':
      return askHook(incident, options);
    case 'fenced':
      return forceDown(incident, options);
    default:
      return evacuateHost(incident, options);
  }
}
