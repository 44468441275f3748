import { ProblemError } from '@sidestep/service-kit';
import { fencingFaults } from './fenced-compute.ts';
import { groupFaults, readPlaces, receptionFaults, serverFaults } from './precheck.ts';
import type { Step } from './step.ts';

/**
 * Reads again that the host is dead for certain: a server made anew while its first one lives would be there twice, on
 * the same volumes and addresses.
 */
export const precheckEvacuation: Step = async (operation, context) => {
  const [unfenced, { server, reception, groups }] = await Promise.all([
    fencingFaults(operation, context),
    readPlaces(operation, context),
  ]);
  const faults = [
    ...unfenced,
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
