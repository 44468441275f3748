import { VersionConflict, type Write } from '@sidestep/service-kit';
import { type Decision, isOpen } from '../domain/decision.ts';
import { type ChainHead, type DecisionEvent, genesis } from '../domain/decision-chain.ts';
import { chainHead } from './chained-records.ts';
import type { Ledger } from './ledger.ts';

/** Events forgotten in one go. */
const batch = 200;

/**
 * Forgets the oldest events beyond so many, with the decisions, operations and scores that only they tell of. What is
 * left is anchored to the last one forgotten, so that it can still be checked. Answers how many were forgotten.
 */
export async function forgetOldDecisions({ records }: Ledger, keepEvents: number): Promise<number> {
  const [head, anchor] = await Promise.all([
    chainHead(records),
    records.get<ChainHead>('chain', 'anchor'),
  ]);
  const oldest = anchor?.value ?? genesis;
  const excess = (head?.value.sequence ?? 0) - oldest.sequence - keepEvents;
  if (excess <= 0) return 0;
  const { items } = await records.list<DecisionEvent>('decision-event', {
    order: 'oldest',
    limit: Math.min(batch, excess),
  });
  const writes: Write[] = [];
  let last: ChainHead | undefined;
  for (const { id, version, value } of items) {
    const { decisionId, sequence, hash, atMs } = value;
    const decision = await records.get<Decision>('decision', decisionId);
    if (decision !== undefined && isOpen(decision.value.state)) break;
    writes.push({ kind: 'decision-event', id, expected: version, value: null });
    last = { sequence, hash, atMs };
    const newest = await records.list<DecisionEvent>('decision-event', {
      where: { decisionId },
      limit: 1,
    });
    if (newest.items[0]?.value.sequence === sequence) {
      writes.push(...(await gone(records, 'decision', decisionId)));
      writes.push(...(await gone(records, 'counterfactual', decisionId)));
      const operationId = decision?.value.operationId ?? null;
      if (operationId !== null) writes.push(...(await gone(records, 'operation', operationId)));
    }
  }
  if (last === undefined) return 0;
  const expected = anchor?.version ?? 'absent';
  try {
    await records.commit([...writes, { kind: 'chain', id: 'anchor', expected, value: last }]);
  } catch (error) {
    // Somebody else forgets at the same time, or one of them was changed: next time.
    if (error instanceof VersionConflict) return 0;
    throw error;
  }
  return writes.filter(({ kind }) => kind === 'decision-event').length;
}

async function gone(records: Ledger['records'], kind: string, id: string): Promise<Write[]> {
  const stored = await records.get(kind, id);
  return stored === undefined ? [] : [{ kind, id, expected: stored.version, value: null }];
}
