import { OpenStackError } from '@sidestep/openstack';
import { ProblemError } from '@sidestep/service-kit';

/** A call to the cloud, its failure in the house's words; whether it may be repeated is the problem's. */
export async function translated<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    const silent = error.kind === 'timeout' || error.kind === 'unreachable';
    const code = silent ? 'UPSTREAM_TIMEOUT' : 'UPSTREAM_FAILED';
    throw new ProblemError(code, error.message, { cause: error });
  }
}
