import { randomUUID } from 'node:crypto';
import { possibleDestinations } from '@sidestep/policies';
import { ProblemError, type Stored } from '@sidestep/service-kit';
import { type Decision, settleDecision } from '../../domain/decision.ts';
import { consult, type MoveQuestion } from '../../domain/guardrails/consult.ts';
import {
  afterOperation,
  isMade,
  type Optimization,
  type PlannedMove,
  parametersOf,
  settleOptimization,
  turnOf,
} from '../../domain/optimization.ts';
import { replacementVersion } from '../../domain/policy-version.ts';
import { withMoves } from '../../domain/traffic.ts';
import { type AnswerOptions, approveDecision } from '../answer-decision.ts';
import { objectionsTo } from '../confirm-places.ts';
import { consultNow, refusal } from '../consult-guardrails.ts';
import { gather, type Sources } from '../gather.ts';
import { hostLedger } from '../hosts/host-ledger.ts';
import { inRound } from '../in-round.ts';
import { modeNow } from '../judge-decision.ts';
import { type Controls, decisionWrite, standingWrite } from '../ledger.ts';
import { objectionToMove, placedMoves } from '../occupancy.ts';
import { changeOptimization, type OptimizationLedger } from './optimization-ledger.ts';
import { subjectOf } from './request-optimization.ts';

export type AdvanceOptions = AnswerOptions &
  Sources & {
    optimizations: OptimizationLedger;
    /** A proposal that nobody approved expires after so long, and so does what is left of an approved one. */
    expiryMs: number;
  };

/**
 * Takes each approved optimization as far as it goes now: notes which moves are over, and begins those whose turn it is.
 * Each becomes a decision that its approver approves, so that it meets the same guardrails and becomes the same operation
 * as any other. Running it twice, or after a restart, begins nothing twice.
 */
export async function advanceOptimizations(options: AdvanceOptions): Promise<void> {
  for (const { id, value } of await options.optimizations.open()) {
    if (value.state === 'proposed') await expireIfOld(options, value);
    if (value.state === 'approved') await advance(options, id);
  }
}

async function expireIfOld(options: AdvanceOptions, { id }: Optimization): Promise<void> {
  const atMs = options.now();
  await changed(options, id, (known) =>
    known.state === 'proposed' && atMs - known.updatedAtMs >= options.expiryMs
      ? settleOptimization(known, 'expired', {
          atMs,
          by: null,
          reason: 'nobody approved it in time',
        })
      : known,
  );
}

async function advance(options: AdvanceOptions, id: string): Promise<void> {
  const { now, optimizations } = options;
  let optimization = (await optimizations.get(id))?.value;
  if (optimization === undefined) return;
  const late = now() - (optimization.approvedAtMs ?? 0) >= options.expiryMs;
  for (const index of optimization.moves.keys()) {
    const move = optimization.moves[index];
    if (move === undefined || isMade(move)) continue;
    const next = await stepOf(options, optimization, index, late);
    if (next.move !== move) optimization = await withMove(options, id, index, next.move);
    // What holds this one back as a whole holds back the others too.
    if (next.stop) break;
  }
  if (!optimization.moves.every(isMade)) return;
  await changed(options, id, (known) => {
    if (known.state !== 'approved') return known;
    const done = known.moves.filter(({ state }) => state === 'done').length;
    const whole = done === known.moves.length;
    const reason = whole ? null : `${done} of ${known.moves.length} moves were made`;
    return settleOptimization(known, whole ? 'completed' : 'partly', {
      atMs: now(),
      by: null,
      reason,
    });
  });
}

type Next = { move: PlannedMove; stop: boolean };

async function stepOf(
  options: AdvanceOptions,
  optimization: Optimization,
  index: number,
  late: boolean,
): Promise<Next> {
  const { ledger } = options;
  const move = optimization.moves[index];
  if (move === undefined) throw new Error(`optimization ${optimization.id} has no move ${index}`);
  if (move.state === 'moving') {
    const operation = await ledger.operation(move.operationId ?? '');
    return { move: afterOperation(move, operation?.value), stop: false };
  }
  const known =
    move.decisionId === null ? undefined : (await ledger.decision(move.decisionId))?.value;
  // Begun by a process that died before it could note it, or by somebody who approved the decision by itself.
  if (known?.operationId != null) return { move: moving(move, known.operationId), stop: false };
  if (known?.state === 'vetoed')
    return { move: skipped(move, 'its decision was vetoed'), stop: false };
  if (late) {
    await withdraw(options, known, 'the optimization is too old');
    return { move: skipped(move, 'the proposal became too old before its turn came'), stop: false };
  }
  const turn = turnOf(optimization.moves, index);
  if (turn.kind === 'never') return { move: skipped(move, turn.why), stop: false };
  if (turn.kind === 'later') return { move: waits(move, turn.why), stop: false };
  return begin(options, optimization, move, known);
}

