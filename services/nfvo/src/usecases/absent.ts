import { OpenStackError } from '@sidestep/openstack';

/** For `catch`: what the cloud does not know is undefined; any other failure goes on. */
export function absentWhenNotFound(error: unknown): undefined {
  if (error instanceof OpenStackError && error.kind === 'not-found') return undefined;
  throw error;
}
