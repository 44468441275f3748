import { ProblemError } from '@sidestep/service-kit';
import { backLeg, wayBackOf } from '../../domain/move-leg.ts';
import type { Operation, WayBack } from '../../domain/operation.ts';
import type { CloudServer } from '../../ports/compute.ts';
import { moveOn } from './migrate.ts';
import type { Change, StepContext, StepResult } from './step.ts';
import { verifyArrival } from './verify.ts';

export type RolledBack =
  | { kind: 'back'; detail: string }
  /** The move succeeded after all. */
  | { kind: 'arrived' }
  | { kind: 'wait'; forMs: number; change?: Change }
  | { kind: 'lost'; detail: string; forGood: boolean; change?: Change };

/**
 * One turn of a roll-back. A failed live migration is rolled back by Nova itself: this only sees to it that it was. A
 * server that has arrived is moved back only where somebody wants that.
 */
export async function rollBack(operation: Operation, context: StepContext): Promise<RolledBack> {
  const { back } = operation;
  if (back !== null && (back.intent !== null || back.stage !== 'migrate')) {
    return goBack(operation, context);
  }
  if (operation.intent === null && operation.earlierMoves.length === 0) {
    return { kind: 'back', detail: 'Nova was never asked' };
  }
  const { limits, now } = context;
  const server = await readOrGone(operation, context.compute);
  if (server === 'gone') {
    return { kind: 'lost', detail: 'the server does not exist any more', forGood: true };
  }
  const still = operation.kind === 'evacuate' ? ['ACTIVE', 'SHUTOFF'] : ['ACTIVE'];
  const atRest = still.includes(server.status) && server.taskState === null;
  if (atRest && server.hostId === operation.from) {
    return { kind: 'back', detail: `it is on ${operation.from}` };
  }
  if (atRest && server.hostId === operation.to) {
    const mayReturn = back !== null && operation.kind !== 'evacuate';
    return mayReturn ? goBack(operation, context) : { kind: 'arrived' };
  }
  if (server.status !== 'ERROR' && now() - operation.updatedAtMs < limits.abortTimeoutMs) {
    return { kind: 'wait', forMs: limits.pollMs };
  }
  const task = server.taskState === null ? '' : ` with task ${server.taskState}`;
  const detail = `the server is ${server.status} on ${server.hostId}${task}`;
  return { kind: 'lost', detail, forGood: false };
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

const stages: Record<
  WayBack['stage'],
  (operation: Operation, context: StepContext) => Promise<StepResult>
> = {
  migrate: (operation, context) => moveOn(backLeg, operation, context),
  verify: (operation, context) => verifyArrival(backLeg, operation, context),
  repath: repathBack,
};
const nextStage = { migrate: 'verify', verify: 'repath', repath: null } as const;

/** The live migration back, its verification, and the chains made whole on the source again. */
async function goBack(operation: Operation, context: StepContext): Promise<RolledBack> {
  const { stage } = wayBackOf(operation);
  const result = await stages[stage](operation, context);
  if (result.kind === 'wait') return result;
  if (result.kind === 'failed') {
    const { problem, change } = result;
    return { kind: 'lost', detail: problem.message, forGood: false, ...(change ? { change } : {}) };
  }
  const following = nextStage[stage];
  if (following === null) return { kind: 'back', detail: `moved back to ${operation.from}` };
  const change: Change = (newest) => {
    const changed = (result.change ?? ((same) => same))(newest);
    return { ...changed, back: { ...wayBackOf(changed), stage: following } };
  };
  return { kind: 'wait', forMs: 0, change };
}

async function repathBack(
  operation: Operation,
  { chains, limits }: StepContext,
): Promise<StepResult> {
  const { retries } = wayBackOf(operation);
  try {
    // The re-path there is another: the same id would only be told that it is done.
    const outcome = await chains.repath(`${operation.id}-back`, operation.serverId);
    return { kind: 'done', detail: `the chains are whole (${outcome.kind})` };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    if (retries >= limits.maxRepathRetries) {
      const problem = new ProblemError('REPATH_FAILED', error.message, { cause: error });
      return { kind: 'failed', problem, remedy: 'ask' };
    }
    const change: Change = (newest) => ({
      ...newest,
      back: { ...wayBackOf(newest), retries: retries + 1 },
    });
    return { kind: 'wait', forMs: limits.retryMs * 2 ** retries, change };
  }
}
