import { NotFound } from '@sidestep/service-kit';
import { convergenceStep, looked } from '../../domain/copy-watch.ts';
import { failureReason } from '../../domain/failure-reason.ts';
import { intentOf, type Leg } from '../../domain/move-leg.ts';
import {
  type Abort,
  type NovaMove,
  type Operation,
  stepStartedAtMs,
} from '../../domain/operation.ts';
import { type MoveRecord, ownMove } from '../../domain/own-move.ts';
import { aborted, failed, later, notConverging, overtaken, timedOut } from './move-outcomes.ts';
import type { Change, StepContext, StepResult } from './step.ts';

/** Follows Nova's record: the server's own status is a race at both ends. */
export async function follow(
  leg: Leg,
  operation: Operation,
  context: StepContext,
): Promise<StepResult> {
  const { compute, now } = context;
  const intent = intentOf(leg, operation);
  const { to } = leg.of(operation);
  const own = ownMove(await compute.listMoves(operation.serverId), intent, to);
  // A move that is looked at anew, as an operator wanted, has its time anew.
  const watchedSinceMs = Math.max(intent.atMs, stepStartedAtMs(operation));
  switch (own.kind) {
    case 'elsewhere':
      return overtaken(`Nova moves the server to ${own.record.to} instead`);
    case 'none':
      return unseen(leg, operation, context, now() - watchedSinceMs);
    case 'ended':
      return ended(leg, operation, own.record, context);
    case 'running':
      return underWay(leg, operation, own.record, context, watchedSinceMs);
  }
}

/** Nova took the request, but has no record of a migration: what its conductor did so far stands in the events. */
async function unseen(
  leg: Leg,
  operation: Operation,
  context: StepContext,
  watchedMs: number,
): Promise<StepResult> {
  const { limits } = context;
  const events = await eventsOf(leg, operation, context);
  const broke = events !== 'unknown' && events.some(({ result }) => result === 'Error');
  if (broke) return failed(failureReason('without a record', events), saying(leg, 'error'));
  if (events !== 'unknown' && events.length === 0 && watchedMs > limits.conductorTimeoutMs) {
    const request = leg.of(operation).nova?.requestId;
    const why = `Nova took the request ${request}, but no step of it has begun: its conductor does not answer`;
    return timedOut(limits.conductorTimeoutMs, why);
  }
  return watchedMs > limits.migrationTimeoutMs
    ? timedOut(limits.migrationTimeoutMs, 'no record of it appeared')
    : later(limits);
}

async function underWay(
  leg: Leg,
  operation: Operation,
  record: MoveRecord,
  context: StepContext,
  watchedSinceMs: number,
): Promise<StepResult> {
  const { compute, limits, now } = context;
  const overdueMs = now() - watchedSinceMs - limits.migrationTimeoutMs;
  const { abort } = leg.of(operation);
  const nova = looked(novaOf(leg, operation), record, now());
  const change: Change = (newest) => leg.with(newest, { nova });
  if (overdueMs > limits.abortTimeoutMs) {
    return timedOut(limits.migrationTimeoutMs, `the record still reads ${record.status}`, change);
  }
  if (now() - Math.max(nova.advancedAtMs, watchedSinceMs) >= limits.stallMs) {
    const dead = await deadCarrier(leg, operation, context);
    if (dead !== null) return failed(dead, change);
  }
  const step = convergenceStep(nova, limits, watchedSinceMs, now());
  if (step === 'force' && abort === null && overdueMs <= 0) {
    const forced = await compute.forceMove(operation.serverId, record.id);
    context.log.info(
      { operationId: operation.id, forced },
      'The copy was to be completed by force',
    );
    return later(limits, (newest) => leg.with(newest, { nova: { ...nova, forcedAtMs: now() } }));
  }
  const wanted = abort ?? reasonToAbort(step, nova, overdueMs, now());
  if (wanted === null || wanted.askedNova) return later(limits, change);
  const asked = await compute.abortMove(operation.serverId, record.id);
  return later(
    limits,
    asked ? (newest) => leg.with(newest, { nova, abort: { ...wanted, askedNova: true } }) : change,
  );
}

/** A move that stands still because the compute that should carry it on is dead; null where that lives. */
async function deadCarrier(
  leg: Leg,
  operation: Operation,
  { hosts }: StepContext,
): Promise<string | null> {
  const { from, to } = leg.of(operation);
  // The source copies a server that lives; one whose host is dead is made anew by its destination.
  const carrier = operation.kind === 'evacuate' ? to : from;
  try {
    const { state } = await hosts.readService(carrier);
    if (state === 'up') return null;
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
  return `the compute service of ${carrier} is down in the middle of the move: nobody carries it on`;
}

const timeLimit = 'the time limit';
const convergence = 'the rule of convergence';

function reasonToAbort(
  step: 'go-on' | 'abort' | 'force',
  nova: NovaMove,
  overdueMs: number,
  atMs: number,
): Abort | null {
  const by = (name: string, reason: string): Abort => ({
    atMs,
    by: name,
    reason,
    askedNova: false,
  });
  if (overdueMs > 0) return by(timeLimit, 'it took too long');
  if (step !== 'abort') return null;
  const leftMiB = Math.ceil((nova.leastRemainingBytes ?? 0) / 2 ** 20);
  const forS = Math.round((atMs - nova.advancedAtMs) / 1_000);
  const forced = nova.forcedAtMs === null ? '' : ', although it was to be completed by force';
  return by(
    convergence,
    `no less than ${leftMiB} MiB have been left to copy for ${forS} s${forced}`,
  );
}

async function ended(
  leg: Leg,
  operation: Operation,
  record: MoveRecord,
  context: StepContext,
): Promise<StepResult> {
  const { limits, now } = context;
  const nova = looked(novaOf(leg, operation), record, now());
  const change: Change = (newest) => leg.with(newest, { nova });
  if (record.status === 'completed') {
    return { kind: 'done', detail: `Nova's migration ${record.id} is completed`, change };
  }
  const { abort } = leg.of(operation);
  if (record.status === 'cancelled' && abort !== null) {
    if (abort.by === timeLimit)
      return timedOut(limits.migrationTimeoutMs, 'Nova aborted it when asked', change);
    return abort.by === convergence
      ? notConverging(`Nova aborted it when asked: ${abort.reason}`, change)
      : aborted(abort, 'while Nova copied', change);
  }
  const events = await eventsOf(leg, operation, context);
  return failed(failureReason(record.status, events), change);
}

async function eventsOf(leg: Leg, operation: Operation, { compute }: StepContext) {
  const requestId = leg.of(operation).nova?.requestId ?? null;
  return requestId === null ? 'unknown' : compute.readEvents(operation.serverId, requestId);
}

function saying(leg: Leg, status: string): Change {
  return (newest) => leg.with(newest, { nova: { ...novaOf(leg, newest), status } });
}

function novaOf(leg: Leg, operation: Operation): NovaMove {
  const { nova } = leg.of(operation);
  if (nova === null) throw new Error(`Nova was not asked for operation ${operation.id}`);
  return nova;
}
