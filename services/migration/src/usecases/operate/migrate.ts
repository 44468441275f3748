import { ProblemError } from '@sidestep/service-kit';
import { failureReason } from '../../domain/failure-reason.ts';
import type { MoveIntent, NovaMove, Operation } from '../../domain/operation.ts';
import { type MoveRecord, ownMove, ownRequestId } from '../../domain/own-move.ts';
import { type Change, intentOf, type Step, type StepContext, type StepResult } from './step.ts';

/** Slack for what stands between our clock's reading and Nova's: queues, a slow network. */
const marginMs = 1_000;
/** A worker that was held up longer between intent and call may have lost its lease: it does not call. */
const freshIntentMs = 1_000;

/** Has Nova move the server, once; then follows Nova's record to its end. */
export const migrate: Step = async (operation, context) => {
  const { intent, nova, abort } = operation;
  if (intent === null) {
    return abort === null ? call(operation, context) : aborted(operation, 'before it began');
  }
  if (intent.outstanding || nova !== null) {
    return nova === null ? lookForOwn(operation, context) : follow(operation, context);
  }
  // The last call certainly did not arrive.
  return abort === null ? call(operation, context) : aborted(operation, 'before it began');
};

async function call(operation: Operation, context: StepContext): Promise<StepResult> {
  const { compute, ledger, limits, now, save, onPoint, meters } = context;
  const { id, serverId, to } = operation;
  if ((operation.intent?.calls ?? 0) >= limits.maxCalls) {
    return failed(`Nova did not take the request in ${limits.maxCalls} tries`);
  }
  const [known, moves] =
    operation.intent === null
      ? await Promise.all([compute.listMoveRequests(serverId), compute.listMoves(serverId)])
      : [[], []];
  const killSwitch = await ledger.killSwitch();
  if (killSwitch.engaged) {
    const detail = `Moves are held back: ${killSwitch.reason ?? 'no reason given'}`;
    return {
      kind: 'failed',
      problem: new ProblemError('KILL_SWITCH', detail),
      remedy: 'roll-back',
    };
  }
  const intent: MoveIntent = {
    knownRequestIds: known,
    knownMigrationIds: moves.map((move) => move.id),
    ...operation.intent,
    atMs: now(),
    calls: (operation.intent?.calls ?? 0) + 1,
    outstanding: true,
  };
  const saved = await save((newest) => ({ ...newest, intent }));
  await onPoint('migrate:intent', id);
  const unsent: Change = (newest) => ({
    ...newest,
    intent: { ...intent, calls: intent.calls - 1, outstanding: false },
  });
  if (saved.abort !== null) return aborted(saved, 'before it began', unsent);
  if (now() - intent.atMs > freshIntentMs) return { kind: 'wait', forMs: 0 };

  if (operation.raisedAtMs !== null && intent.calls === 1) {
    meters.alarmToCall(now() - operation.raisedAtMs);
  }
  const reply = await compute.requestMove(serverId, to, limits.callTimeoutMs);
  await onPoint('migrate:called', id);
  switch (reply.kind) {
    case 'accepted':
      return { kind: 'wait', forMs: limits.pollMs, change: taken(reply.requestId, now()) };
    case 'no-answer':
      return { kind: 'wait', forMs: limits.pollMs };
    case 'not-sent':
      await save(unsent);
      throw new ProblemError('UPSTREAM_FAILED', reply.detail);
    case 'refused':
      return failed(reply.detail, unsent);
    case 'already-migrating':
      return (
        (intent.calls > 1 ? await adopt(saved, context) : null) ??
        overtaken(`Nova: ${reply.detail}`, unsent)
      );
  }
}

/** After a call without an answer: has Nova taken it? Only once its time is over may it be made again. */
async function lookForOwn(operation: Operation, context: StepContext): Promise<StepResult> {
  const intent = intentOf(operation);
  const adopted = await adopt(operation, context);
  if (adopted !== null) return adopted;
  const { limits, now } = context;
  if (now() < intent.atMs + limits.callTimeoutMs + marginMs) {
    return { kind: 'wait', forMs: limits.pollMs };
  }
  if (operation.abort !== null) return aborted(operation, 'before Nova took it');
  return call(operation, context);
}

