import { randomUUID } from 'node:crypto';
import type { Write } from '@sidestep/service-kit';
import { type Decision, settleDecision } from '../domain/decision.ts';
import {
  type HostWork,
  newOperation,
  type Operation,
  type OperationKind,
} from '../domain/operation.ts';
import { decisionWrite, operationWrite } from './ledger.ts';

/** The writes by which a proposed decision becomes an operation, in one commit. */
export function startOperation(
  decision: Decision,
  expected: Write['expected'],
  approval: { atMs: number; by: string | null; reason: string | null },
  how: { kind: OperationKind; work: HostWork | null } = { kind: 'live-migration', work: null },
): { decision: Decision; operation: Operation; writes: Write[] } {
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
    },
    approval.atMs,
  );
  const approved = {
    ...settleDecision(decision, 'approved', approval),
    operationId: operation.id,
  };
  return {
    decision: approved,
    operation,
    writes: [decisionWrite(approved, expected), operationWrite(operation, 'absent')],
  };
}
