import { ProblemError } from '@sidestep/service-kit';
import { intentOf, type Leg, thereLeg } from '../../domain/move-leg.ts';
import type { MoveIntent, NovaMove, Operation } from '../../domain/operation.ts';
import { ownRequestId } from '../../domain/own-move.ts';
import { consultNow, questionOf, refusal } from '../consult-guardrails.ts';
import { follow } from './follow-move.ts';
import { aborted, failed, overtaken } from './move-outcomes.ts';
import type { Change, Step, StepContext, StepResult } from './step.ts';

/** Slack for what stands between our clock's reading and Nova's: queues, a slow network. */
const marginMs = 1_000;
/** A worker that was held up longer between intent and call may have lost its lease: it does not call. */
const freshIntentMs = 1_000;

/** Has Nova move the server, once; then follows Nova's record to its end. */
export const migrate: Step = (operation, context) => moveOn(thereLeg, operation, context);

/** One turn of a leg's live migration. */
export async function moveOn(
  leg: Leg,
  operation: Operation,
  context: StepContext,
): Promise<StepResult> {
  const { intent, nova, abort } = leg.of(operation);
  if (nova !== null) return follow(leg, operation, context);
  if (intent?.outstanding) return lookForOwn(leg, operation, context);
  // Nothing was asked for yet, or the last call certainly did not arrive.
  return abort === null ? call(leg, operation, context) : aborted(abort, 'before it began');
}

async function call(leg: Leg, operation: Operation, context: StepContext): Promise<StepResult> {
  const { compute, ledger, limits, now, save, onPoint, meters } = context;
  const { id, serverId } = operation;
  const { to, intent: before } = leg.of(operation);
  if ((before?.calls ?? 0) >= limits.maxCalls) {
    return failed(`Nova did not take the request in ${limits.maxCalls} tries`);
  }
  const [known, moves] =
    before === null
      ? await Promise.all([compute.listMoveRequests(serverId), compute.listMoves(serverId)])
      : [[], []];
  // What held when the move was let through may hold no longer; the way back mends, and only the kill switch stops it.
  const asked = leg.name === 'go-back' ? (['kill-switch'] as const) : undefined;
  const question = await questionOf(operation, ledger);
  const problem = refusal(await consultNow(ledger.guard, question, now(), asked));
  if (problem !== undefined) return { kind: 'failed', problem, remedy: 'abandon' };
  const intent: MoveIntent = {
    knownRequestIds: known,
    knownMigrationIds: moves.map((move) => move.id),
    ...before,
    atMs: now(),
    calls: (before?.calls ?? 0) + 1,
    outstanding: true,
  };
  const saved = await save((newest) => leg.with(newest, { intent }));
  await onPoint(`${leg.name}:intent`, id);
  const unsent: Change = (newest) =>
    leg.with(newest, { intent: { ...intent, calls: intent.calls - 1, outstanding: false } });
  const { abort } = leg.of(saved);
  if (abort !== null) return aborted(abort, 'before it began', unsent);
  if (now() - intent.atMs > freshIntentMs) return { kind: 'wait', forMs: 0 };

  if (leg === thereLeg && operation.raisedAtMs !== null && intent.calls === 1) {
    meters.alarmToCall(now() - operation.raisedAtMs);
  }
  const reply = await compute.requestMove(serverId, to, limits.callTimeoutMs);
  await onPoint(`${leg.name}:called`, id);
  switch (reply.kind) {
    case 'accepted':
      return { kind: 'wait', forMs: limits.pollMs, change: taken(leg, reply.requestId, now()) };
    case 'no-answer':
      return { kind: 'wait', forMs: limits.pollMs };
    case 'not-sent':
      await save(unsent);
      throw new ProblemError('UPSTREAM_FAILED', reply.detail);
    case 'refused':
      return failed(reply.detail, unsent);
    case 'already-migrating':
      return (
        (intent.calls > 1 ? await adopt(leg, saved, context) : null) ??
        overtaken(`Nova: ${reply.detail}`, unsent)
      );
  }
}

/** After a call without an answer: has Nova taken it? Only once its time is over may it be made again. */
async function lookForOwn(
  leg: Leg,
  operation: Operation,
  context: StepContext,
): Promise<StepResult> {
  const intent = intentOf(leg, operation);
  const adopted = await adopt(leg, operation, context);
  if (adopted !== null) return adopted;
  const { limits, now } = context;
  if (now() < intent.atMs + limits.callTimeoutMs + marginMs) {
    return { kind: 'wait', forMs: limits.pollMs };
  }
  const { abort } = leg.of(operation);
  if (abort !== null) return aborted(abort, 'before Nova took it');
  return call(leg, operation, context);
}

async function adopt(
  leg: Leg,
  operation: Operation,
  context: StepContext,
): Promise<StepResult | null> {
  const intent = intentOf(leg, operation);
  const requests = await context.compute.listMoveRequests(operation.serverId);
  const requestId = ownRequestId(requests, intent);
  if (requestId === null) return null;
  context.log.info({ operationId: operation.id, requestId }, 'The live migration had begun');
  return { kind: 'wait', forMs: 0, change: taken(leg, requestId, intent.atMs) };
}

function taken(leg: Leg, requestId: string | null, requestedAtMs: number): Change {
  const nova: NovaMove = {
    requestedAtMs,
    requestId,
    migrationId: null,
    status: null,
    memoryTotalBytes: null,
    memoryProcessedBytes: null,
    memoryRemainingBytes: null,
    leastRemainingBytes: null,
    advancedAtMs: requestedAtMs,
    forcedAtMs: null,
    endedAtMs: null,
  };
  return (operation) =>
    leg.with(operation, { nova, intent: { ...intentOf(leg, operation), outstanding: false } });
}
