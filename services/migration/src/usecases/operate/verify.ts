import { ProblemError } from '@sidestep/service-kit';
import { reasonOf } from '../../domain/failure-reason.ts';
import { type Leg, thereLeg } from '../../domain/move-leg.ts';
import { type Operation, stepStartedAtMs } from '../../domain/operation.ts';
import type { Step, StepContext, StepResult } from './step.ts';

export const verify: Step = (operation, context) => verifyArrival(thereLeg, operation, context);

/** Is the server where the leg leads, at rest, with every port bound there? */
export async function verifyArrival(
  leg: Leg,
  operation: Operation,
  { compute, limits, now }: StepContext,
): Promise<StepResult> {
  const { serverId } = operation;
  const { to } = leg.of(operation);
  const [server, portHosts] = await Promise.all([
    compute.readServer(serverId),
    compute.portHosts(serverId),
  ]);
  const late = now() - stepStartedAtMs(operation) >= limits.verifyTimeoutMs;
  if (server.status === 'ERROR') {
    const requestId = leg.of(operation).nova?.requestId ?? null;
    const events = requestId === null ? 'unknown' : await compute.readEvents(serverId, requestId);
    const why = reasonOf(events);
    if (why === null && !late) return { kind: 'wait', forMs: limits.pollMs };
    const detail = `Nova has left the server in ERROR on ${server.hostId}: ${why ?? 'no event of it tells why'}`;
    // Nova moves no server that is in ERROR: neither rule of compensation helps.
    return {
      kind: 'failed',
      problem: new ProblemError('VERIFICATION_FAILED', detail),
      remedy: 'ask',
    };
  }
  const faults: string[] = [];
  if (server.hostId !== to) faults.push(`it is on ${server.hostId}`);
  if (!isAtRest(operation, server)) faults.push(`it is ${server.status}`);
  if (server.taskState !== null) faults.push(`Nova is busy with it (${server.taskState})`);
  const astray = portHosts.filter((hostId) => hostId !== to);
  if (astray.length > 0) faults.push(`ports are bound to ${[...new Set(astray)].join(', ')}`);
  if (faults.length === 0) {
    return {
      kind: 'done',
      detail: `${server.status} on ${to} with ${portHosts.length} ports bound there`,
    };
  }
  if (!late) return { kind: 'wait', forMs: limits.pollMs };
  const detail = `Nova reports the move completed, but ${faults.join('; ')}`;
  return {
    kind: 'failed',
    problem: new ProblemError('VERIFICATION_FAILED', detail),
    remedy: 'compensate',
  };
}

/** Does it run, or lie still as it did before its host died? */
function isAtRest({ kind }: Operation, { status }: { status: string }): boolean {
  return status === 'ACTIVE' || (kind === 'evacuate' && status === 'SHUTOFF');
}
