import { ProblemError } from '@sidestep/service-kit';
import { failureReason } from '../../domain/failure-reason.ts';
import { type Leg, thereLeg } from '../../domain/move-leg.ts';
import type { Abort, MoveIntent, NovaMove, Operation } from '../../domain/operation.ts';
import { stepStartedAtMs } from '../../domain/operation.ts';
import { type MoveRecord, ownMove, ownRequestId } from '../../domain/own-move.ts';
import { consultNow, questionOf, refusal } from '../consult-guardrails.ts';
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

/** Follows Nova's record: the server's own status is a race at both ends. */
async function follow(leg: Leg, operation: Operation, context: StepContext): Promise<StepResult> {
  const { compute, limits, now } = context;
  const { to, abort } = leg.of(operation);
  const intent = intentOf(leg, operation);
  const own = ownMove(await compute.listMoves(operation.serverId), intent, to);
  // A move that is looked at anew, as an operator wanted, has its time anew.
  const watchedSinceMs = Math.max(intent.atMs, stepStartedAtMs(operation));
  const overdueMs = now() - watchedSinceMs - limits.migrationTimeoutMs;
  switch (own.kind) {
    case 'elsewhere':
      return overtaken(`Nova moves the server to ${own.record.to} instead`);
    case 'none': {
      const events = await eventsOf(leg, operation, context);
      const gone = events !== 'unknown' && events.some(({ result }) => result === 'Error');
      if (gone) return failed(failureReason('without a record', events), novaSays(leg, 'error'));
      return overdueMs > 0 ? timedOut(limits, 'no record of it appeared') : later(limits);
    }
    case 'ended':
      return ended(leg, operation, own.record, context);
    case 'running': {
      const change = progressed(leg, own.record);
      if (overdueMs > limits.abortTimeoutMs) {
        return { ...timedOut(limits, `the record still reads ${own.record.status}`), change };
      }
      const wanted = abort !== null || overdueMs > 0;
      if (!wanted || abort?.askedNova === true) return later(limits, change);
      const asked = await compute.abortMove(operation.serverId, own.record.id);
      return later(limits, asked ? (newest) => askedToAbort(leg, change(newest), now()) : change);
    }
  }
}

async function ended(
  leg: Leg,
  operation: Operation,
  record: MoveRecord,
  context: StepContext,
): Promise<StepResult> {
  const change = progressed(leg, record);
  if (record.status === 'completed') {
    return { kind: 'done', detail: `Nova's migration ${record.id} is completed`, change };
  }
  const { abort } = leg.of(operation);
  if (record.status === 'cancelled' && abort !== null) {
    return abort.by === timeLimit
      ? { ...timedOut(context.limits, 'Nova aborted it when asked'), change }
      : aborted(abort, 'while Nova copied', change);
  }
  const events = await eventsOf(leg, operation, context);
  return failed(failureReason(record.status, events), change);
}

async function eventsOf(leg: Leg, operation: Operation, { compute }: StepContext) {
  const requestId = leg.of(operation).nova?.requestId ?? null;
  return requestId === null ? 'unknown' : compute.readEvents(operation.serverId, requestId);
}

const timeLimit = 'the time limit';

function askedToAbort(leg: Leg, operation: Operation, atMs: number): Operation {
  const abort = leg.of(operation).abort ?? { atMs, by: timeLimit, reason: 'it took too long' };
  return leg.with(operation, { abort: { ...abort, askedNova: true } });
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
  };
  return (operation) =>
    leg.with(operation, { nova, intent: { ...intentOf(leg, operation), outstanding: false } });
}

function progressed(leg: Leg, { id, status, to: _to, ...bytes }: MoveRecord): Change {
  return (operation) => {
    const { nova } = leg.of(operation);
    if (nova === null) return operation;
    const known = Object.entries(bytes).filter(([, value]) => value !== null);
    // The history of migrations carries no counts: the last ones stay.
    return leg.with(operation, {
      nova: { ...nova, ...Object.fromEntries(known), migrationId: id, status },
    });
  };
}

function novaSays(leg: Leg, status: string): Change {
  return (operation) => {
    const { nova } = leg.of(operation);
    return nova === null ? operation : leg.with(operation, { nova: { ...nova, status } });
  };
}

function later(limits: { pollMs: number }, change?: Change): StepResult {
  return { kind: 'wait', forMs: limits.pollMs, ...(change ? { change } : {}) };
}

function failed(detail: string, change?: Change): StepResult {
  const problem = new ProblemError('MIGRATION_FAILED', detail);
  return { kind: 'failed', problem, remedy: 'roll-back', ...(change ? { change } : {}) };
}

function overtaken(detail: string, change?: Change): StepResult {
  const problem = new ProblemError('MIGRATION_OVERTAKEN', detail);
  return { kind: 'failed', problem, remedy: 'fail', ...(change ? { change } : {}) };
}

function timedOut({ migrationTimeoutMs }: { migrationTimeoutMs: number }, why: string) {
  const detail = `Not over after ${Math.round(migrationTimeoutMs / 1_000)} s: ${why}`;
  const problem = new ProblemError('MIGRATION_TIMEOUT', detail);
  return { kind: 'failed', problem, remedy: 'roll-back' } as const;
}

function aborted({ by, reason }: Abort, when: string, change?: Change): StepResult {
  const detail = `Stopped ${when} by ${by}: ${reason}`;
  const problem = new ProblemError('OPERATION_ABORTED', detail);
  return { kind: 'failed', problem, remedy: 'abandon', ...(change ? { change } : {}) };
}

function intentOf(leg: Leg, operation: Operation): MoveIntent {
  const { intent } = leg.of(operation);
  if (intent === null) throw new Error(`operation ${operation.id} has no intent`);
  return intent;
}
