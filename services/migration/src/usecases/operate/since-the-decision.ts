import type { HostId } from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import type { Operation } from '../../domain/operation.ts';
import { placeQuestion } from '../../domain/place-question.ts';
import type { Inventory } from '../../domain/view-of.ts';
import type { RaisedAlarm } from '../../ports/telemetry.ts';
import { holdUnconfirmed, questionOf } from '../consult-guardrails.ts';
import { hotHosts } from '../gather.ts';
import { aborted } from './move-outcomes.ts';
import type { StepContext, StepResult } from './step.ts';

/** Of a plan that waited longer for its approval, Placement is asked again for more than room. */
const freshMs = 30_000;

/** What speaks against the destination by now, or what has to be done as nobody can tell. */
export type SinceDecision =
  | { kind: 'known'; faults: string[] }
  | { kind: 'unknown'; result: StepResult };

/**
 * What speaks against the destination by now that the plan could not know when it was made. While Monitoring is silent a
 * fresh plan goes on by what it was made from; an older one waits, and is held back once it has expired.
 */
export async function sinceDecision(
  operation: Operation,
  context: StepContext,
): Promise<SinceDecision> {
  const { ledger, telemetry, log, now } = context;
  const decision = (await ledger.decision(operation.decisionId))?.value;
  const isFresh = decision === undefined || now() - decision.createdAtMs <= freshMs;
  const read = await Promise.all([
    telemetry.raisedAlarms(),
    isFresh ? null : telemetry.inventory(),
  ]).catch((error: unknown) => {
    if (error instanceof ProblemError) return error;
    throw error;
  });
  if (!(read instanceof ProblemError)) {
    const [alarms, inventory] = read;
    const refusal = inventory === null ? null : await refusalOf(operation, inventory, context);
    const found = [alarmOn(operation.to, alarms, context), refusal];
    return { kind: 'known', faults: found.flatMap((fault) => fault ?? []) };
  }
  const { message } = read;
  if (!isFresh) return { kind: 'unknown', result: await waitOrExpire(operation, message, context) };
  log.warn({ operationId: operation.id, error: message }, 'Alarms are not looked at again');
  return { kind: 'known', faults: [] };
}

/** A host in alarm is no destination; nor is one that came to be while the plan waited for somebody. */
function alarmOn(
  to: HostId,
  alarms: readonly RaisedAlarm[],
  { triggerMetrics }: StepContext,
): string | null {
  const asking = alarms.filter(({ mode }) => mode !== 'recommend');
  return hotHosts(asking, triggerMetrics).has(to) ? `an alarm is raised on ${to}` : null;
}

/** Room, traits and CPU by Placement, of a plan that is not fresh any more. */
async function refusalOf(
  { serverId, from, to }: Operation,
  { servers }: Inventory,
  { places }: StepContext,
): Promise<string | null> {
  const view = {
    servers: servers.map((server) => ({ ...server, cpuPercent: 'unknown' as const })),
  };
  const question = placeQuestion(view, { serverId, from }, []);
  const place = (await places.readPlaces(question, [to])).get(to);
  if (place?.kind === 'free') return null;
  return `${to} does not take it: ${place?.detail ?? 'Placement names it nowhere'}`;
}

/** Nothing moves by what nobody can confirm: the plan waits until it expires, and the guardrails' list tells why. */
async function waitOrExpire(
  operation: Operation,
  silence: string,
  { ledger, limits, now }: StepContext,
): Promise<StepResult> {
  // One that is begun again is stopped here: nothing else looks at it while it waits.
  if (operation.abort !== null) return aborted(operation.abort, 'before it began again');
  const question = await questionOf(operation, ledger);
  const said = await holdUnconfirmed(ledger.guard, question, silence, now());
  if (!said.expired) return { kind: 'wait', forMs: 10 * limits.pollMs };
  return { kind: 'failed', problem: said.refusal, remedy: 'abandon' };
}
