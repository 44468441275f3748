import { ProblemError } from '@sidestep/service-kit';
import type { Operation } from '../../domain/operation.ts';
import type { CloudServer } from '../../ports/compute.ts';
import type { StepContext } from './step.ts';

export type RolledBack =
  | { kind: 'back' }
  /** The move succeeded after all. */
  | { kind: 'arrived' }
  | { kind: 'wait' }
  | { kind: 'lost'; detail: string };

/** A failed live migration is rolled back by Nova itself: this only sees to it that it was. */
export async function rollBack(
  operation: Operation,
  { compute, limits, now }: Pick<StepContext, 'compute' | 'limits' | 'now'>,
): Promise<RolledBack> {
  if (operation.intent === null) return { kind: 'back' };
  const server = await readOrGone(operation, compute);
  if (server === 'gone') return { kind: 'lost', detail: 'the server does not exist any more' };
  const still = operation.kind === 'evacuate' ? ['ACTIVE', 'SHUTOFF'] : ['ACTIVE'];
  const atRest = still.includes(server.status) && server.taskState === null;
  if (atRest && server.hostId === operation.from) return { kind: 'back' };
  if (atRest && server.hostId === operation.to) return { kind: 'arrived' };
  const { updatedAtMs } = operation;
  if (server.status !== 'ERROR' && now() - updatedAtMs < limits.abortTimeoutMs) {
    return { kind: 'wait' };
  }
  const task = server.taskState === null ? '' : ` with task ${server.taskState}`;
  return { kind: 'lost', detail: `the server is ${server.status} on ${server.hostId}${task}` };
}

async function readOrGone(
  { serverId }: Operation,
  compute: StepContext['compute'],
): Promise<CloudServer | 'gone'> {
  try {
    return await compute.readServer(serverId);
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'NOT_FOUND') return 'gone';
    throw error;
  }
}
