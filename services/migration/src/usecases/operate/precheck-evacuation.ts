import { ProblemError } from '@sidestep/service-kit';
import { faultsOfFencing } from '../../domain/hosts/fencing.ts';
import { hostLedger } from '../hosts/host-ledger.ts';
import { groupFaults, receptionFaults, serverFaults } from './precheck.ts';
import type { Step } from './step.ts';

/**
 * Reads again that the host is dead for certain: a server made anew while its first one lives would be there twice, on
 * the same volumes and addresses.
 */
export const precheckEvacuation: Step = async (operation, { compute, hosts, ledger }) => {
  const incident = await hostLedger(ledger.records).incident(operation.work?.id ?? '');
  const [service, server] = await Promise.all([
    hosts.readService(operation.from),
    compute.readServer(operation.serverId),
  ]);
  const [reception, groups] = await Promise.all([
    compute.readReception(operation.to, server),
    compute.readGroups(server),
  ]);
  const faults = [
    ...faultsOfFencing(operation.from, incident?.value.fencing ?? null, service),
    ...serverFaults(server, operation),
    ...receptionFaults(reception, operation.to),
    ...groupFaults(groups, operation),
  ];
  if (faults.length === 0) {
    return {
      kind: 'done',
      detail: `${operation.from} is fenced and forced down; ${operation.to} is up, enabled and has room`,
    };
  }
  return {
    kind: 'failed',
    problem: new ProblemError('PRECHECK_FAILED', faults.join('; ')),
    remedy: 'roll-back',
  };
};
