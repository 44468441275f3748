import { ProblemError } from '@sidestep/service-kit';
import type { Operation } from '../../domain/operation.ts';
import { placeQuestion } from '../../domain/place-question.ts';
import { hotHosts } from '../gather.ts';
import type { StepContext } from './step.ts';

/** Of a plan that waited longer for its approval, Placement is asked again for more than room. */
const freshMs = 30_000;

/** What speaks against the destination by now that the plan could not know when it was made. */
export async function faultsSinceDecision(
  operation: Operation,
  context: StepContext,
): Promise<string[]> {
  const found = await Promise.all([alarmOf(operation, context), refusalOf(operation, context)]);
  return found.flatMap((fault) => fault ?? []);
}

/** A host in alarm is no destination; nor is one that came to be while the plan waited for somebody. */
async function alarmOf(
  { id, to }: Operation,
  { telemetry, triggerMetrics, log }: StepContext,
): Promise<string | null> {
  try {
    const asking = (await telemetry.raisedAlarms()).filter(({ mode }) => mode !== 'recommend');
    return hotHosts(asking, triggerMetrics).has(to) ? `an alarm is raised on ${to}` : null;
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    // What was decided by is at most as old as a plan may be: Monitoring's silence alone stops no move.
    log.warn({ operationId: id, error: error.message }, 'Alarms are not looked at again');
    return null;
  }
}

/** Room, traits and CPU by Placement, of a plan that is not fresh any more. */
async function refusalOf(
  { decisionId, serverId, from, to }: Operation,
  { ledger, telemetry, places, now }: StepContext,
): Promise<string | null> {
  const decision = (await ledger.decision(decisionId))?.value;
  if (decision === undefined || now() - decision.createdAtMs <= freshMs) return null;
  const { servers } = await telemetry.inventory();
  const view = {
    servers: servers.map((server) => ({ ...server, cpuPercent: 'unknown' as const })),
  };
  const question = placeQuestion(view, { serverId, from }, []);
  const place = (await places.readPlaces(question, [to])).get(to);
  if (place?.kind === 'free') return null;
  return `${to} does not take it: ${place?.detail ?? 'Placement names it nowhere'}`;
}
