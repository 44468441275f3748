import { ProblemError } from '@sidestep/service-kit';
import { stepStartedAtMs } from '../../domain/operation.ts';
import type { Step } from './step.ts';

/** Does traffic pass each touched chain from end to end? Tried as the operator has configured; where not, it says so. */
export const probe: Step = async (operation, { chains, limits, now }) => {
  const { chains: touched, repath } = operation;
  if (touched.length === 0) return { kind: 'skipped', detail: 'the server is in no chain' };
  if (repath?.state === 'not-available') {
    return { kind: 'skipped', detail: 'there are no chains here' };
  }
  const probed = await Promise.all(
    touched.map(async ({ chainId }) => ({ chainId, ...(await chains.probe(chainId)) })),
  );
  const failed = probed.filter(({ outcome }) => outcome === 'failed');
  const told = probed.map(({ chainId, outcome, detail }) => `${chainId} ${outcome}: ${detail}`);
  if (failed.length === 0) {
    const tried = probed.some(({ outcome }) => outcome === 'passed');
    return { kind: tried ? 'done' : 'skipped', detail: told.join('; ') };
  }
  if (now() - stepStartedAtMs(operation) < limits.probeTimeoutMs) {
    return { kind: 'wait', forMs: limits.pollMs };
  }
  const detail = `the server has moved, but its chains do not pass: ${told.join('; ')}`;
  return {
    kind: 'failed',
    problem: new ProblemError('VERIFICATION_FAILED', detail),
    remedy: 'compensate',
  };
};
