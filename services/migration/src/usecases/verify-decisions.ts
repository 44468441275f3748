import type { Records } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import {
  type ChainHead,
  type DecisionEvent,
  genesis,
  linkFault,
  outcomeDigest,
  recordDigest,
} from '../domain/decision-chain.ts';
import { chainHead, eventId } from './chained-records.ts';

/** Where the chain is broken, and how. */
export type ChainFault = { sequence: number; decisionId: string | null; fault: string };

export type Verification = {
  /** The events that were looked at, first and last; 0 where there is none. */
  fromSequence: number;
  toSequence: number;
  faults: readonly ChainFault[];
  head: ChainHead;
  /** Where to go on; null at the end. */
  nextFrom: number | null;
};

/** Faults that are told of at most: one that was changed is enough. */
const maxFaults = 100;
const pageSize = 500;

/** Checks links from a sequence on, and that each decision still is what its newest link tells. */
export async function verifyDecisions(
  records: Records,
  given: { from: number; limit: number },
): Promise<Verification> {
  const [head, anchor] = await Promise.all([
    chainHead(records),
    records.get<ChainHead>('chain', 'anchor'),
  ]);
  const oldest = anchor?.value ?? genesis;
  const newest = head?.value ?? oldest;
  const from = Math.max(given.from, oldest.sequence + 1);
  const to = Math.min(newest.sequence, from + given.limit - 1);
  const faults: ChainFault[] = [];
  let before: Pick<ChainHead, 'sequence' | 'hash'> = oldest;
  if (from > oldest.sequence + 1) {
    const event = await records.get<DecisionEvent>('decision-event', eventId(from - 1));
    before = event?.value ?? { sequence: from - 1, hash: '' };
  }
  for (let sequence = from; sequence <= to && faults.length < maxFaults; sequence++) {
    const event = (await records.get<DecisionEvent>('decision-event', eventId(sequence)))?.value;
    if (event === undefined) {
      faults.push({ sequence, decisionId: null, fault: 'the event is missing' });
      before = { sequence, hash: '' };
      continue;
    }
    const { decisionId } = event;
    const linkIsBroken = before.hash === '' ? null : linkFault(before, event);
    if (linkIsBroken !== null) faults.push({ sequence, decisionId, fault: linkIsBroken });
    const changed = await contentFault(records, event);
    if (changed !== null) faults.push({ sequence, decisionId, fault: changed });
    before = event;
    // A long chain is checked between other work.
    if (sequence % pageSize === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  if (to === newest.sequence && before.hash !== '' && before.hash !== newest.hash) {
    faults.push({ sequence: to, decisionId: null, fault: 'it is not the head that was kept' });
  }
  return {
    fromSequence: to < from ? 0 : from,
    toSequence: to < from ? 0 : to,
    faults,
    head: newest,
    nextFrom: to < newest.sequence ? to + 1 : null,
  };
}

/** Is the decision what its newest event tells? An older event has been overtaken. */
async function contentFault(records: Records, event: DecisionEvent): Promise<string | null> {
  const { decisionId } = event;
  const latest = await records.list<DecisionEvent>('decision-event', {
    where: { decisionId },
    limit: 1,
  });
  if (latest.items[0]?.value.sequence !== event.sequence) return null;
  const decision = (await records.get<Decision>('decision', decisionId))?.value;
  if (decision === undefined) return 'the decision is gone';
  if (recordDigest(decision) !== event.recordDigest) return 'what was decided was changed';
  return outcomeDigest(decision) === event.outcomeDigest ? null : 'its outcome was changed';
}
