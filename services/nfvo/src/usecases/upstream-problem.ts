import { OpenStackError } from '@sidestep/openstack';
import { FenceLost, ProblemError, VersionConflict } from '@sidestep/service-kit';

/** Faults by which the VIM says that the request contradicts what there is: the client can do something about them. */
const contradictions = new Set([
  'FlowClassifierInConflict',
  'FlowClassifierInUse',
  'PortPairIngressEgressInUse',
  'PortPairIngressEgressDifferentHost',
  'PortPairIngressNoHost',
  'PortPairEgressNoHost',
  'InvalidPortPairGroups',
]);

/** A failure of OpenStack, or of our own locking, as a problem; its request id is in the detail. Undefined for a fault of ours. */
export function upstreamProblem(error: unknown): ProblemError | undefined {
  if (error instanceof ProblemError) return error;
  if (error instanceof OpenStackError) {
    if (error.kind === 'timeout')
      return new ProblemError('UPSTREAM_TIMEOUT', error.message, { cause: error });
    if (error.fault !== null && contradictions.has(error.fault))
      return new ProblemError('CONFLICT', error.message, { cause: error });
    return new ProblemError('UPSTREAM_FAILED', error.message, { cause: error });
  }
  if (error instanceof FenceLost || error instanceof VersionConflict)
    return new ProblemError('VERSION_CONFLICT', 'Another worker has taken it over; ask again', {
      cause: error,
    });
  return undefined;
}