async function adopt(operation: Operation, context: StepContext): Promise<StepResult | null> {
  const intent = intentOf(operation);
  const requests = await context.compute.listMoveRequests(operation.serverId);
  const requestId = ownRequestId(requests, intent);
  if (requestId === null) return null;
  context.log.info({ operationId: operation.id, requestId }, 'The live migration had begun');
  return { kind: 'wait', forMs: 0, change: taken(requestId, intent.atMs) };
}

/** Follows Nova's record: the server's own status is a race at both ends. */
async function follow(operation: Operation, context: StepContext): Promise<StepResult> {
  const { compute, limits, now } = context;
  const intent = intentOf(operation);
  const own = ownMove(await compute.listMoves(operation.serverId), intent, operation.to);
  const overdueMs = now() - intent.atMs - limits.migrationTimeoutMs;
  switch (own.kind) {
    case 'elsewhere':
      return overtaken(`Nova moves the server to ${own.record.to} instead`);
    case 'none': {
      const events = await eventsOf(operation, context);
      const gone = events !== 'unknown' && events.some(({ result }) => result === 'Error');
      if (gone) return failed(failureReason('without a record', events));
      return overdueMs > 0 ? timedOut(limits, 'no record of it appeared') : later(limits);
    }
    case 'ended':
      return ended(operation, own.record, context);
    case 'running': {
      const change = progressed(own.record);
      if (overdueMs > limits.abortTimeoutMs) {
        return { ...timedOut(limits, `the record still reads ${own.record.status}`), change };
      }
      const wanted = operation.abort !== null || overdueMs > 0;
      if (!wanted || operation.abort?.askedNova === true) return later(limits, change);
      const asked = await compute.abortMove(operation.serverId, own.record.id);
      return later(limits, asked ? (newest) => askedToAbort(change(newest), now()) : change);
    }
  }
}

async function ended(
  operation: Operation,
  record: MoveRecord,
  context: StepContext,
): Promise<StepResult> {
  const change = progressed(record);
  if (record.status === 'completed') {
    return { kind: 'done', detail: `Nova's migration ${record.id} is completed`, change };
  }
  const { abort } = operation;
  if (record.status === 'cancelled' && abort !== null) {
    return abort.by === timeLimit
      ? { ...timedOut(context.limits, 'Nova aborted it when asked'), change }
      : aborted(operation, 'while Nova copied', change);
  }
  const events = await eventsOf(operation, context);
  return failed(failureReason(record.status, events), change);
}

async function eventsOf(operation: Operation, { compute }: StepContext) {
  const requestId = operation.nova?.requestId ?? null;
  return requestId === null ? 'unknown' : compute.readEvents(operation.serverId, requestId);
}

const timeLimit = 'the time limit';

function askedToAbort(operation: Operation, atMs: number): Operation {
  const abort = operation.abort ?? { atMs, by: timeLimit, reason: 'it took too long' };
  return { ...operation, abort: { ...abort, askedNova: true } };
}

function taken(requestId: string | null, requestedAtMs: number): Change {
  const nova: NovaMove = {
    requestedAtMs,
    requestId,
    migrationId: null,
    status: null,
    memoryTotalBytes: null,
    memoryProcessedBytes: null,
    memoryRemainingBytes: null,
  };
  return (operation) => ({
    ...operation,
    nova,
    intent: { ...intentOf(operation), outstanding: false },
  });
}

function progressed({ id, status, to: _to, ...bytes }: MoveRecord): Change {
  return (operation) => {
    if (operation.nova === null) return operation;
    const known = Object.entries(bytes).filter(([, value]) => value !== null);
    return {
      ...operation,
      // The history of migrations carries no counts: the last ones stay.
      nova: { ...operation.nova, ...Object.fromEntries(known), migrationId: id, status },
    };
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

function aborted({ abort }: Operation, when: string, change?: Change): StepResult {
  const detail = `Stopped ${when} by ${abort?.by}: ${abort?.reason}`;
  const problem = new ProblemError('OPERATION_ABORTED', detail);
  return { kind: 'failed', problem, remedy: 'roll-back', ...(change ? { change } : {}) };
}