async function begin(
  options: AdvanceOptions,
  optimization: Optimization,
  move: PlannedMove,
  known: Decision | undefined,
): Promise<Next> {
  const { meters, now } = options;
  const by = optimization.approvedBy ?? optimization.requestedBy;
  let decision = known;
  try {
    if (decision?.state !== 'proposed') {
      // Asked before anything is written: what is held back leaves no trail of decisions that never were.
      const refused = refusal(
        await consultNow(options.ledger.guard, questionOf(move, by, now()), now()),
      );
      if (refused !== undefined) return { move: waits(move, refused.message), stop: true };
      const taken = await whyNotNow(options, move);
      if (taken !== null) return { move: waits(move, taken), stop: false };
      decision = await propose(options, optimization, move);
      if (decision === undefined) {
        return { move: waits(move, `another decision stands for ${move.from}`), stop: false };
      }
      meters.decided('proposed');
      // Noted before it is approved: whoever comes after a crash finds it by the move.
      const { id } = decision;
      const index = optimization.moves.indexOf(move);
      await withMove(options, optimization.id, index, { ...move, decisionId: id });
    }
    const operation = await approveDecision(options, decision.id, by);
    return { move: moving({ ...move, decisionId: decision.id }, operation.id), stop: false };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.code === 'INTERNAL') throw error;
    // A proposal that waits would keep its hosts from alarms' decisions: it makes room for them.
    await withdraw(options, decision, error.message, now());
    return { move: { ...waits(move, error.message), decisionId: null }, stop: true };
  }
}

/** Why the move has no place yet, as things are now: its search knew nothing of what moves since. */
async function whyNotNow(options: AdvanceOptions, move: PlannedMove): Promise<string | null> {
  const { ledger, limits, places } = options;
  const [live, standing, held] = await Promise.all([
    ledger.live(),
    ledger.standing(),
    hostLedger(ledger.records).held(),
  ]);
  const moves = placedMoves(
    live,
    standing.map(({ decision }) => decision).filter(({ id }) => id !== move.decisionId),
  );
  const taken = objectionToMove(move, { slots: limits.slots, moves }, held);
  if (taken !== null) return taken;
  const { serverId, from, to } = move;
  const sources = new Set([from, ...moves.map((each) => each.from)]);
  const view = withMoves((await gather(options, [...sources])).view, moves);
  const [unfit] = possibleDestinations(view, serverId, [to]).rejected;
  if (unfit !== undefined) return `${to} cannot take it now: ${unfit.detail}`;
  const [refused] = await objectionsTo([{ serverId, from, to }], { places, view, moves });
  return refused == null ? null : `${to} cannot take it now: ${refused.detail}`;
}

const questionOf = (
  { serverId, from, to }: PlannedMove,
  by: string,
  atMs: number,
): MoveQuestion => ({
  serverId,
  from,
  to,
  purpose: 'move',
  decidedAtMs: atMs,
  approvedBy: by,
  operationId: null,
});

/** Keeps the move as a decision that stands for its source; undefined where another one does. */
async function propose(
  { ledger, now }: AdvanceOptions,
  optimization: Optimization,
  move: PlannedMove,
): Promise<Decision | undefined> {
  return inRound(ledger, async (round) => {
    const slot = await ledger.standingOf(move.from);
    const standing =
      slot === undefined ? undefined : (await ledger.decision(slot.value.decisionId))?.value;
    if (standing?.state === 'proposed' || standing?.state === 'approved') return undefined;
    const controls = await ledger.controls();
    const by = optimization.approvedBy ?? optimization.requestedBy;
    const facts = await ledger.guard.facts(now());
    const guardrails = consult(questionOf(move, by, now()), facts);
    const decision = { ...decisionOf(optimization, move, controls, now()), guardrails };
    await round.commit([
      decisionWrite(decision, 'absent'),
      standingWrite(move.from, decision.id, slot?.version ?? 'absent'),
    ]);
    return decision;
  });
}

