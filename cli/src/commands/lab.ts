import { inRepository } from '../repository.ts';
import { runChild } from '../run-child.ts';

/** The real OpenStack on this machine: what its own script does. */
export async function lab(action: 'up' | 'status' | 'down'): Promise<number> {
  return runChild('bash', [inRepository('deploy/openstack-lab/lab.sh'), action]);
}
