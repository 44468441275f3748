import { type Records, type Stored, VersionConflict, type Write } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import {
  type ChainHead,
  type DecisionEvent,
  genesis,
  linked,
  outcomeDigest,
  recordDigest,
} from '../domain/decision-chain.ts';

/** How often another writer may come between before a commit gives up. */
const maxAttempts = 100;

/**
 * Records in which no decision is written without its link: whoever commits one, the commit carries the event that tells
 * of it, so that a pulled plug keeps both or neither.
 */
export function chainedRecords(records: Records): Records {
  return {
    ...records,
    commit: async (writes, options) => {
      const decisions = writes.filter(({ kind, value }) => kind === 'decision' && value !== null);
      if (decisions.length === 0) return records.commit(writes, options);
      const told = await tidings(records, decisions);
      if (told.length === 0) return records.commit(writes, options);
      for (let attempt = 1; ; attempt++) {
        try {
          return await records.commit([...writes, ...(await links(records, told))], options);
        } catch (error) {
          const behind = error instanceof VersionConflict && isOfTheChain(error);
          if (!behind || attempt >= maxAttempts) throw error;
        }
      }
    },
  };
}

const isOfTheChain = ({ kind }: VersionConflict) => kind === 'chain' || kind === 'decision-event';

export const chainHead = (records: Records): Promise<Stored<ChainHead> | undefined> =>
  records.get<ChainHead>('chain', 'head');

export const eventId = (sequence: number): string => String(sequence).padStart(12, '0');

type Tiding = Pick<
  DecisionEvent,
  'kind' | 'decisionId' | 'atMs' | 'recordDigest' | 'outcomeDigest'
>;

/** What is to be told of the writes: decisions that are new, and such that something has become of. */
async function tidings(records: Records, writes: readonly Write[]): Promise<Tiding[]> {
  const told = await Promise.all(
    writes.map(async ({ id, value, expected }): Promise<Tiding[]> => {
      const decision = value as Decision;
      const before =
        expected === 'absent' ? undefined : (await records.get<Decision>('decision', id))?.value;
      const outcome = outcomeDigest(decision);
      if (before !== undefined && outcomeDigest(before) === outcome) return [];
      const record = recordDigest(decision);
      if (before !== undefined && recordDigest(before) !== record) {
        throw new Error(`decision ${id} would be rewritten: what was decided does not change`);
      }
      return [
        {
          kind: before === undefined ? 'made' : 'outcome',
          decisionId: id,
          atMs: decision.updatedAtMs,
          recordDigest: record,
          outcomeDigest: outcome,
        },
      ];
    }),
  );
  return told.flat();
}

/** The tidings as links behind the newest one. */
async function links(records: Records, told: readonly Tiding[]): Promise<Write[]> {
  const stored = await chainHead(records);
  let head = stored?.value ?? genesis;
  const writes: Write[] = told.map((tiding) => {
    const event = linked(head, tiding);
    head = { sequence: event.sequence, hash: event.hash, atMs: event.atMs };
    const keys = { decisionId: event.decisionId };
    return {
      kind: 'decision-event',
      id: eventId(event.sequence),
      expected: 'absent',
      value: event,
      keys,
    };
  });
  return [
    ...writes,
    { kind: 'chain', id: 'head', expected: stored?.version ?? 'absent', value: head },
  ];
}
