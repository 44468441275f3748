import { ProblemError } from '@sidestep/service-kit';
import { faultsOfFencing } from '../../domain/hosts/fencing.ts';
import type { Operation } from '../../domain/operation.ts';
import { type Compute, computeFor } from '../../ports/compute.ts';
import type { Hosts } from '../../ports/hosts.ts';
import { hostLedger } from '../hosts/host-ledger.ts';
import type { Ledger } from '../ledger.ts';

type Needs = { compute: Compute; hosts: Hosts; ledger: Ledger };

/** Why the operation's source is not dead for certain, by what Nova says now; empty where it is. */
export async function fencingFaults(
  { from, work }: Pick<Operation, 'from' | 'work'>,
  { hosts, ledger }: Pick<Needs, 'hosts' | 'ledger'>,
): Promise<string[]> {
  const [incident, service] = await Promise.all([
    hostLedger(ledger.records).incident(work?.id ?? ''),
    hosts.readService(from),
  ]);
  return faultsOfFencing(from, incident?.value.fencing ?? null, service);
}

/**
 * The calls by which an operation moves its server. For an evacuation each call is preceded by one more look whether
 * the host is dead: long may lie between the precheck and the call of a later worker.
 */
export function computeOf(operation: Operation, needs: Needs): Compute {
  const compute = computeFor(operation.kind, needs.compute);
  if (operation.kind !== 'evacuate') return compute;
  return {
    ...compute,
    requestMove: async (serverId, to, timeoutMs) => {
      try {
        const faults = await fencingFaults(operation, needs);
        if (faults.length > 0) return { kind: 'refused', detail: faults.join('; ') };
      } catch (error) {
        if (!(error instanceof ProblemError)) throw error;
        return { kind: 'not-sent', detail: error.message };
      }
      return compute.requestMove(serverId, to, timeoutMs);
    },
  };
}