/** Ends a decision that was proposed and could not be begun. */
async function withdraw(
  { ledger, now }: AdvanceOptions,
  decision: Decision | undefined,
  reason: string,
  atMs = now(),
): Promise<void> {
  if (decision === undefined) return;
  await inRound(ledger, async (round) => {
    const stored: Stored<Decision> | undefined = await ledger.decision(decision.id);
    if (stored?.value.state !== 'proposed') return;
    const slot = await ledger.standingOf(decision.hostId);
    await round.commit([
      decisionWrite(
        settleDecision(stored.value, 'expired', { atMs, by: null, reason }),
        stored.version,
      ),
      ...(slot?.value.decisionId === decision.id
        ? [standingWrite(decision.hostId, null, slot.version)]
        : []),
    ]);
  });
}

function decisionOf(
  optimization: Optimization,
  move: PlannedMove,
  controls: Controls,
  atMs: number,
): Decision {
  const { id, request, requestedBy, result } = optimization;
  const before = optimization.moves[optimization.moves.indexOf(move) - 1]?.objectiveAfter;
  const gain = (before ?? result?.before.objective ?? 0) - move.objectiveAfter;
  const why = `move of optimization ${id}: the objective falls by ${gain.toFixed(3)}${move.detour ? ' (it makes way for another)' : ''}`;
  const { serverId, serverName, predicted = null, crosses } = move;
  const subject = subjectOf(move, controls, id);
  return {
    ...subject,
    ...modeNow(subject, controls),
    controlGroup: false,
    id: randomUUID(),
    state: 'proposed',
    createdAtMs: atMs,
    updatedAtMs: atMs,
    trigger: { ...subject.trigger, requestedBy },
    hostId: move.from,
    policy: 'global-replacement',
    seed: request.seed,
    serverId,
    serverName,
    destinationHostId: move.to,
    stayReason: null,
    victims: [{ serverId, name: serverName, cpuSharePercent: null, chosen: true, why }],
    candidates: [
      {
        hostId: move.to,
        score: move.objectiveAfter,
        cpuPercent: predicted?.destination.cpuPercentBefore ?? null,
        risk: predicted?.destination.risk ?? null,
        reasons: [why],
      },
    ],
    rejected: [],
    omitted: { candidates: 0, rejected: 0 },
    furtherMoves: [],
    chainIds: move.chainIds,
    ...(crosses === undefined ? {} : { crosses }),
    data: {
      observedAtMs: result?.observedAtMs ?? atMs,
      inventoryAgeMs: result?.inventoryAgeMs ?? null,
      oldestSampleAgeMs: result?.oldestSampleAgeMs ?? null,
    },
    modelVersion: result?.modelVersion ?? null,
    fallback: result?.fallback ?? null,
    policyVersion: replacementVersion,
    params: parametersOf(request),
    predicted,
    measured: null,
    looks: 1,
    guardrails: [],
    heldBack: null,
    operationId: null,
    history: [{ state: 'proposed', atMs, by: requestedBy, reason: null }],
  };
}

const moving = (move: PlannedMove, operationId: string): PlannedMove => ({
  ...move,
  state: 'moving',
  why: null,
  operationId,
});
const skipped = (move: PlannedMove, why: string): PlannedMove => ({
  ...move,
  state: 'skipped',
  why,
});
const waits = (move: PlannedMove, why: string): PlannedMove =>
  move.why === why ? move : { ...move, why };

function withMove(
  options: AdvanceOptions,
  id: string,
  index: number,
  move: PlannedMove,
): Promise<Optimization> {
  return changed(options, id, (known) => ({
    ...known,
    updatedAtMs: options.now(),
    moves: known.moves.map((each, at) => (at === index ? move : each)),
  }));
}

function changed(
  { ledger }: AdvanceOptions,
  id: string,
  change: (optimization: Optimization) => Optimization,
): Promise<Optimization> {
  return changeOptimization(ledger.records, id, (known) => {
    if (known === undefined) throw new Error(`optimization ${id} is gone`);
    return change(known);
  });
}
