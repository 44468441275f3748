import { randomUUID } from 'node:crypto';
import type { Write } from '@sidestep/service-kit';
import { type Decision, settleDecision } from '../domain/decision.ts';
import type { Move, Purpose } from '../domain/guardrails/moves.ts';
import {
  type HostWork,
  newOperation,
  type Operation,
  type OperationKind,
} from '../domain/operation.ts';
import { moveWrite } from './guard-ledger.ts';
import { decisionWrite, operationWrite } from './ledger.ts';

/** The writes by which a proposed decision becomes an operation, with its place in the budgets, in one commit. */
export function startOperation(
  decision: Decision,
  expected: Write['expected'],
  approval: { atMs: number; by: string | null; reason: string | null },
  how: { kind: OperationKind; work: HostWork | null } = { kind: 'live-migration', work: null },
): { decision: Decision; operation: Operation; move: Move; writes: Write[] } {
  const { serverId, destinationHostId } = decision;
  if (serverId === null || destinationHostId === null) {
    throw new Error(`decision ${decision.id} has no plan`);
  }
  const operation = newOperation(
    {
      id: randomUUID(),
      ...how,
      decisionId: decision.id,
      serverId,
      serverName: decision.serverName ?? serverId,
      from: decision.hostId,
      to: destinationHostId,
      raisedAtMs: decision.trigger.raisedAtMs,
      chainIds: decision.chainIds,
      ...(decision.crosses === undefined ? {} : { crosses: decision.crosses }),
    },
    approval.atMs,
  );
  const approved = {
    ...settleDecision(decision, 'approved', approval),
    operationId: operation.id,
  };
  const move: Move = {
    operationId: operation.id,
    decisionId: decision.id,
    serverId,
    from: decision.hostId,
    to: destinationHostId,
    purpose: purposeOf(how),
    decidedAtMs: decision.createdAtMs,
    takenAtMs: approval.atMs,
    endedAtMs: null,
    result: 'live',
    approvedBy: approval.by,
  };
  return {
    decision: approved,
    operation,
    move,
    writes: [
      decisionWrite(approved, expected),
      operationWrite(operation, 'absent'),
      moveWrite(move, 'absent'),
    ],
  };
}

function purposeOf({ kind, work }: { kind: OperationKind; work: HostWork | null }): Purpose {
  if (kind === 'evacuate') return 'evacuate';
  return work?.kind === 'host-drain' ? 'drain' : 'move';
}
