import { type Fence, VersionConflict, type Write } from '@sidestep/service-kit';
import { settleDecision } from '../../domain/decision.ts';
import { measuredEffect } from '../../domain/effects.ts';
import type { MoveResult } from '../../domain/guardrails/moves.ts';
import { advance, type Operation } from '../../domain/operation.ts';
import { moveWrite } from '../guard-ledger.ts';
import { decisionWrite, operationWrite, standingWrite } from '../ledger.ts';
import { chainEffects } from './chain-effects.ts';
import { freedSlotWrites } from './reserve-slots.ts';
import type { Change, StepContext } from './step.ts';

/** Ends an operation: in one commit its state, its decision's outcome, the reservations freed and who rests now. */
export async function endOperation(
  operationId: string,
  to: 'COMPLETED' | 'FAILED' | 'ROLLED_BACK',
  change: Change,
  fence: Fence,
  context: StepContext,
): Promise<Operation> {
  const { ledger, meters, log, now } = context;
  for (let attempt = 1; ; attempt++) {
    const stored = await ledger.operation(operationId);
    if (stored === undefined) throw new Error(`operation ${operationId} is gone`);
    const changed = change(stored.value);
    const measured =
      to === 'COMPLETED' || changed.intent === null
        ? changed
        : { ...changed, chains: await chainEffects(changed, context) };
    const ended = advance(measured, to, now());
    const writes = [
      operationWrite(ended, stored.version),
      ...(await outcomeWrites(ended, context)),
      ...(await freedSlotWrites(ended, ledger)),
      ...(await moveWrites(ended, context)),
      ...(await restWrites(ended, context)),
    ];
    try {
      await ledger.records.commit(writes, { fence });
    } catch (error) {
      if (error instanceof VersionConflict && attempt < 5) continue;
      throw error;
    }
    meters.operationEntered(to);
    log.info(
      { operationId, state: to, problem: ended.problem?.code ?? null },
      'The operation has ended',
    );
    return ended;
  }
}

async function outcomeWrites(ended: Operation, { ledger, now }: StepContext): Promise<Write[]> {
  const decision = await ledger.decision(ended.decisionId);
  if (decision === undefined) return [];
  const writes: Write[] = [];
  if (decision.value.state === 'approved') {
    const measured = measuredEffect(ended);
    const settled = settleDecision(
      { ...decision.value, measured },
      wasAsked(ended) ? 'executed' : 'expired',
      {
        atMs: now(),
        by: null,
        reason: outcomeInWords(ended),
      },
    );
    writes.push(decisionWrite(settled, decision.version));
  }
  const slot = await ledger.standingOf(decision.value.hostId);
  if (slot?.value.decisionId === decision.id) {
    writes.push(standingWrite(decision.value.hostId, null, slot.version));
  }
  return writes;
}

/** Was Nova asked, as far as we know? */
function wasAsked({ intent, earlierMoves }: Operation): boolean {
  return (intent !== null && intent.calls > 0) || earlierMoves.length > 0;
}

function outcomeInWords({ state, problem }: Operation): string {
  return problem === null ? state : `${state}: ${problem.detail}`;
}

/** What the guardrails remember of it: one that Nova was never asked for gives its place in the budgets back. */
async function moveWrites(ended: Operation, { ledger }: StepContext): Promise<Write[]> {
  const move = await ledger.guard.move(ended.id);
  if (move === undefined) return [];
  const value = { ...move.value, endedAtMs: ended.endedAtMs, result: moveResult(ended) };
  return [moveWrite(value, move.version)];
}

function moveResult(ended: Operation): MoveResult {
  if (!wasAsked(ended)) return 'not-begun';
  if (ended.state === 'COMPLETED') return 'completed';
  return ended.problem?.code === 'OPERATION_ABORTED' ? 'aborted' : 'failed';
}

/** The host rests while its alarm may clear; how long the server rests, the guardrails say. */
async function restWrites(
  ended: Operation,
  { ledger, limits, now }: StepContext,
): Promise<Write[]> {
  const rests = [
    {
      key: `host:${ended.from}`,
      untilMs: now() + limits.hostRestMs,
      why: `an operation from it ended as ${ended.state}`,
    },
  ];
  return Promise.all(
    rests.map(async ({ key, ...value }) => ({
      kind: 'rest',
      id: key,
      expected: (await ledger.rest(key))?.version ?? 'absent',
      value,
    })),
  );
}
